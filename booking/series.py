"""When a series takes place: a pattern in wall-clock time of its site; pure.

A weekly 09:00 stays 09:00 when the clocks change. A time that a night skips or repeats
is read as the opening hours are: see `booking.expander`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.expander import from_wall
from booking.periods import Period
from booking.weekly import DAYS

#: A year of days; more would be a list that nobody reads.
MOST_DATES = 366
#: Twice as far as anything can be reserved ahead.
LONGEST = dt.timedelta(days=1098)
MOST_INTERVAL = 52
#: Which of a month's weekdays: 0 stands for the date instead, -1 for the last.
WEEKS = (0, 1, 2, 3, 4, -1)


class Repeats(TextChoices):
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")
    PICKED = "picked", _("On dates that I choose")


FREQUENCIES: dict[str, Any] = {
    Repeats.DAILY: rrule.DAILY,
    Repeats.WEEKLY: rrule.WEEKLY,
    Repeats.MONTHLY: rrule.MONTHLY,
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """From `first` on, by the clock on the wall, each `minutes` long.

    `days` are weekdays such as MO: of a week, or the one of a month whose `week` is
    not 0. `picked` dates come on top, `excluded` ones are left out, and still count.
    """

    repeats: str
    first: dt.datetime
    minutes: int
    interval: int = 1
    days: tuple[str, ...] = ()
    week: int = 0
    until: dt.date | None = None
    count: int | None = None
    picked: tuple[dt.date, ...] = ()
    excluded: tuple[dt.date, ...] = ()


def _rule(pattern: Pattern) -> Iterable[dt.datetime]:
    last = pattern.first + LONGEST
    if pattern.until is not None:
        last = min(last, dt.datetime.combine(pattern.until, dt.time.max))
    weekdays = [rrule.weekdays[DAYS.index(day)] for day in pattern.days]
    by_date = None
    if pattern.repeats == Repeats.DAILY:
        weekdays = []
    elif pattern.repeats == Repeats.MONTHLY and pattern.week:
        weekdays = [weekday(pattern.week) for weekday in weekdays]
    elif pattern.repeats == Repeats.MONTHLY:
        # Months without a 31st have no such date.
        weekdays, by_date = [], pattern.first.day
    return rrule.rrule(
        FREQUENCIES[pattern.repeats],
        dtstart=pattern.first,
        interval=pattern.interval,
        byweekday=weekdays or None,
        bymonthday=by_date,
        until=last,
    )


def wall_starts(pattern: Pattern) -> list[dt.datetime]:
    """Return when the dates begin, naive and in order; at most one over MOST_DATES."""
    clock = pattern.first.time()
    if pattern.repeats == Repeats.PICKED:
        starts = {pattern.first}
    else:
        starts = set(islice(_rule(pattern), pattern.count or MOST_DATES + 1))
    starts |= {dt.datetime.combine(day, clock) for day in pattern.picked}
    left = (start for start in starts if start.date() not in pattern.excluded)
    return list(islice(sorted(left), MOST_DATES + 1))


def wall_period(wall: dt.datetime, minutes: int, zone: ZoneInfo) -> Period:
    """Return from then for so long as a clock on the wall shows, in UTC."""
    end = wall + dt.timedelta(minutes=minutes)
    return Period(from_wall(wall, zone), from_wall(end, zone))


def periods(pattern: Pattern, zone: ZoneInfo) -> list[Period]:
    """Return the dates as instants, in order; what a night skips whole is left out."""
    found = [wall_period(wall, pattern.minutes, zone) for wall in wall_starts(pattern)]
    return [period for period in found if period.start < period.end]


def faults(pattern: Pattern) -> dict[str, list[StrOrPromise]]:
    """Return what is wrong with a pattern, by field; empty where it makes sense."""
    first, latest = pattern.first.date(), (pattern.first + LONGEST).date()
    rules = pattern.repeats != Repeats.PICKED
    monthly = pattern.repeats == Repeats.MONTHLY and pattern.week
    until, count = pattern.until, pattern.count
    checks = (
        (
            not 1 <= pattern.interval <= MOST_INTERVAL,
            "interval",
            _("Give a number from 1 to 52."),
        ),
        (pattern.week not in WEEKS, "week", _("Give 1 to 4, or -1 for the last.")),
        (monthly and len(pattern.days) != 1, "days", _("Choose one day of the week.")),
        (
            rules and until is None and count is None,
            "until",
            _("Say until when, or how many times."),
        ),
        (
            rules and until is not None and not first <= until <= latest,
            "until",
            _("The last date comes after the first, within 3 years."),
        ),
        (
            count is not None and not 1 <= count <= MOST_DATES,
            "count",
            _("Give a number from 1 to 366."),
        ),
        (
            any(not first <= day <= latest for day in pattern.picked),
            "picked",
            _("Dates come after the first, within 3 years."),
        ),
    )
    found: dict[str, list[StrOrPromise]] = {}
    for is_wrong, name, text in checks:
        if is_wrong:
            found.setdefault(name, []).append(text)
    return found or _faults_of_number(pattern)


def _faults_of_number(pattern: Pattern) -> dict[str, list[StrOrPromise]]:
    number = len(wall_starts(pattern))
    if not number:
        return {"repeats": [_("There is no such date.")]}
    if number > MOST_DATES:
        return {"repeats": [_("A series has at most 366 dates.")]}
    return {}
