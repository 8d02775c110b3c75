"""Several resources at once, in whatever order they are named: all of them or none."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from booking.models import Kit, Reservation
from booking.selectors.facts import Wish
from booking.services.kits import PartWish, kit_cancel, kit_move, kit_reserve
from booking.services.reservations import Idempotency
from labs.models import Resource
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


@pytest.fixture
def things(cast: Cast) -> list[Resource]:
    pool = factories.open_lab(units=3, name="Sensors")
    return [cast.lab, pool, factories.open_lab(name="Printer")]


def kit(
    cast: Cast, things: list[Resource], wanted: Wish, key: Idempotency | None = None
) -> Job:
    return partial(
        kit_reserve,
        actor=cast.booker,
        organisation_slug="",
        parts=[PartWish(each.slug, 2 if each.is_pool else 1) for each in things],
        wish=wanted,
        purpose="A pilot",
        idempotency=key,
    )


def test_kits__in_opposite_order__one_has_all_and_the_others_nothing(
    cast: Cast, things: list[Resource]
) -> None:
    for hour in range(8, 12):
        orders = [things, things[::-1]] * (THREADS // 2)
        results = race([kit(cast, each, wish(hour)) for each in orders])
        assert outcomes(results) == {"done": 1, "PartsRefused": THREADS - 1}
    assert Kit.objects.count() == 4
    assert Reservation.objects.count() == 12
    assert_all_is_well()


def test_kits__against_single_ones__never_in_part(
    cast: Cast, things: list[Resource]
) -> None:
    kits = 0
    for hour in range(8, 12):
        jobs: list[Job] = [kit(cast, things, wish(hour))] * 4
        jobs += [partial(reserve, things[0], cast.stranger, wish(hour))] * 6
        jobs += [partial(reserve, things[2], cast.stranger, wish(hour))] * 6
        came_of_it = outcomes(race(jobs))
        kits += came_of_it["done"]
        assert came_of_it["done"] + bool(came_of_it["approved"]) == 1
        assert came_of_it["approved"] in {0, 1, 2}
    assert Reservation.objects.filter(kit__isnull=False).count() == 3 * kits
    assert_all_is_well()


def test_kits__moved_cancelled_and_asked_for_at_once__all_stay_whole(
    cast: Cast, things: list[Resource]
) -> None:
    made = [kit(cast, things, wish(hour))() for hour in (8, 10, 12)]
    jobs: list[Job] = []
    for n in range(4):
        for each in made:
            later = wish(9 + n)
            known: dict[str, Any] = {"actor": cast.booker, "reference": each.reference}
            times: dict[str, Any] = {
                "starts_at": later.starts_at,
                "ends_at": later.ends_at,
            }
            jobs += [partial(kit_move, **known, **times)]
            jobs += [kit(cast, things[::-1], later)]
        jobs += [
            partial(kit_cancel, actor=cast.booker, reference=made[0].reference),
        ]
    came_of_it = outcomes(race(jobs, THREADS))
    assert set(came_of_it) <= {"done", "PartsRefused", "WrongStatus"}
    for each in Kit.objects.all():
        assert each.parts.values("starts_at", "status").distinct().count() == 1
        assert each.parts.count() == 3
    assert_all_is_well()


def test_kits__one_key_sixteen_times__makes_one(
    cast: Cast, things: list[Resource]
) -> None:
    results = race([kit(cast, things, wish(), Idempotency("a", "1"))] * THREADS)
    assert outcomes(results) == {"done": THREADS}
    assert len({each.pk for each in results}) == 1
    assert_all_is_well()
