"""A series as one event that repeats, where that says the truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event

from booking.expander import from_wall, to_wall
from booking.ics.events import CANCELLED, Known, Said, event
from booking.models import Reservation, Series
from booking.series import Pattern, Repeats, periods, wall_starts

#: Fewer that are alike are no repetition.
FEWEST = 2
FREQUENCIES = {
    Repeats.DAILY: "DAILY",
    Repeats.WEEKLY: "WEEKLY",
    Repeats.MONTHLY: "MONTHLY",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How a series was asked for: `walls` are its dates by number less one.

    `all_walls` are those that the rule alone gives, before any were left out.
    """

    pattern: Pattern
    zone: ZoneInfo
    walls: list[dt.datetime]
    all_walls: list[dt.datetime]

    def name_of(self, number: int) -> dt.datetime:
        """Return what calendars call a date of the series for ever, moved or not."""
        return self.walls[number - 1].replace(tzinfo=self.zone)

    def fits(self, number: int, reservation: Reservation) -> bool:
        """Whether the reservation is when the rule says, by every way to count."""
        starts_at, ends_at = reservation.starts_at, reservation.ends_at
        wall, length = (
            self.walls[number - 1],
            dt.timedelta(minutes=self.pattern.minutes),
        )
        return (
            starts_at == from_wall(wall, self.zone)
            and ends_at - starts_at == length
            and to_wall(ends_at, self.zone) - wall == length
        )

    @property
    def recurrence(self) -> dict[str, Any]:
        """Return it as an RRULE; counted, as an UNTIL is read in different ways."""
        pattern = self.pattern
        found: dict[str, Any] = {
            "freq": FREQUENCIES[Repeats(pattern.repeats)],
            "count": len(self.all_walls),
        }
        if pattern.interval > 1:
            found["interval"] = pattern.interval
        if pattern.repeats == Repeats.WEEKLY and pattern.days:
            found["byday"] = list(pattern.days)
        elif pattern.repeats == Repeats.MONTHLY and pattern.week:
            found["byday"] = [f"{pattern.week}{day}" for day in pattern.days]
        elif pattern.repeats == Repeats.MONTHLY:
            found["bymonthday"] = pattern.first.day
        return found


def rule_of(series: Series) -> Rule | None:
    """Return the rule of a series, None where it has none that calendars share.

    That stays so for the whole of its life. Dates chosen by hand have no rule, and a
    time that a night skips is read in different ways.
    """
    pattern, zone = series.pattern, series.resource.site.zone
    if pattern.repeats == Repeats.PICKED or pattern.picked:
        return None
    all_walls = wall_starts(replace(pattern, excluded=()))
    if any(to_wall(from_wall(wall, zone), zone) != wall for wall in all_walls):
        return None
    walls = wall_starts(pattern)
    if len(periods(pattern, zone)) != len(walls):
        return None
    return Rule(pattern, zone, walls, all_walls)


def series_events(
    rule: Rule,
    known: Known,
    dates: Mapping[int, tuple[Reservation, Said]],
) -> list[Event]:
    """Return the event that repeats and those that differ from it, with one UID.

    `dates` are by number; what is not among them is no more. Returns nothing where so
    few are alike that it is better to say each for itself.
    """
    regular = [
        said
        for number, (reservation, said) in dates.items()
        if rule.fits(number, reservation) and said.status != CANCELLED
    ]
    if not regular:
        return []
    (usual, alike), *_others = Counter(regular).most_common(1)
    if alike < FEWEST:
        return []
    events = [_repeating(rule, known, usual, set(dates))]
    for number, (reservation, said) in sorted(dates.items()):
        if said != usual or not rule.fits(number, reservation):
            events.append(date_event(rule, known, number, reservation, said))
    return events


def _repeating(rule: Rule, known: Known, said: Said, numbers: set[int]) -> Event:
    first = rule.all_walls[0]
    length = dt.timedelta(minutes=rule.pattern.minutes)
    repeating = event(
        known,
        said,
        first.replace(tzinfo=rule.zone),
        (first + length).replace(tzinfo=rule.zone),
    )
    repeating.add("rrule", rule.recurrence)
    if left_out := list(_left_out(rule, numbers)):
        repeating.add("exdate", left_out)
    return repeating


def _left_out(rule: Rule, numbers: Iterable[int]) -> Iterator[dt.datetime]:
    there = {rule.walls[number - 1] for number in numbers}
    for wall in rule.all_walls:
        if wall not in there:
            yield wall.replace(tzinfo=rule.zone)


def date_event(
    rule: Rule, known: Known, number: int, reservation: Reservation, said: Said
) -> Event:
    """Return one date of a series by itself, named by when it was to begin."""
    zone = reservation.resource.site.zone
    one = event(
        known,
        said,
        reservation.starts_at.astimezone(zone),
        reservation.ends_at.astimezone(zone),
    )
    one.add("recurrence-id", rule.name_of(number))
    return one
