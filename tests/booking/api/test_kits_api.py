from __future__ import annotations

from typing import Any

import pytest

from booking.models import Reservation
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/kits/"


@pytest.fixture
def pool(cast: Cast) -> Resource:
    return factories.open_lab(units=5, name="Sensors")


def body(*resources: Resource, **given: Any) -> dict[str, Any]:
    wanted = given.pop("wanted", wish())
    return {
        "parts": [
            {"resource": each.slug, "quantity": 2 if each.is_pool else 1}
            for each in resources
        ],
        "starts_at": wanted.starts_at.isoformat(),
        "ends_at": wanted.ends_at.isoformat(),
        "purpose": "A pilot",
        **given,
    }


def test_post__kit__every_part_with_its_status(cast: Cast, pool: Resource) -> None:
    api = cast.api(cast.booker)
    answer = api.post(URL, body(cast.lab, cast.studio, pool))
    assert answer.status_code == 201
    kit = answer.json()
    assert [part["status"] for part in kit["parts"]] == [
        "approved",
        "pending",
        "approved",
    ]
    assert {part["kit"] for part in kit["parts"]} == {kit["reference"]}
    assert api.get(f"{URL}{kit['reference']}/").json() == kit
    assert cast.api(cast.stranger).get(f"{URL}{kit['reference']}/").status_code == 404
    assert cast.api(None).post(URL, body(cast.lab, pool)).status_code == 401


def test_post__kit_with_a_key_twice__makes_one(cast: Cast, pool: Resource) -> None:
    api = cast.api(cast.booker)
    answers = [
        api.post(URL, body(cast.lab, pool), headers={"Idempotency-Key": "a"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Reservation.objects.count() == 2


def test_post__kit_that_cannot_be__names_the_part(cast: Cast, pool: Resource) -> None:
    reserve(cast.lab, cast.stranger)
    answer = cast.api(cast.booker).post(URL, body(cast.lab, pool))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "parts_refused")
    (part,) = problem["parts"]
    assert (part["resource"], part["code"]) == (cast.lab.slug, "slot_taken")
    assert {row["why"] for row in problem["alternatives"]} == {"nearest_time"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("parts", []), ("parts", "x"), ("for", "no e-mail"), ("purpose", "")],
)
def test_post__kit_of_the_wrong_shape__is_400(
    cast: Cast, pool: Resource, field: str, value: Any
) -> None:
    given = body(cast.lab, pool) | {field: value}
    answer = cast.api(cast.booker).post(URL, given)
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["fields"])


def test_move_and_cancel__kit__all_of_it(cast: Cast, pool: Resource) -> None:
    api = cast.api(cast.booker)
    url = f"{URL}{api.post(URL, body(cast.lab, pool)).json()['reference']}/"
    later = wish(15)
    moved = api.post(
        f"{url}move/",
        {
            "starts_at": later.starts_at.isoformat(),
            "ends_at": later.ends_at.isoformat(),
        },
    )
    assert moved.status_code == 200
    assert Reservation.objects.filter(starts_at=later.starts_at).count() == 2
    assert cast.api(cast.manager).post(f"{url}cancel/", {}).status_code == 403
    gone = api.post(f"{url}cancel/", {"reason": "Rain"}).json()
    assert [part["status"] for part in gone["parts"]] == ["cancelled", "cancelled"]


def test_post__reservation_for_a_member__says_both(cast: Cast) -> None:
    wanted = body(wanted=wish()) | {"resource": cast.lab.slug}
    del wanted["parts"]
    given = wanted | {"for": cast.booker.email}
    made = cast.api(cast.colleague).post("/api/v1/reservations/", given)
    assert made.status_code == 201
    shown = made.json()
    assert shown["requested_by"] == cast.booker.name
    assert shown["sent_by"] == cast.colleague.name
    refused = cast.api(cast.booker).post(
        "/api/v1/reservations/", wanted | {"for": cast.colleague.email}
    )
    assert refused.status_code == 403


def test_hand_over__reservation__is_theirs(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    url = f"/api/v1/reservations/{made.reference}/hand-over/"
    given = {"to": cast.colleague.email}
    assert cast.api(cast.manager).post(url, given).status_code == 403
    wrong = cast.api(cast.booker).post(url, {"to": cast.stranger.email})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["to"])
    answer = cast.api(cast.booker).post(url, given)
    assert answer.status_code == 200
    assert answer.json()["requested_by"] == cast.colleague.name
