"""Many want one slot: one gets it, and the others a refusal that leads on."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from booking.exceptions import SlotTaken
from booking.models import Policy, Reservation
from labs.models import User
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)


def people(cast: Cast, number: int) -> list[User]:
    return [factories.person(cast.startup) for _ in range(number)]


def test_reserve__fifty_for_one_slot__exactly_one_gets_it(cast: Cast) -> None:
    jobs = [partial(reserve, cast.lab, person) for person in people(cast, 50)]
    results = race(jobs)
    assert outcomes(results) == {"approved": 1, "SlotTaken": 49}
    for refused in results:
        if isinstance(refused, SlotTaken):
            why = {row["why"] for row in refused.extra["alternatives"]}
            assert why == {"nearest_time", "other_day", "same_kind"}
    assert Reservation.objects.count() == 1
    assert_all_is_well()


def test_reserve__twenty_for_a_pool_of_seven__seven_get_one(cast: Cast) -> None:
    pool = factories.open_lab(units=7, organisation=cast.host)
    results = race([partial(reserve, pool, person) for person in people(cast, 20)])
    assert outcomes(results) == {"approved": 7, "SlotTaken": 13}
    assert_all_is_well()


def test_reserve__as_many_as_the_pool_has__all_get_one(cast: Cast) -> None:
    # Without the lock all choose the same seat, and are refused beside free ones.
    pool = factories.open_lab(units=6, organisation=cast.host)
    for hour in range(8, 11):
        jobs = [partial(reserve, pool, cast.booker, wish(hour)) for _ in range(6)]
        assert outcomes(race(jobs)) == {"approved": 6}
    assert_all_is_well()


def test_reserve__both_halves_and_the_hall__never_overlap(cast: Cast) -> None:
    left = factories.open_lab(organisation=cast.host)
    right = factories.open_lab(organisation=cast.host, site=left.site)
    hall = factories.hall([left, right])
    factories.set_policy(hall)
    factories.publish(hall)
    for hour in range(8, 13):
        jobs = [
            partial(reserve, r, cast.booker, wish(hour)) for r in (left, right, hall)
        ]
        results = race(jobs * 3)
        # Whoever came first: the hall alone, or the two halves.
        assert outcomes(results) in (
            {"approved": 1, "SlotTaken": 8},
            {"approved": 2, "SlotTaken": 7},
        )
    assert_all_is_well()


def test_post__sixteen_for_one_slot__one_created_and_fifteen_conflicts(
    cast: Cast,
) -> None:
    body = {
        "resource": cast.lab.slug,
        "starts_at": wish().starts_at.isoformat(),
        "ends_at": wish().ends_at.isoformat(),
        "purpose": "Recording a pilot",
        "people": 2,
    }

    def post(person: User) -> Any:
        return cast.api(person).post("/api/v1/reservations/", body)

    answers = race([partial(post, person) for person in people(cast, 16)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "slot_taken"
            assert answer.json()["alternatives"]
    assert_all_is_well()


def test_flush__between_tests__leaves_the_hub_its_policy(cast: Cast) -> None:
    # Those before this one emptied every table, and effective values end there.
    hub = Policy.objects.get(resource=None, organisation=None)
    assert {name: getattr(hub, name) for name in Policy.VALUES} == Policy.FIRST_VALUES
    assert Policy.objects.count() == 3
