from __future__ import annotations

import datetime as dt
from functools import lru_cache

from icalendar import Timezone

#: What happens just outside of these years a calendar may ask as well.
MARGIN_YEARS = 1


@lru_cache(maxsize=256)  # the same for every mail and feed of a year
def zone_text(tzid: str, first_year: int, last_year: int) -> bytes:
    """Return the VTIMEZONE of an IANA zone with its changes in those years.

    In the years that matter, not in all that there were: calendars read it each time.
    """
    zone = Timezone.from_tzid(
        tzid,
        first_date=dt.date(first_year - MARGIN_YEARS, 1, 1),
        last_date=dt.date(last_year + MARGIN_YEARS + 1, 1, 1),
    )
    return bytes(zone.to_ical())
