"""A move gives up one slot and takes another, in one step for everybody else."""

from __future__ import annotations

from functools import partial

import pytest

from booking.models import Reservation
from booking.services.reservations import reservation_move
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


def move_to(
    cast: Cast, made: Reservation, hour: int, version: int | None = None
) -> Job:
    wanted = wish(hour)
    return partial(
        reservation_move,
        actor=cast.booker,
        reference=made.reference,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        version=version,
    )


def test_move_against_reserve__on_one_slot__one_gets_it(cast: Cast) -> None:
    winners = set()
    for n in range(ROUNDS):
        made = reserve(cast.lab, cast.booker, wish(2 * n + 6))
        take = partial(reserve, cast.lab, cast.stranger, wish(2 * n + 7))
        moved, *taken = race([move_to(cast, made, 2 * n + 7), take, take])
        assert outcomes([moved, *taken]) == {"approved": 1, "SlotTaken": 2}
        made.refresh_from_db()
        stayed = isinstance(moved, Exception)
        assert made.starts_at == wish(2 * n + (6 if stayed else 7)).starts_at
        winners.add(stayed)
    assert_all_is_well()


def test_move_against_reserve__of_the_slot_given_up__is_free_only_after_it(
    cast: Cast,
) -> None:
    for n in range(ROUNDS):
        made = reserve(cast.lab, cast.booker, wish(2 * n + 6))
        take = partial(reserve, cast.lab, cast.stranger, wish(2 * n + 6))
        moved, taken = race([move_to(cast, made, 2 * n + 7), take])
        assert outcomes([moved]) == {"approved": 1}
        assert outcomes([taken]) in ({"approved": 1}, {"SlotTaken": 1})
    assert_all_is_well()


def test_move__two_want_each_others_slots__neither_gets_it(cast: Cast) -> None:
    for n in range(ROUNDS):
        one = reserve(cast.lab, cast.booker, wish(2 * n + 6))
        other = reserve(cast.lab, cast.booker, wish(2 * n + 7))
        swap = [move_to(cast, one, 2 * n + 7), move_to(cast, other, 2 * n + 6)]
        assert outcomes(race(swap)) == {"SlotTaken": 2}
    assert_all_is_well()


def test_move__six_times_at_once_with_if_match__happens_once(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(6))
    jobs = [move_to(cast, made, hour, version=1) for hour in range(8, 14)]
    results = race(jobs)
    assert outcomes(results) == {"approved": 1, "ChangedMeanwhile": 5}
    (moved,) = (r for r in results if isinstance(r, Reservation))
    made.refresh_from_db()
    assert (made.starts_at, made.ends_at) == (moved.starts_at, moved.starts_at + HOUR)
    assert made.version == 2
    assert_all_is_well()
