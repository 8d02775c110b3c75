"""Offers and the waiting list over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.factories import reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)

RESERVATIONS = "/api/v1/reservations/"
WAITING = "/api/v1/waiting/"


def period(hour: int) -> dict[str, str]:
    wanted = wish(hour)
    return {
        "starts_at": wanted.starts_at.isoformat(),
        "ends_at": wanted.ends_at.isoformat(),
    }


def window(cast: Cast, **fields: Any) -> dict[str, Any]:
    wanted = wish(10, 2)
    return {
        "resource": cast.lab.slug,
        "window_starts_at": wanted.starts_at.isoformat(),
        "window_ends_at": wanted.ends_at.isoformat(),
        "minutes": 60,
        "purpose": "Recording a pilot",
        **fields,
    }


def test_counter__offered_seen_and_accepted(cast: Cast) -> None:
    url = f"{RESERVATIONS}{reserve(cast.studio, cast.booker).reference}/"
    host, guest = cast.api(cast.manager), cast.api(cast.booker)
    assert guest.get(f"{url}offer/").status_code == 404
    made = host.post(f"{url}counter/", {**period(14), "reason": "Busy"}, "json")
    assert (made.status_code, made.json()["status"]) == (200, "pending")
    offer = guest.get(f"{url}offer/").json()
    assert (offer["offered_by"], offer["reason"]) == ("Hristo Host", "Busy")
    assert cast.api(cast.stranger).get(f"{url}offer/").status_code == 404
    done = guest.post(f"{url}accept/", {}, "json", headers={"If-Match": made["ETag"]})
    assert (done.status_code, done.json()["status"]) == (200, "approved")
    assert guest.post(f"{url}pass/", {}, "json").json()["code"] == "no_offer"


@pytest.mark.parametrize(
    ("verb", "body"), [("counter", "period"), ("accept", ""), ("pass", "")]
)
def test_verbs__not_theirs__are_refused(cast: Cast, verb: str, body: str) -> None:
    url = f"{RESERVATIONS}{reserve(cast.studio, cast.booker).reference}/"
    cast.api(cast.manager).post(f"{url}counter/", period(14), "json")
    given = period(16) if body else {}
    other = cast.booker if verb == "counter" else cast.manager
    assert cast.api(other).post(f"{url}{verb}/", given, "json").status_code == 403
    stranger = cast.api(cast.stranger).post(f"{url}{verb}/", given, "json")
    assert stranger.status_code == 404
    assert cast.api(None).post(f"{url}{verb}/", given, "json").status_code == 401


def test_counter__taken__says_what_else(cast: Cast) -> None:
    url = f"{RESERVATIONS}{reserve(cast.studio, cast.booker).reference}/"
    reserve(cast.studio, cast.stranger, wish(14))
    answer = cast.api(cast.manager).post(f"{url}counter/", period(14), "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert answer.json()["alternatives"]
    naive = {"starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T11:00"}
    answer = cast.api(cast.manager).post(f"{url}counter/", naive, "json")
    assert answer.status_code == 400


def test_waiting__join_list_leave(cast: Cast) -> None:
    reserve(cast.lab, cast.stranger, wish(10, 2))
    guest = cast.api(cast.booker)
    made = guest.post(WAITING, window(cast), "json")
    assert made.status_code == 201
    entry = made.json()
    assert (entry["status"], entry["place"], entry["offer"]) == ("waiting", 1, None)
    again = guest.post(WAITING, window(cast), "json")
    assert (again.status_code, again.json()["code"]) == (409, "waiting_already")
    assert guest.get(WAITING).json()["count"] == 1
    assert cast.api(cast.manager).get(WAITING).json()["count"] == 1
    assert cast.api(cast.stranger).get(WAITING).json()["count"] == 0
    url = f"{WAITING}{entry['reference']}/"
    assert cast.api(cast.stranger).get(url).status_code == 404
    assert cast.api(cast.manager).post(f"{url}leave/", {}, "json").status_code == 403
    left = guest.post(f"{url}leave/", {}, "json")
    assert (left.status_code, left.json()["status"]) == (200, "left")
    assert guest.get(f"{WAITING}?status=waiting").json()["count"] == 0


def test_waiting__free_now__is_offered_and_accepted(cast: Cast) -> None:
    guest = cast.api(cast.booker)
    reference = guest.post(WAITING, window(cast), "json").json()["offer"]
    url = f"{RESERVATIONS}{reference}/"
    assert guest.get(url).json()["status"] == "held"
    assert guest.get(f"{url}offer/").json()["answer_by"]
    done = guest.post(f"{url}accept/", {}, "json")
    assert (done.status_code, done.json()["status"]) == (200, "approved")
    assert guest.get(f"{WAITING}?status=served").json()["count"] == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"minutes": 0}, 400),
        ({"minutes": 70}, 400),
        ({"window_ends_at": "2020-01-01T10:00:00Z"}, 400),
        ({"wish": 1}, 400),
        ({"people": 99}, 422),
        ({"resource": "no-such"}, 404),
    ],
)
def test_waiting__bad_input__is_refused(
    cast: Cast, fields: dict[str, Any], status: int
) -> None:
    answer = cast.api(cast.booker).post(WAITING, window(cast, **fields), "json")
    assert answer.status_code == status


def test_waiting__statements__do_not_grow_with_rows(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for hour in range(4, 20, 2):
        wanted = wish(hour, 2)
        fields = {
            "window_starts_at": wanted.starts_at.isoformat(),
            "window_ends_at": wanted.ends_at.isoformat(),
        }
        cast.api(cast.booker).post(WAITING, window(cast, **fields), "json")
    # count / entries with their place / what is offered / who I am
    with django_assert_max_num_queries(5):
        assert cast.api(cast.booker).get(WAITING).json()["count"] == 8
