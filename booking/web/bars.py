"""Days as bars: geometry in percent, so that no style is needed to place them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from booking.periods import Period
from booking.selectors.strips import Strip
from booking.web.wall import clock_at

HOUR = dt.timedelta(hours=1)
#: What is shown at least, in hours after midnight.
USUAL_DAY = (8, 18)
#: So many marks of the clock find room beneath a bar on a phone.
MOST_MARKS = 6
STEPS_HOURS = (1, 2, 3, 4, 6)


@dataclass
class Bar:
    looks: str
    x: str
    width: str


@dataclass
class Drawing:
    bars: list[Bar]
    marks: list[tuple[str, str]]
    strip: Strip


def drawings(days: list[tuple[Strip, ZoneInfo]], wanted: Period) -> list[Drawing]:
    """Return the drawing of each day, all from the same hour to the same."""
    if not days:
        return []
    edges = [_hours(strip, wanted) for strip, _zone in days]
    first = min(start for start, _end in edges)
    last = max(end for _start, end in edges)
    return [_drawing(strip, zone, wanted, first, last) for strip, zone in days]


def _hours(strip: Strip, wanted: Period) -> tuple[int, int]:
    """Return which hours after midnight must be seen."""
    shown = [*strip.open, _within(wanted, strip.day)]
    start = min((each.start - strip.day.start) // HOUR for each in shown)
    end = max(-(-(each.end - strip.day.start) // HOUR) for each in shown)
    return min(start, USUAL_DAY[0]), max(end, USUAL_DAY[1])


def _within(period: Period, day: Period) -> Period:
    """Return the part of a period that lies in the day, empty where none does."""
    start = min(max(period.start, day.start), day.end)
    return Period(start, min(max(period.end, start), day.end))


def _drawing(
    strip: Strip, zone: ZoneInfo, wanted: Period, first: int, last: int
) -> Drawing:
    shown = Period(strip.day.start + first * HOUR, strip.day.start + last * HOUR)

    def percent(span: dt.timedelta) -> str:
        return f"{span / (shown.end - shown.start) * 100:.2f}%"

    def bars(looks: str, periods: list[Period]) -> list[Bar]:
        return [
            Bar(
                looks, percent(each.start - shown.start), percent(each.end - each.start)
            )
            for each in periods
            if each.start < each.end
        ]

    step = next(
        (step for step in STEPS_HOURS if (last - first) / step <= MOST_MARKS),
        STEPS_HOURS[-1],
    )
    hours = range(-(-first // step) * step, last, step)
    marks = [(hour, strip.day.start + hour * HOUR) for hour in hours]
    return Drawing(
        bars("open", strip.open)
        + bars("taken", strip.taken)
        + bars("wanted", [_within(wanted, strip.day)]),
        [(percent(at - shown.start), clock_at(at, zone)) for _hour, at in marks],
        strip,
    )
