"""The grid of a week as somebody types it: days with spans, copied, split, dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booking.weekly import DAYS, format_clock, parse_clock
from booking.words import DAY_MINUTES

Span = tuple[str, str]
USUAL: Span = ("09:00", "18:00")
WEEKDAYS = DAYS[:5]
MOST_SPANS = 6
#: A day at least so long is split by a break; a shorter one goes on after it.
SPLIT_MINUTES = 180
BREAK_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Day:
    is_open: bool
    spans: tuple[Span, ...]


Week = dict[str, Day]


def names_of(day: str, number: int) -> Span:
    """Return the names of the fields of a day's span; the first is 1."""
    end = "" if number == 1 else f"_{number}"
    return f"{day}_from{end}", f"{day}_to{end}"


def week_published(season: Mapping[str, Any] | None) -> Week:
    """Return a season's week; Monday to Friday where nothing was said yet."""
    if season is None:
        return {day: Day(day in WEEKDAYS, (USUAL,)) for day in DAYS}
    week = {}
    for day in DAYS:
        rows = [row for row in season["weekly"] if day in row["days"]]
        spans = sorted((row["from"], row["to"]) for row in rows)
        week[day] = Day(bool(spans), tuple(spans) or (USUAL,))
    return week


def week_typed(data: Mapping[str, Any]) -> Week:
    """Return the week as it was sent, whatever it says."""
    week = {}
    for day in DAYS:
        names = [names_of(day, number) for number in range(1, MOST_SPANS + 1)]
        spans = [
            (str(data.get(opens, "")), str(data.get(closes, "")))
            for opens, closes in names
            if opens in data or closes in data
        ]
        week[day] = Day(f"{day}_open" in data, tuple(spans) or (USUAL,))
    return week


def week_changed(week: Week, step: str) -> Week | None:
    """Return the week after a step, such as copy-all or add-MO; None: no such step."""
    deed, _dash, at = step.partition("-")
    if deed == "copy" and at in {"weekdays", "all"}:
        days = WEEKDAYS if at == "weekdays" else DAYS
        return week | dict.fromkeys(days, week["MO"])
    day, _dash, number = at.partition("-")
    if day not in week:
        return None
    spans = week[day].spans
    if deed == "add":
        return week | {day: Day(True, _one_more(spans))}
    if deed == "drop" and number and len(spans) > 1:
        left = [each for n, each in enumerate(spans, 1) if str(n) != number]
        return week | {day: Day(week[day].is_open, tuple(left))}
    return None


def _one_more(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if len(spans) >= MOST_SPANS:
        return spans
    try:
        opens, closes = (parse_clock(each) for each in spans[-1])
    except ValueError:
        return (*spans, ("", ""))
    if len(spans) == 1 and closes - opens >= SPLIT_MINUTES:
        middle = (opens + closes - BREAK_MINUTES) // 2 // 30 * 30
        first = format_clock(opens), format_clock(middle)
        return first, (format_clock(middle + BREAK_MINUTES), format_clock(closes))
    start = closes + BREAK_MINUTES
    if start >= DAY_MINUTES:
        return (*spans, ("", ""))
    end = min(start + SPLIT_MINUTES, DAY_MINUTES)
    return (*spans, (format_clock(start), format_clock(end)))


def week_minutes(week: Week) -> int:
    """Return how long it is open a week; what is no time counts nothing."""
    total = 0
    for day in week.values():
        for span in day.spans if day.is_open else ():
            try:
                opens, closes = (parse_clock(each) for each in span)
            except ValueError:
                continue
            total += max(closes - opens, 0)
    return total
