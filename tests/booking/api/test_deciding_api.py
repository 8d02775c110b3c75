"""Paths, rules, deputies and bulk decisions over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from booking.models import ApprovalRule, Delegation, WorkingHours
from booking.services.decisions import reservation_answer, reservation_ask
from config import clock
from tests import factories
from tests.booking.api.test_reservations_api import assert_refused
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish

URL = "/api/v1/reservations/"


@pytest.fixture
def asked(cast: Cast) -> Any:
    factories.set_policy(cast.studio, approval_path="host_hub")
    return reserve(cast.studio, cast.booker)


def test_reservation__shows_its_path_and_whose_turn(cast: Cast, asked: Any) -> None:
    address = f"{URL}{asked.reference}/"
    shown = cast.api(cast.booker).get(address).json()
    assert (shown["approval_path"], shown["waits_for"]) == ("host_hub", "host")
    assert cast.api(cast.manager).post(f"{address}approve/").status_code == 200
    shown = cast.api(cast.booker).get(address).json()
    assert (shown["status"], shown["waits_for"]) == ("pending", "hub")
    rows = cast.api(cast.booker).get(f"{address}decisions/").json()
    assert [(r["turn"], r["verdict"], r["by"]) for r in rows] == [
        ("host", "approved", "Hristo Host")
    ]
    cast.api(cast.staff).post(f"{address}approve/")
    shown = cast.api(cast.booker).get(address).json()
    assert (shown["status"], shown["waits_for"]) == ("approved", None)
    assert shown["decided_by"] == "Stella Staff"


def test_approve__second_at_a_stage__is_409_with_who_and_when(
    cast: Cast, asked: Any
) -> None:
    address = f"{URL}{asked.reference}/approve/"
    fellow = factories.person(cast.host, "manager")
    assert cast.api(cast.manager).post(address).status_code == 200
    late = cast.api(fellow).post(address, headers={"if-match": '"1"'})
    problem = assert_refused(late, 409, "wrong_status")
    assert problem["decided_by"] == "Hristo Host"
    assert problem["decided_at"]
    assert_refused(cast.api(cast.booker).post(address), 403, "permission_denied")


def test_decline__code__needs_words_only_for_other(cast: Cast, asked: Any) -> None:
    address = f"{URL}{asked.reference}/decline/"
    client = cast.api(cast.manager)
    problem = assert_refused(client.post(address, {"code": "other"}), 400, "invalid")
    assert list(problem["fields"]) == ["reason"]
    assert_refused(client.post(address, {"code": "weather"}), 400, "invalid")
    done = client.post(address, {"code": "safety"}).json()
    assert (done["status"], done["decline_code"], done["reason"]) == (
        "declined",
        "safety",
        "",
    )


def test_thread__both_sides__read_what_was_said(cast: Cast, asked: Any) -> None:
    known = {"reference": asked.reference}
    reservation_ask(actor=cast.manager, reason="How many?", **known)
    reservation_answer(actor=cast.booker, reason="Four.", **known)
    address = f"{URL}{asked.reference}/thread/"
    for reader in (cast.manager, cast.booker, cast.staff):
        rows = cast.api(reader).get(address).json()
        assert [(r["by"], r["said"], r["text"]) for r in rows] == [
            ("Hristo Host", "asked", "How many?"),
            ("Boyana Booker", "answered", "Four."),
        ]
    assert_refused(cast.api(cast.stranger).get(address), 404, "not_found")


def test_decide__many__answers_for_each(cast: Cast) -> None:
    rows = [reserve(cast.studio, cast.booker, wish(hour)) for hour in (8, 10, 12)]
    client = cast.api(cast.staff)
    client.post(f"{URL}{rows[1].reference}/approve/")
    items = [
        {"reference": rows[0].reference, "version": 1, "verdict": "approve"},
        {"reference": rows[1].reference, "version": 1, "verdict": "approve"},
        {"reference": rows[2].reference, "verdict": "decline", "code": "capacity"},
        {"reference": "ZZZZZZZZ", "verdict": "approve"},
    ]
    answer = cast.api(cast.manager).post(f"{URL}decide/", {"items": items})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [row["status"] for row in results] == [200, 409, 200, 404]
    assert results[1]["problem"]["decided_by"] == "Stella Staff"
    assert results[1]["reservation"] is None
    assert results[2]["reservation"]["decline_code"] == "capacity"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [{"reference": "A"}]},
        {"items": [{"reference": "A", "verdict": "perhaps"}]},
        {"items": [{"reference": "A\0", "verdict": "approve"}]},
        {"items": [{"reference": "A", "verdict": "approve"}] * 51},
    ],
)
def test_decide__bad_shape__is_400(cast: Cast, body: Any) -> None:
    answer = cast.api(cast.staff).post(f"{URL}decide/", body)
    assert_refused(answer, 400, "invalid")


def test_patch__what_matters__asks_again(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    address = f"{URL}{made.reference}/"
    cast.api(cast.manager).post(f"{address}approve/")
    client = cast.api(cast.booker)
    done = client.patch(address, {"purpose": "Another pilot"})
    assert (done.json()["status"], done.json()["purpose"]) == (
        "approved",
        "Another pilot",
    )
    stale = client.patch(address, {"people": 2}, headers={"if-match": '"1"'})
    assert_refused(stale, 409, "changed_meanwhile")
    later = {"starts_at": tomorrow_at(14).isoformat(), "people": 2}
    later["ends_at"] = tomorrow_at(15).isoformat()
    done = client.patch(address, later, headers={"if-match": done.headers["ETag"]})
    assert (done.json()["status"], done.json()["people"]) == ("pending", 2)
    history = client.get(f"{address}history/").json()
    assert history[-1]["action"] == "changed"
    assert history[-1]["changes"]["people"] == [1, 2]
    for wrong in ({"status": "approved"}, {"people": 0}, {"purpose": ""}):
        assert_refused(client.patch(address, wrong), 400, "invalid")
    assert_refused(client.patch(address, {"people": 99}), 422, "rule_violation")
    assert cast.api(cast.stranger).patch(address, {"people": 3}).status_code == 404


def test_approval_rules__managers__add_try_and_remove(cast: Cast) -> None:
    reserve(cast.studio, cast.booker)
    reserve(cast.studio, cast.booker, wish(12, 3))
    address = f"/api/v1/resources/{cast.studio.slug}/approval-rules/"
    client = cast.api(cast.manager)
    given = {"at_most_minutes": 60, "organisations": [cast.startup.slug]}
    trial = client.post(f"{address}try/", given)
    assert trial.status_code == 200, trial.content
    assert trial.json()["requests"] == 2
    assert len(trial.json()["approved"]) == 1
    assert not ApprovalRule.objects.exists()
    made = client.post(address, given)
    assert made.status_code == 201
    assert client.get(address).json() == [made.json()]
    assert_refused(client.post(address, {}), 400, "invalid")
    assert_refused(cast.api(cast.booker).get(address), 403, "permission_denied")
    assert client.delete(f"{address}{made.json()['id']}/").status_code == 204
    assert client.delete(f"{address}{made.json()['id']}/").status_code == 404


def test_delegations__named_listed_and_ended(cast: Cast) -> None:
    deputy = factories.person(cast.host)
    today = clock.today().isoformat()
    given = {
        "organisation": cast.host.slug,
        "deputy": deputy.email,
        "starts_on": today,
        "ends_on": today,
    }
    address = "/api/v1/delegations/"
    made = cast.api(cast.manager).post(address, given)
    assert made.status_code == 201, made.content
    for reader, seen in ((cast.manager, 1), (deputy, 1), (cast.booker, 0)):
        assert cast.api(reader).get(address).json()["count"] == seen
    wrong = cast.api(cast.manager).post(address, given | {"deputy": "x@example.com"})
    assert list(assert_refused(wrong, 400, "invalid")["fields"]) == ["deputy"]
    one = f"{address}{made.json()['id']}/"
    assert cast.api(deputy).delete(one).status_code == 404
    assert cast.api(cast.manager).delete(one).status_code == 204
    assert not Delegation.objects.exists()


def test_working_hours__staff_set_them_and_everybody_reads(cast: Cast) -> None:
    address = "/api/v1/working-hours/"
    assert cast.api(cast.booker).get(address).json() == {"week": []}
    week = {"week": [{"day": "MO", "from": "09:00", "to": "18:00"}]}
    assert cast.api(cast.staff).put(address, week).json() == week
    assert_refused(cast.api(cast.manager).put(address, week), 403, "permission_denied")
    wrong = {"week": [{"day": "MO", "from": "18:00", "to": "09:00"}]}
    assert_refused(cast.api(cast.staff).put(address, wrong), 400, "invalid")
    assert WorkingHours.objects.count() == 1
