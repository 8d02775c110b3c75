from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from booking.periods import Period, merge, subtract
from tests.booking.examples import examples

NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

# Short ones close together, so that they overlap, touch, are empty and reversed.
spans = st.tuples(st.integers(0, 40), st.integers(0, 40))
many = st.lists(spans, max_size=8)


def period(start: int, end: int) -> Period:
    return Period(NOON + start * MINUTE, NOON + end * MINUTE)


def minutes(spans: list[tuple[int, int]]) -> set[int]:
    """The naive model: which minutes are covered."""
    return {minute for start, end in spans for minute in range(start, end)}


def runs(covered: set[int]) -> list[Period]:
    """The model's minutes as the longest periods without a gap."""
    starts = sorted(minute for minute in covered if minute - 1 not in covered)
    ends = sorted(minute + 1 for minute in covered if minute + 1 not in covered)
    return [period(*run) for run in zip(starts, ends, strict=True)]


@examples(300)
@given(many)
def test_merge__any_periods__is_their_minutes(given: list[tuple[int, int]]) -> None:
    assert merge(period(*span) for span in given) == runs(minutes(given))


@examples(300)
@given(many, many)
def test_subtract__any_holes__leaves_the_other_minutes(
    given: list[tuple[int, int]], holes: list[tuple[int, int]]
) -> None:
    left = subtract([period(*s) for s in given], [period(*s) for s in holes])
    assert left == runs(minutes(given) - minutes(holes))


@examples(300)
@given(spans.filter(lambda s: s[0] < s[1]), spans.filter(lambda s: s[0] < s[1]))
def test_overlaps_and_contains__any_two__are_those_of_their_minutes(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    mine, theirs = minutes([one]), minutes([other])
    assert period(*one).overlaps(period(*other)) == bool(mine & theirs)
    assert period(*one).contains(period(*other)) == (theirs <= mine)


def test_merge__neighbours_that_touch__become_one() -> None:
    assert merge([period(5, 9), period(0, 5)]) == [period(0, 9)]


def test_overlaps__neighbours_that_touch__do_not() -> None:
    assert not period(0, 5).overlaps(period(5, 9))
    assert period(0, 6).overlaps(period(5, 9))
