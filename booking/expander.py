"""Turns a published event into periods, in wall-clock time of its zone.

django-scheduler's own expansion takes the zone from the query, adds elapsed hours on
23- and 25-hour days and compares lists in O(n²). Here a weekly 09:00 stays 09:00, and
a whole day ends when the day does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil import rrule

from booking.periods import Period

if TYPE_CHECKING:
    from schedule.models import Event, Occurrence

#: No zone moves its clocks by more.
LARGEST_CHANGE = dt.timedelta(hours=3)


def from_wall(naive: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the instant of a wall-clock time, in UTC.

    In the hour that spring skips it moves forward by the gap; in the hour that autumn
    repeats it is the first one.
    """
    return naive.replace(tzinfo=zone).astimezone(dt.UTC)


def to_wall(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return what a clock on the wall showed at that instant, naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def _wall_starts(
    event: Event, zone: ZoneInfo, lo: dt.datetime, hi: dt.datetime
) -> Iterable[dt.datetime]:
    start = to_wall(event.start, zone)
    if event.rule is None:
        return [start]
    until = event.end_recurring_period
    rule = rrule.rrule(
        event.rule.rrule_frequency(),
        dtstart=start,
        until=to_wall(until, zone) if until else None,
        **event.rule.get_params(),
    )
    return rule.between(lo, hi, inc=True)


def expand(
    event: Event,
    exceptions: Iterable[Occurrence],
    zone: ZoneInfo,
    window: Period,
) -> Iterator[Period]:
    """Yield the periods of an event that touch the window, in UTC.

    `exceptions` are its stored occurrences: cancelled or moved dates, found by the
    instant they were to start.
    """
    todo = {exception.original_start: exception for exception in exceptions}
    if event.rule is None and not todo:
        # Most closures, thousands where an outside calendar is full: as they stand.
        once = Period(event.start, event.end)
        if once.overlaps(window):
            yield once
        return
    start, end = to_wall(event.start, zone), to_wall(event.end, zone)
    span = end - start
    # Where the window begins or ends in an hour that is skipped or repeated, the clock
    # on the wall says less than the instant: look a little further, then compare those.
    lo = to_wall(window.start, zone) - span - LARGEST_CHANGE
    hi = to_wall(window.end, zone) + LARGEST_CHANGE
    for wall in _wall_starts(event, zone, lo, hi):
        period = Period(from_wall(wall, zone), from_wall(wall + span, zone))
        exception = todo.pop(period.start, None)
        if exception is not None:
            if exception.cancelled:
                continue
            period = Period(exception.start, exception.end)
        if period.start < period.end and period.overlaps(window):
            yield period
    for exception in todo.values():
        # Moved into the window from a date outside of it.
        period = Period(exception.start, exception.end)
        if not exception.cancelled and period.overlaps(window):
            yield period
