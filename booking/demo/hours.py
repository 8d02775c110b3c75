"""Publishes when the example hub's resources are open, from some weeks ago on.

Not through `opening_hours_publish`: that begins today, and rebuilds once for each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from booking.demo.places import Place
from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.services import calendars, ledger
from booking.services.open_periods import PAST, open_periods_rebuild
from booking.weekly import at_wall, parse_clock, require_sane

DAY = dt.timedelta(days=1)


def hours_publish(
    places: Collection[Place], holidays: AvailabilityCalendar, today: dt.date
) -> None:
    """Write weekly hours, closures and holidays of all; in the caller's transaction."""
    pks = [place.resource.pk for place in places]
    ledger.lock_units(pks)
    for place in places:
        own = calendars.own_calendar(place.resource)
        require_sane(place.data.weekly)
        for hours in place.data.weekly:
            calendars.add_weekly(own, hours, today - PAST, None)
        for row in place.data.dates:
            _add_date(own, row, today)
    holidays.resources.add(*(place.resource for place in places if place.data.holidays))
    open_periods_rebuild(pks)


def _add_date(
    calendar: AvailabilityCalendar, row: dict[str, Any], today: dt.date
) -> None:
    effect = AvailabilityRule.Effect
    first = workday(today, row["workday"]) if "workday" in row else None
    first = first or today + row["day"] * DAY
    last = first + (row.get("days", 1) - 1) * DAY
    calendars.add_once(
        calendar,
        at_wall(first, parse_clock(row["from"]), calendar.zone),
        at_wall(last, parse_clock(row["until"]), calendar.zone),
        effect=effect.CLOSED if "reason" in row else effect.OPEN,
        reason=row.get("reason", ""),
        note=row["note"],
        note_bg=row["note_bg"],
    )


def workday(today: dt.date, count: int) -> dt.date:
    """Return the date so many working days ahead, or back where it is negative."""
    step = DAY if count > 0 else -DAY
    day = today
    for _ in range(abs(count)):
        day += step
        while day.weekday() > 4:
            day += step
    return day
