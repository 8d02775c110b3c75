"""Until when somebody may answer what is offered; pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall

#: A counter-offer is answered within so long, at the latest.
COUNTER = dt.timedelta(hours=48)
#: An offer of the waiting list is answered within so much of the day.
ANSWER = dt.timedelta(hours=2)
#: The hours, by the clock of the site, in which somebody may be expected to read it.
DAY_BEGINS, DAY_ENDS = dt.time(8), dt.time(20)


def answer_by(now: dt.datetime, starts_at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return when an offer of the waiting list lapses: two hours of day time later.

    The night does not count, so that nobody loses in their sleep what they waited for;
    but never later than the start.
    """
    at, left = to_wall(now, zone), ANSWER
    while left:
        begins = dt.datetime.combine(at, DAY_BEGINS)
        ends = dt.datetime.combine(at, DAY_ENDS)
        at = max(at, begins)
        used = min(left, max(ends - at, dt.timedelta()))
        at, left = at + used, left - used
        if left:
            at = begins + dt.timedelta(days=1)
    return min(from_wall(at, zone), starts_at)


def counter_until(
    now: dt.datetime, lapses_at: dt.datetime | None, *starts: dt.datetime
) -> dt.datetime:
    """Return when a counter-offer lapses: before its request does, before it starts."""
    ends = [now + COUNTER, *starts]
    return min([*ends, lapses_at] if lapses_at else ends)
