"""A stretch of one resource's time as segments that tile it exactly; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from booking.periods import Period

#: No grid of a resource is finer, so times on a grid are shown as they are.
STEP = dt.timedelta(minutes=5)
#: What columns are wide where every edge allows it.
QUARTER = dt.timedelta(minutes=15)
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Use:
    """What takes a number of units: a reservation, or the turnaround after it.

    `taken` is the reservation as `visibility` lets the viewer see it.
    """

    period: Period
    taken: dict[str, Any]
    is_turnaround: bool = False

    @property
    def quantity(self) -> int:
        return int(self.taken["quantity"])


@dataclass(frozen=True, slots=True)
class Closing:
    """A closure, and in words why, as far as the viewer may know."""

    period: Period
    why: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A part in which nothing changes. `free` counts the units that nobody uses."""

    period: Period
    is_open: bool
    free: int
    uses: tuple[Use, ...] = ()
    why: str = ""

    @property
    def is_free(self) -> bool:
        return self.is_open and self.free > 0

    @property
    def minutes(self) -> int:
        return int((self.period.end - self.period.start).total_seconds() // 60)


def floor(at: dt.datetime, step: dt.timedelta = STEP) -> dt.datetime:
    return at - (at - EPOCH) % step


def ceil(at: dt.datetime, step: dt.timedelta = STEP) -> dt.datetime:
    return at + (EPOCH - at) % step


def widened(period: Period) -> Period:
    """Return it from and until whole steps: nothing that is taken looks free."""
    return Period(floor(period.start), ceil(period.end))


def narrowed(period: Period) -> Period:
    return Period(ceil(period.start), floor(period.end))


def uses_of(taken: Iterable[dict[str, Any]]) -> list[Use]:
    """Return the uses of taken times as the timeline gives them: ISO 8601 text."""
    uses = []
    for row in taken:
        start, end, free = (
            dt.datetime.fromisoformat(row[name])
            for name in ("starts_at", "ends_at", "free_at")
        )
        period = widened(Period(start, end))
        uses.append(Use(period, row))
        if ceil(free) > period.end:
            turnaround = Period(period.end, ceil(free))
            uses.append(Use(turnaround, row, is_turnaround=True))
    return uses


def segments(
    span: Period,
    *,
    opened: Iterable[Period],
    uses: Sequence[Use] = (),
    closings: Sequence[Closing] = (),
    units: int = 1,
    is_pool: bool = False,
    cut: dt.datetime | None = None,
) -> list[Segment]:
    """Return the span as segments: sorted, none empty, each beginning where one ends.

    A pool's say how many units are free, with all who use the others; anything else is
    free as a whole or not at all. What has room for more does not reach over `cut`,
    such as the present.
    """
    whole = [narrowed(period) for period in opened if period.overlaps(span)]
    uses = [use for use in uses if use.period.overlaps(span)]
    closings = [replace(each, period=widened(each.period)) for each in closings]
    periods = [*whole, *(u.period for u in uses), *(c.period for c in closings)]
    edges = {edge for period in periods for edge in period} | {cut or span.start}
    inner = {edge for edge in edges if span.start < edge < span.end}
    found: list[Segment] = []
    for pair in pairwise(sorted(inner | {*span})):
        part = Period(*pair)
        inside = tuple(use for use in uses if use.period.contains(part))
        used = sum(use.quantity for use in inside) if is_pool else units * bool(inside)
        is_open = any(period.contains(part) for period in whole)
        whys = (each.why for each in closings if each.period.contains(part))
        why = "" if is_open or inside else next(whys, "")
        new = Segment(part, is_open, max(units - used, 0), inside, why)
        is_cut = part.start == cut and new.free and (is_pool or is_open)
        if found and not is_cut and _alike(found[-1], new, is_pool=is_pool):
            found[-1] = _joined(found[-1], new)
        else:
            found.append(new)
    return found


def _alike(one: Segment, other: Segment, *, is_pool: bool) -> bool:
    same = (one.is_open, one.free, one.why) == (other.is_open, other.free, other.why)
    return same and (is_pool or one.uses == other.uses)


def _joined(one: Segment, other: Segment) -> Segment:
    more = tuple(use for use in other.uses if use not in one.uses)
    period = Period(one.period.start, other.period.end)
    return replace(one, period=period, uses=one.uses + more)


def column_of(span: Period, row: Iterable[Segment]) -> dt.timedelta:
    """Return how wide a column must be for every edge to fall on one."""
    gaps = (each.period.start - span.start for each in row)
    is_coarse = all(gap % QUARTER == dt.timedelta() for gap in gaps)
    return QUARTER if is_coarse else STEP


def columns(span: Period, column: dt.timedelta) -> Iterator[dt.datetime]:
    """Yield where each column begins, and where the last one ends."""
    for number in range((span.end - span.start) // column + 1):
        yield span.start + number * column
