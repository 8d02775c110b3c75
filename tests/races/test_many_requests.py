"""Hundreds of requests that overlap at random, over whatever can share a unit."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from booking.models import Reservation
from booking.selectors.facts import Wish
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import reservation_move
from config.errors import DomainError
from labs.models import Resource
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
#: Whoever loses gets one of these and nothing else.
REFUSALS = {"SlotTaken", "RuleViolation", "Busy"}


@pytest.fixture
def shared(cast: Cast) -> list[Resource]:
    """A lab, a pool of three, and a hall with its two parts; turnarounds differ."""
    parts = [factories.open_lab(organisation=cast.host, name=n) for n in ("One", "Two")]
    hall = factories.hall(parts, name="Hall")
    factories.set_policy(hall, turnaround_minutes=30)
    factories.set_policy(parts[0], turnaround_minutes=15)
    factories.publish(hall)
    pool = factories.open_lab(units=3, organisation=cast.host, name="Benches")
    return [cast.lab, pool, hall, *parts]


def a_wish(dice: random.Random, resource: Resource) -> Wish:
    """One to four hours within a day of twelve; of a pool, one to three."""
    start = tomorrow_at(8) + dice.randrange(48) * HOUR / 4
    quantity = dice.randint(1, 3) if resource.is_pool else 1
    return Wish(start, start + dice.randint(1, 4) * HOUR, quantity=quantity)


def test_reserve__two_hundred_at_random__never_two_in_one_unit(
    cast: Cast, shared: list[Resource]
) -> None:
    dice = random.Random(1)
    jobs = []
    for _ in range(200):
        resource = dice.choice(shared)
        wanted = a_wish(dice, resource)
        jobs.append(partial(reserve, resource, cast.booker, wanted))
    came_of_it = outcomes(race(jobs, THREADS))
    assert set(came_of_it) <= REFUSALS | {"approved"}
    # There was a fight, and it was not refused wholesale.
    assert came_of_it["approved"] >= 15
    assert came_of_it["SlotTaken"] >= 50
    assert came_of_it["approved"] == Reservation.objects.count()
    assert_all_is_well()


def test_everything__at_random__keeps_the_ledger_true(
    cast: Cast, shared: list[Resource]
) -> None:
    dice = random.Random(3)
    made = []
    for resource in shared:
        for hour in range(8, 16, 2):
            wanted = Wish(tomorrow_at(hour), tomorrow_at(hour) + HOUR)
            try:
                made.append(reserve(resource, cast.booker, wanted))
            except DomainError:
                continue
    jobs: list[Callable[[], Any]] = []
    for _ in range(100):
        resource, victim = dice.choice(shared), dice.choice(made)
        wanted = a_wish(dice, resource)
        known: dict[str, Any] = {"actor": cast.booker, "reference": victim.reference}
        move = partial(
            reservation_move,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            **known,
        )
        jobs.append(
            dice.choice(
                [
                    partial(reserve, resource, cast.booker, wanted),
                    partial(reservation_cancel, **known),
                    move,
                    move,
                ]
            )
        )
    came_of_it = outcomes(race(jobs, THREADS))
    # A cancelled one is cancelled or moved once more.
    assert set(came_of_it) <= REFUSALS | {"approved", "cancelled", "WrongStatus"}
    assert came_of_it["cancelled"]
    assert came_of_it["SlotTaken"]
    assert_all_is_well()
