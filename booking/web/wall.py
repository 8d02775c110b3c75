"""What a person reads off the clock on the wall, turned into an instant."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall
from booking.weekly import is_shown


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
    if not is_shown(day, minutes, zone):
        raise SkippedTime
    second = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    return Moment(first, first != second)


def minutes_of(wall: dt.datetime) -> int:
    """Return the minutes after midnight."""
    return wall.hour * 60 + wall.minute


def clock_at(instant: dt.datetime, zone: ZoneInfo) -> str:
    """Return what the clock in the zone shows then, as 09:30."""
    wall = instant.astimezone(zone)
    return f"{wall.hour:02}:{wall.minute:02}"


def next_full_hour(now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the next full hour that the clock in the zone will show, naive."""
    hour = dt.timedelta(hours=1)
    wall = to_wall(now, zone).replace(minute=0, second=0, microsecond=0) + hour
    while not is_shown(wall.date(), minutes_of(wall), zone):
        wall += hour
    return wall
