"""The hub's working hours as a clock that runs and stands still; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall
from booking.models.paths import Level
from booking.periods import Period

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
#: At which part of the time to decide a request is passed on, and how far.
LEVELS = ((0.5, Level.REMINDED), (0.75, Level.DEPUTIES), (0.875, Level.STAFF))


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the hub works: `week` is minutes after midnight by weekday, Monday 0.

    An empty week is one round the clock, holidays included: nobody said otherwise.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()

    def periods(self, start: dt.datetime, end: dt.datetime) -> Iterator[Period]:
        """Yield the working periods within `[start, end)`, in order, in UTC."""
        if not self.week:
            if start < end:
                yield Period(start, end)
            return
        day = to_wall(start, self.zone).date()
        last = to_wall(end, self.zone).date()
        while day <= last:
            if day.weekday() in self.week and day not in self.holidays:
                midnight = dt.datetime.combine(day, dt.time())
                edges = (
                    from_wall(midnight + minutes * MINUTE, self.zone)
                    for minutes in self.week[day.weekday()]
                )
                opens, closes = edges
                if max(opens, start) < min(closes, end):
                    yield Period(max(opens, start), min(closes, end))
            day += DAY

    def after(
        self, start: dt.datetime, span: dt.timedelta, latest: dt.datetime
    ) -> dt.datetime:
        """Return when so much working time has passed since `start`, or `latest`."""
        for period in self.periods(start, latest):
            if period.end - period.start >= span:
                return period.start + span
            span -= period.end - period.start
        return max(start, latest)

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return how much working time lies between the two."""
        lengths = (each.end - each.start for each in self.periods(start, end))
        return sum(lengths, dt.timedelta())


def alarms(
    time: WorkingTime, since: dt.datetime, due: dt.datetime
) -> list[tuple[dt.datetime, Level]]:
    """Return when a request is passed on, if nobody decides from `since` to `due`.

    Measured in working time; where none is left, by the clock on the wall.
    """
    span = time.between(since, due)
    if not span:
        return [(since + (due - since) * part, level) for part, level in LEVELS]
    return [(time.after(since, span * part, due), level) for part, level in LEVELS]
