"""The nearest places and the usual hours, as arithmetic."""

from __future__ import annotations

import datetime as dt

from booking.periods import Period
from booking.selectors.choosing import open_by_hour
from booking.selectors.finding import Slot
from booking.selectors.nearby import free_at, nearest_of_each
from tests.factories import SOFIA

HOUR = dt.timedelta(hours=1)
MIDNIGHT = dt.datetime(2027, 3, 1, tzinfo=SOFIA).astimezone(dt.UTC)


def at(start: float, end: float) -> Period:
    return Period(MIDNIGHT + start * HOUR, MIDNIGHT + end * HOUR)


def slot(pk: int, start: float, end: float, grid: int = 15) -> Slot:
    return Slot(pk, at(start, end), grid, SOFIA)


def test_nearest__before_and_after__the_nearer_of_each() -> None:
    slots = [slot(1, 6, 9), slot(1, 13, 20), slot(2, 14, 20), slot(3, 0, 4)]
    found = nearest_of_each(slots, at(10, 12), 5)
    assert found == [(1, at(7, 9)), (2, at(14, 16)), (3, at(2, 4))]
    assert nearest_of_each(slots, at(10, 12), 2) == found[:2]


def test_nearest__off_the_grid__is_moved_onto_it_or_left_out() -> None:
    wide = slot(1, 10, 18, grid=120)
    assert nearest_of_each([wide], at(11, 13), 5)[0].period in (at(10, 12), at(12, 14))
    none = slot(2, 11, 13, grid=120)
    assert nearest_of_each([none, slot(2, 16, 18)], at(11, 13), 5) == [(2, at(16, 18))]


def test_free_at__counts_each_resource_that_has_it_on_its_grid() -> None:
    slots = [
        slot(1, 8, 12),
        slot(1, 9, 12),
        slot(2, 10, 12),
        slot(3, 8, 12, 120),
        slot(4, 8, 12),
    ]
    assert free_at(slots, at(9, 11)) == 2
    assert free_at(slots, at(10, 12)) == 4
    assert free_at(slots, at(13, 14)) == 0


def test_open_by_hour__counts_what_is_open_long_enough() -> None:
    spans = [(at(-5, 3), 1), (at(1.5, 6), 10), (at(160, 400), 100), (at(2, 3), 1000)]
    opened = open_by_hour(spans, MIDNIGHT, 2 * HOUR)
    assert opened[:6] == [1, 1, 10, 10, 10, 0]
    assert opened[159:] == [0, *[100] * 8]
