"""A naive model of recurring hours, to hold the expander against.

It walks day by day and finds the instant of a wall-clock time by trying every offset
that the zone has around it; no rrule, no `fold`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schedule.models import Event, Rule

from booking.periods import Period

LETTERS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = dt.timedelta(days=1)


def instant(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The first instant when a clock in the zone shows that, or would have shown it.

    A time that spring skips is counted with the offset from before the change.
    """
    as_utc = wall.replace(tzinfo=dt.UTC)
    around = (as_utc - DAY, as_utc + DAY)
    offsets = [
        moment.astimezone(zone).utcoffset() or dt.timedelta() for moment in around
    ]
    moments = sorted(as_utc - offset for offset in offsets)
    shown = [m for m in moments if m.astimezone(zone).replace(tzinfo=None) == wall]
    return shown[0] if shown else as_utc - offsets[0]


@dataclass(frozen=True)
class Hours:
    """Recurring hours as a person says them: since a day, from a time, for so long."""

    zone: ZoneInfo
    first: dt.date
    opens: dt.timedelta
    span: dt.timedelta
    frequency: str | None
    days: tuple[str, ...]
    interval: int
    until: dt.date | None

    def event(self) -> Event:
        """The same, as django-scheduler has it; not saved."""
        wall = self.wall_start(self.first)
        rule = None
        if self.frequency:
            given = [f"byweekday:{','.join(self.days)}"] if self.days else []
            params = ";".join([*given, f"interval:{self.interval}"])
            rule = Rule(name="hours", frequency=self.frequency, params=params)
        until = None
        if self.until is not None:
            last = dt.datetime.combine(self.until, dt.time(23, 59))
            until = instant(last, self.zone)
        return Event(
            start=instant(wall, self.zone),
            end=instant(wall + self.span, self.zone),
            rule=rule,
            end_recurring_period=until,
        )

    def wall_start(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time()) + self.opens

    def falls_on(self, day: dt.date) -> bool:
        if day < self.first or (self.until is not None and day > self.until):
            return False
        if self.frequency is None:
            return day == self.first
        if self.days and LETTERS[day.weekday()] not in self.days:
            return False
        if self.frequency == "DAILY":
            return (day - self.first).days % self.interval == 0
        if not self.days and day.weekday() != self.first.weekday():
            return False
        # Weeks begin on Mondays.
        weeks = (_monday(day) - _monday(self.first)).days // 7
        return weeks % self.interval == 0

    def periods(self, window: Period) -> list[Period]:
        """Every occurrence that touches the window, by looking at every day."""
        found = []
        day = (window.start - self.span).date() - 2 * DAY
        while day <= window.end.date() + 2 * DAY:
            wall = self.wall_start(day)
            period = Period(
                instant(wall, self.zone), instant(wall + self.span, self.zone)
            )
            if (
                self.falls_on(day)
                and period.start < period.end
                and period.overlaps(window)
            ):
                found.append(period)
            day += DAY
        return found


def _monday(day: dt.date) -> dt.date:
    return day - day.weekday() * DAY
