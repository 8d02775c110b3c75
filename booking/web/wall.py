"""What a person reads off the clock on the wall, turned into an instant."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall


class SkippedTime(ValueError):
    """No clock showed that time: spring skipped it."""


class Moment(NamedTuple):
    """An instant, and whether the clock showed that time twice (this is the first)."""

    at: dt.datetime
    is_repeated: bool


def moment_of(day: dt.date, minutes: int, zone: ZoneInfo) -> Moment:
    """Return the instant when the clock shows so many minutes of the day, in UTC.

    Raises SkippedTime in the hour that spring skips.
    """
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    first = from_wall(wall, zone)
    if to_wall(first, zone) != wall:
        raise SkippedTime
    second = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    return Moment(first, first != second)


def minutes_of(wall: dt.datetime) -> int:
    """Return the minutes after midnight."""
    return wall.hour * 60 + wall.minute


def next_full_hour(now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the next full hour that the clock in the zone will show, naive."""
    return to_wall(now, zone).replace(minute=0, second=0, microsecond=0) + dt.timedelta(
        hours=1
    )
