"""Opening hours of a week as plain values, in wall-clock minutes; pure.

Minutes after midnight, 0 to 1440: the end of the day is a time that `datetime.time`
cannot say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from booking.expander import from_wall, to_wall
from config.errors import Invalid

if TYPE_CHECKING:
    from schedule.models import Event

DAY = dt.timedelta(days=1)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """From `opens` until `closes` on each of `days`, by the clock on the wall.

    Minutes after midnight, 0 to 1440; a night is two entries that touch at midnight.
    """

    days: tuple[str, ...]
    opens: int
    closes: int

    @property
    def minutes_a_week(self) -> int:
        return len(set(self.days)) * (self.closes - self.opens)


def parse_clock(value: str) -> int:
    """Return the minutes after midnight of "09:30", at most "24:00".

    Raises ValueError for anything else.
    """
    hours, colon, minutes = value.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()
    found = int(hours) * 60 + int(minutes) if colon and digits else -1
    if not 0 <= found <= 1440 or int(minutes) > 59:
        raise ValueError(value)
    return found


def format_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def require_sane(weekly: Sequence[WeeklyHours]) -> None:
    """Raise Invalid (400) for unknown days, wrong times and hours that overlap."""
    taken: dict[str, list[tuple[int, int]]] = {day: [] for day in DAYS}
    for number, hours in enumerate(weekly):
        at = f"weekly.{number}"
        if not hours.days or any(day not in DAYS for day in hours.days):
            raise Invalid({f"{at}.days": [_("Use MO, TU, WE, TH, FR, SA and SU.")]})
        if hours.opens < 0 or hours.closes > 1440:
            raise Invalid({at: [_("Give times from 00:00 to 24:00.")]})
        if hours.closes <= hours.opens:
            raise Invalid({f"{at}.to": [_("It must close after it opens.")]})
        for day in set(hours.days):
            if any(a < hours.closes and hours.opens < b for a, b in taken[day]):
                raise Invalid({at: [_("These hours overlap others of the same day.")]})
            taken[day].append((hours.opens, hours.closes))


def at_wall(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """Return the instant when the clock there shows so many minutes of the day."""
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    return from_wall(wall, zone)


def is_shown(day: dt.date, minutes: int, zone: ZoneInfo) -> bool:
    """Tell whether the clock there ever shows that; in spring it skips some times."""
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    return to_wall(from_wall(wall, zone), zone) == wall


def weekly_of(
    event: Event, zone: ZoneInfo
) -> tuple[WeeklyHours, dt.date, dt.date | None]:
    """Return what `add_weekly` was given: the hours, since when and until when."""
    start, end = to_wall(event.start, zone), to_wall(event.end, zone)
    days = tuple(event.rule.params.removeprefix("byweekday:").split(","))
    opens = start.hour * 60 + start.minute
    closes = opens + int((end - start).total_seconds() // 60)
    until = event.end_recurring_period
    last = to_wall(until, zone).date() if until else None
    # One that ends before it starts has its only dates by hand: see `add_weekly`.
    first = start.date() if last is None else min(start.date(), last)
    return WeeklyHours(days, opens, closes), first, last


@dataclass(slots=True)
class Season:
    """Hours that hold together, from a date until and with another (None: for good)."""

    first: dt.date
    last: dt.date | None
    weekly: list[WeeklyHours]


Published = tuple[WeeklyHours, dt.date, dt.date | None]


def seasons_of(published: Iterable[Published], today: dt.date) -> list[Season]:
    """Put together again what was published together, as far as it is not over.

    What holds on some days begins on the first of them, so that hours of one week
    begin on several dates: on each they could have been published on any day since the
    last such weekday before. Publishing a season again as it reads changes nothing.
    """
    found: list[tuple[dt.date, Season]] = []
    for hours, first, last in published:
        if last is not None and last < today:
            continue
        latest = _next_on(hours.days, max(first, today))
        latest = min(latest, last or latest)
        earliest = latest
        while earliest > today and DAYS[(earliest - DAY).weekday()] not in hours.days:
            earliest -= DAY
        for number, (since, season) in enumerate(found):
            if season.last == last and earliest <= season.first and since <= latest:
                season.first = min(season.first, latest)
                season.weekly.append(hours)
                found[number] = max(since, earliest), season
                break
        else:
            found.append((earliest, Season(latest, last, [hours])))
    for _since, season in found:
        season.weekly.sort(key=lambda each: (DAYS.index(each.days[0]), each.opens))
    return sorted((s for _since, s in found), key=lambda season: season.first)


def _next_on(days: Sequence[str], day: dt.date) -> dt.date:
    while DAYS[day.weekday()] not in days:
        day += DAY
    return day
