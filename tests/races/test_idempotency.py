"""A client that got no answer asks again, perhaps while the first one still runs."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from booking.exceptions import IdempotencyKeyReused
from booking.models import Reservation
from booking.services.reservations import Idempotency
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_reserve__one_key_from_eight_at_once__makes_one(cast: Cast) -> None:
    key = Idempotency("retry-1", "hash of the body")
    results = race([partial(reserve, cast.lab, cast.booker, idempotency=key)] * 8)
    assert outcomes(results) == {"approved": 8}
    assert len({made.reference for made in results}) == 1
    assert Reservation.objects.count() == 1
    assert_all_is_well()


def test_reserve__one_key_for_other_things_at_once__makes_one(cast: Cast) -> None:
    # The lab's lock does not keep those out who ask for the studio.
    for n in range(6):
        jobs = [
            partial(
                reserve,
                resource,
                cast.booker,
                wish(8 + n),
                idempotency=Idempotency(f"key {n}", f"hash {resource.pk}"),
            )
            for resource in (cast.lab, cast.studio)
        ]
        results = race(jobs * 2)
        made = {r.reference for r in results if isinstance(r, Reservation)}
        refused = [r for r in results if isinstance(r, IdempotencyKeyReused)]
        assert len(made) == 1, results
        assert len(refused) == 2, results
    assert Reservation.objects.count() == 6
    assert_all_is_well()


def test_post__one_key_from_eight_at_once__one_body_for_all(cast: Cast) -> None:
    body = {
        "resource": cast.lab.slug,
        "starts_at": wish().starts_at.isoformat(),
        "ends_at": wish().ends_at.isoformat(),
        "purpose": "Recording a pilot",
        "people": 2,
    }

    def post(people: int) -> Any:
        return cast.api(cast.booker).post(
            "/api/v1/reservations/",
            {**body, "people": people},
            headers={"Idempotency-Key": "one"},
        )

    answers = race([partial(post, 2)] * 8)
    assert Counter(answer.status_code for answer in answers) == {201: 8}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    other = post(3)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Reservation.objects.count() == 1
