"""Segments against a naive look at every step of the span."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.periods import Period
from booking.segments import (
    QUARTER,
    STEP,
    Closing,
    Segment,
    Use,
    column_of,
    columns,
    segments,
    uses_of,
)
from tests.booking.examples import examples

NINE = dt.datetime(2027, 3, 1, 7, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DAY_STEPS = 48


def period(start: int, end: int) -> Period:
    return Period(NINE + start * MINUTE, NINE + end * MINUTE)


def use(start: int, end: int, quantity: int = 1) -> Use:
    return Use(period(start, end), {"quantity": quantity, "number": start})


SPAN = period(0, 5 * DAY_STEPS)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.integers(-5, DAY_STEPS + 5))
    length = draw(st.integers(1, 20))
    return period(5 * start, 5 * (start + length))


@examples(150)
@given(
    opened=st.lists(periods(), max_size=3),
    taken=st.lists(st.tuples(periods(), st.integers(1, 3)), max_size=5),
    closed=st.lists(periods(), max_size=2),
    units=st.integers(1, 4),
    is_pool=st.booleans(),
    cut=st.none() | st.integers(-3, DAY_STEPS + 3),
)
def test_segments__of_anything__tile_the_span_and_lose_nothing(
    opened: list[Period],
    taken: list[tuple[Period, int]],
    closed: list[Period],
    units: int,
    is_pool: bool,
    cut: int | None,
) -> None:
    uses = [
        Use(each, {"quantity": quantity, "number": number})
        for number, (each, quantity) in enumerate(taken)
    ]
    at = None if cut is None else NINE + 5 * cut * MINUTE
    found = segments(
        SPAN,
        opened=opened,
        uses=uses,
        closings=[Closing(each, "why") for each in closed],
        units=units,
        is_pool=is_pool,
        cut=at,
    )
    assert (found[0].period.start, found[-1].period.end) == SPAN
    assert all(one.period.end == other.period.start for one, other in pairwise(found))
    assert all(each.period.start < each.period.end for each in found)
    for number in range(DAY_STEPS):
        step = period(5 * number, 5 * number + 5)
        (segment,) = (each for each in found if each.period.contains(step))
        there = [each for each in uses if each.period.overlaps(step)]
        assert all(each in segment.uses for each in there)
        assert is_pool or list(segment.uses) == there
        used = sum(each.quantity for each in there) if is_pool else units * bool(there)
        assert segment.free == max(units - used, 0)
        assert segment.is_open == any(each.overlaps(step) for each in opened)
    if at is not None and SPAN.start < at < SPAN.end:
        over = (each for each in found if each.period.start < at < each.period.end)
        assert not any(each.is_free for each in over)
    shown = {each.taken["number"] for segment in found for each in segment.uses}
    overlapping = (each for each in uses if each.period.overlaps(SPAN))
    assert shown == {each.taken["number"] for each in overlapping}


def told(found: list[Segment]) -> list[tuple[int, int, bool, int]]:
    return [
        (
            (each.period.start - NINE) // MINUTE,
            (each.period.end - NINE) // MINUTE,
            each.is_open,
            each.free,
        )
        for each in found
    ]


def test_segments__open_with_a_use__free_taken_free_closed() -> None:
    found = segments(SPAN, opened=[period(0, 180)], uses=[use(60, 120)])
    assert told(found) == [
        (0, 60, True, 1),
        (60, 120, True, 0),
        (120, 180, True, 1),
        (180, 240, False, 1),
    ]
    assert [each.is_free for each in found] == [True, False, True, False]


def test_segments__over_the_present__only_what_is_free_is_cut() -> None:
    taken = segments(SPAN, opened=[SPAN], uses=[use(0, 120)], cut=NINE + 60 * MINUTE)
    assert told(taken) == [(0, 120, True, 0), (120, 240, True, 1)]
    free = segments(SPAN, opened=[SPAN], uses=[use(0, 120)], cut=NINE + 180 * MINUTE)
    assert told(free) == [(0, 120, True, 0), (120, 180, True, 1), (180, 240, True, 1)]


def test_segments__of_a_pool__say_how_many_are_free() -> None:
    uses = [use(0, 60, 2), use(60, 120, 2), use(90, 150)]
    found = segments(SPAN, opened=[SPAN], uses=uses, units=4, is_pool=True)
    assert told(found) == [
        (0, 90, True, 2),
        (90, 120, True, 1),
        (120, 150, True, 3),
        (150, 240, True, 4),
    ]
    assert found[0].uses == tuple(uses[:2])


def test_segments__of_a_hall__are_taken_by_any_part() -> None:
    found = segments(SPAN, opened=[SPAN], uses=[use(0, 60), use(30, 90)], units=2)
    assert [len(each.uses) for each in found] == [1, 2, 1, 0]
    assert [each.is_free for each in found] == [False, False, False, True]


def test_segments__closed_for_a_reason__says_it_where_nothing_is_open() -> None:
    closings = [Closing(period(57, 120), "Maintenance")]
    found = segments(SPAN, opened=[period(0, 55)], closings=closings)
    assert [each.why for each in found] == ["", "Maintenance", ""]
    assert told(found)[1] == (55, 120, False, 1)


def row(start: str, end: str, free: str) -> dict[str, Any]:
    day = "2027-03-01T"
    times = {"starts_at": start, "ends_at": end, "free_at": free}
    return {name: f"{day}{time}Z" for name, time in times.items()} | {"quantity": 1}


def test_uses_of__off_the_step__grow_to_it_and_never_look_free() -> None:
    (stay, turnaround) = uses_of([row("07:02:00", "07:58:30", "08:13:30")])
    assert stay.period == period(0, 60)
    assert (turnaround.period, turnaround.is_turnaround) == (period(60, 75), True)
    (only,) = uses_of([row("07:00:00", "08:00:00", "08:00:00")])
    assert only.period == period(0, 60)


@pytest.mark.parametrize(("start", "width"), [(45, QUARTER), (50, STEP)])
def test_column_of__edges__as_wide_as_they_allow(start: int, width: Any) -> None:
    found = segments(SPAN, opened=[SPAN], uses=[use(start, 120)])
    assert column_of(SPAN, found) == width
    edges = list(columns(SPAN, width))
    assert (edges[0], edges[-1]) == SPAN
    assert {each.period.start for each in found} <= set(edges)
