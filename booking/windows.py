"""Days, weeks and months as a site's calendar has them, and what of a time is peak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall
from booking.periods import Period
from booking.weekly import DAYS

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


class Peak(NamedTuple):
    """Weekdays, and minutes after midnight by the clock on the wall."""

    days: Sequence[str]
    starts: int
    ends: int


def window_of(kind: str, instant: dt.datetime, zone: ZoneInfo) -> Period:
    """Return the day, the week from Monday or the month in which an instant lies.

    From midnight to midnight by the clock on the wall, so a day of 23 or 25 hours too.
    """
    first = to_wall(instant, zone).date()
    if kind == "day":
        after = first + DAY
    elif kind == "week":
        first -= first.weekday() * DAY
        after = first + 7 * DAY
    else:
        first = first.replace(day=1)
        after = (first + 31 * DAY).replace(day=1)
    return Period(_midnight(first, zone), _midnight(after, zone))


def windows_of(kind: str, period: Period, zone: ZoneInfo) -> Iterator[Period]:
    """Yield the windows that a period touches, in order and without gaps."""
    window = window_of(kind, period.start, zone)
    while window.start < period.end:
        yield window
        window = window_of(kind, window.end, zone)


def minutes_within(period: Period, window: Period) -> int:
    """Return how many minutes of a period lie in a window."""
    span = min(period.end, window.end) - max(period.start, window.start)
    return max(span, dt.timedelta()) // MINUTE


def peak_minutes(period: Period, peaks: Sequence[Peak], zone: ZoneInfo) -> int:
    """Return how much of it is peak time, by the clock on the wall.

    What two peaks share counts once. PostgreSQL's `booking_peak_minutes` is the same.
    """
    start, end = to_wall(period.start, zone), to_wall(period.end, zone)
    taken: set[int] = set()
    midnight = dt.datetime.combine(start, dt.time())
    for number in range((end - midnight).days + 1):
        day = midnight + number * DAY
        low = max((start - day) // MINUTE, 0)
        high = min((end - day) // MINUTE, 24 * 60)
        for days, opens, closes in peaks:
            if DAYS[day.weekday()] in days:
                offset = number * 24 * 60
                span = range(max(low, opens), min(high, closes))
                taken.update(offset + minute for minute in span)
    return len(taken)


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return from_wall(dt.datetime.combine(day, dt.time()), zone)
