"""Until when an offer is answered, and where somebody in line could go; pure."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.deadlines import answer_by
from booking.periods import Period
from booking.selectors.lines import places_in
from tests.factories import HOUR, SOFIA, tomorrow_at


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        ((25, 10, 0), (27, 9, 0), (25, 12, 0)),
        ((25, 19, 0), (27, 9, 0), (26, 9, 0)),
        ((25, 23, 30), (27, 9, 0), (26, 10, 0)),
        ((25, 3, 0), (27, 9, 0), (25, 10, 0)),
        ((25, 20, 0), (27, 9, 0), (26, 10, 0)),
        ((25, 10, 0), (25, 10, 45), (25, 10, 45)),
        ((25, 23, 30), (26, 9, 0), (26, 9, 0)),
    ],
)
def test_answer_by__two_hours_of_day_time_before_the_start(
    now: tuple[int, int, int], starts: tuple[int, int, int], until: tuple[int, int, int]
) -> None:
    def at(day: int, hour: int, minute: int) -> dt.datetime:
        return dt.datetime(2026, 11, day, hour, minute, tzinfo=SOFIA)

    assert answer_by(at(*now), at(*starts), SOFIA) == at(*until)


def test_places__what_was_passed_is_left_out() -> None:
    start = tomorrow_at(10)
    slots, passed = [Period(start, start + 4 * HOUR)], [Period(start, start + HOUR)]
    found = places_in(slots, passed, 60, 15, SOFIA)
    assert found == [Period(start + HOUR, start + 2 * HOUR)]
    near = places_in(slots, passed, 60, 15, SOFIA, start + 2 * HOUR)
    assert near[0] == Period(start + 2 * HOUR, start + 3 * HOUR)
