"""The API's reservations: the main job, and that a refusal writes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from booking.models import History, Reservation
from tests.cast import Cast
from tests.factories import DAY, HOUR, tomorrow_at

URL = "/api/v1/reservations/"


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "resource": cast.lab.slug,
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(12).isoformat(),
        "purpose": "Recording a pilot",
    } | changes


def made(cast: Cast, client: APIClient | None = None, **changes: Any) -> dict[str, Any]:
    answer = (client or cast.api(cast.booker)).post(URL, body(cast, **changes))
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def assert_refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_create__free_slot__is_reserved(cast: Cast) -> None:
    found = made(cast)
    assert found["status"] == "approved"
    assert found["organisation"] == cast.startup.slug
    assert found["starts_at"].endswith("Z")
    assert found["version"] == 1


def test_create__taken__is_409_with_alternatives_that_work(cast: Cast) -> None:
    made(cast)
    client = cast.api(cast.stranger)
    problem = assert_refused(client.post(URL, body(cast)), 409, "slot_taken")
    assert problem["alternatives"]
    for other in problem["alternatives"]:
        wanted = {name: other[name] for name in ("resource", "starts_at", "ends_at")}
        assert client.post(URL, body(cast, **wanted)).status_code == 201


def test_create__against_rules__is_422_with_each(cast: Cast) -> None:
    start = tomorrow_at(10, 7)
    wanted = body(
        cast, starts_at=start.isoformat(), ends_at=(start + 10 * HOUR).isoformat()
    )
    problem = assert_refused(
        cast.api(cast.booker).post(URL, wanted), 422, "rule_violation"
    )
    codes = {row["code"]: row for row in problem["violations"]}
    assert set(codes) == {"off_grid", "too_long"}
    assert (codes["too_long"]["found"], codes["too_long"]["needed"]) == (600, 480)
    assert codes["too_long"]["overridable"] is True
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "2027-03-01T09:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": 5}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, "ends_at"),
        ({"starts_at": "2027-02-30T09:00:00Z"}, "starts_at"),
        ({"ends_at": tomorrow_at(9).isoformat()}, "ends_at"),
        ({"ends_at": tomorrow_at(10).isoformat()}, "ends_at"),
        ({"people": "many"}, "people"),
        ({"people": 0}, "people"),
        ({"people": 10**12}, "people"),
        ({"quantity": -1}, "quantity"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"purpose": "a\x00b"}, "purpose"),
        ({"purpose": {"a": 1}}, "purpose"),
        ({"resource": ["a"]}, "resource"),
        ({"organisation": "no-such-organisation"}, "organisation"),
        ({"colour": "red"}, "colour"),
        ({"status": "approved"}, "status"),
    ],
)
def test_create__bad_field__is_400_and_named(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    answer = cast.api(cast.booker).post(URL, body(cast, **changes))
    problem = assert_refused(answer, 400, "invalid")
    assert list(problem["fields"]) == [field]
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000]
)
def test_create__no_json_object__is_400(cast: Cast, raw: bytes) -> None:
    client = cast.api(cast.booker)
    answer = client.post(URL, raw, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in {"invalid", "malformed"}


@pytest.mark.parametrize("raw", [r'{"\ud800": 1}', r'{"purpose": "\udfff"}'])
def test_create__half_a_surrogate_pair__is_400(cast: Cast, raw: str) -> None:
    client = cast.api(cast.booker)
    answer = client.generic("POST", URL, raw, content_type="application/json")
    assert_refused(answer, 400, "malformed")


def test_create__ten_megabytes__is_413(cast: Cast) -> None:
    answer = cast.api(cast.booker).post(URL, body(cast, purpose="x" * 10_000_000))
    assert_refused(answer, 413, "too_large")


def test_create__form_encoded__is_415(cast: Cast) -> None:
    answer = cast.api(cast.booker).generic(
        "POST", URL, "a=1", content_type="application/x-www-form-urlencoded"
    )
    assert_refused(answer, 415, "unsupported_media_type")


def test_create__unknown_resource__is_404(cast: Cast) -> None:
    answer = cast.api(cast.booker).post(URL, body(cast, resource="nowhere"))
    assert_refused(answer, 404, "not_found")


def test_create__nobody__is_401(cast: Cast) -> None:
    assert_refused(cast.api(None).post(URL, body(cast)), 401, "not_authenticated")


def test_create__for_anothers_organisation__is_403(cast: Cast) -> None:
    wanted = body(cast, organisation=cast.host.slug)
    assert_refused(cast.api(cast.booker).post(URL, wanted), 403, "permission_denied")


def test_create__same_key_and_body__makes_one(cast: Cast) -> None:
    client = cast.api(cast.booker)
    wanted, key = body(cast), {"Idempotency-Key": "once"}
    first = client.post(URL, wanted, headers=key)
    second = client.post(URL, dict(reversed(wanted.items())), headers=key)
    assert first.json() == second.json()
    assert Reservation.objects.count() == History.objects.count() == 1


def test_create__same_key_other_body__is_422(cast: Cast) -> None:
    client = cast.api(cast.booker)
    key = {"Idempotency-Key": "once"}
    client.post(URL, body(cast), headers=key)
    other = body(cast, resource=cast.studio.slug)
    assert_refused(client.post(URL, other, headers=key), 422, "idempotency_key_reused")
    mine = cast.api(cast.stranger).post(URL, other, headers=key)
    assert mine.status_code == 201, "another person's key is another key"


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\x07b", "import:1"])
def test_create__bad_key__is_400(cast: Cast, key: str) -> None:
    answer = cast.api(cast.booker).post(
        URL, body(cast), headers={"Idempotency-Key": key}
    )
    assert_refused(answer, 400, "bad_idempotency_key")


def test_move__stale_if_match__is_409_and_a_fresh_one_works(cast: Cast) -> None:
    client = cast.api(cast.booker)
    url = f"{URL}{made(cast)['reference']}/"
    etag = client.get(url)["ETag"]
    start = tomorrow_at(14)
    times = {
        "starts_at": start.isoformat(),
        "ends_at": (start + HOUR).isoformat(),
    }
    moved = client.post(f"{url}move/", times, headers={"If-Match": etag})
    assert (moved.status_code, moved["ETag"]) == (200, '"2"')
    again = client.post(f"{url}move/", times, headers={"If-Match": etag})
    assert assert_refused(again, 409, "changed_meanwhile")["version"] == 2
    wrong = client.post(f"{url}move/", times, headers={"If-Match": "yesterday"})
    assert_refused(wrong, 400, "bad_if_match")


def test_approve__matrix(cast: Cast) -> None:
    url = f"{URL}{made(cast, resource=cast.studio.slug)['reference']}/approve/"
    assert_refused(cast.api(None).post(url), 401, "not_authenticated")
    assert_refused(cast.api(cast.stranger).post(url), 404, "not_found")
    assert_refused(cast.api(cast.booker).post(url), 403, "permission_denied")
    assert_refused(cast.api(cast.colleague).post(url), 403, "permission_denied")
    assert cast.api(cast.manager).post(url).json()["status"] == "approved"
    problem = assert_refused(cast.api(cast.staff).post(url), 409, "wrong_status")
    assert problem["decided_by"] == cast.manager.name


def test_decline__without_a_reason__is_400(cast: Cast) -> None:
    url = f"{URL}{made(cast, resource=cast.studio.slug)['reference']}/decline/"
    client = cast.api(cast.manager)
    assert list(assert_refused(client.post(url, {}), 400, "invalid")["fields"]) == [
        "reason"
    ]
    assert client.post(url, {"reason": "Repairs"}).json()["reason"] == "Repairs"


def test_approve__unknown_field__is_refused(cast: Cast) -> None:
    url = f"{URL}{made(cast, resource=cast.studio.slug)['reference']}/approve/"
    answer = cast.api(cast.manager).post(url, {"because": "yes"})
    assert list(assert_refused(answer, 400, "invalid")["fields"]) == ["because"]


def test_history__shows_both_sides_and_404s_a_stranger(cast: Cast) -> None:
    url = f"{URL}{made(cast, resource=cast.studio.slug)['reference']}/"
    cast.api(cast.manager).post(f"{url}ask/", {"reason": "How loud?"})
    for reader in (cast.booker, cast.manager, cast.staff):
        rows = cast.api(reader).get(f"{url}history/").json()
        assert [row["action"] for row in rows] == ["requested", "asked"]
        assert rows[1]["reason"] == "How loud?"
    assert_refused(cast.api(cast.stranger).get(f"{url}history/"), 404, "not_found")
    assert_refused(cast.api(cast.stranger).get(url), 404, "not_found")


def test_list__shows_own_and_hosted_flat_in_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for hour in range(8):
        made(
            cast,
            starts_at=tomorrow_at(8 + hour).isoformat(),
            ends_at=tomorrow_at(9 + hour).isoformat(),
        )
    assert cast.api(cast.stranger).get(URL).json()["count"] == 0
    client = cast.api(cast.manager)
    # Expect 4: the manager's roles, what others delegated, the count, the page with
    # all that it shows.
    with django_assert_num_queries(4):
        page = client.get(URL).json()
    assert page["count"] == 8
    assert client.get(URL, {"status": "pending"}).json()["count"] == 0
    late = (tomorrow_at(10) + DAY).isoformat()
    assert client.get(URL, {"ends_after": late}).json()["count"] == 0
    assert_refused(client.get(URL, {"status": "nonsense"}), 400, "invalid")


def test_unknown_address__is_a_problem_too(cast: Cast) -> None:
    assert_refused(cast.api(cast.booker).get("/api/v1/labs/"), 404, "not_found")
    assert_refused(
        cast.api(cast.booker).delete(f"{URL}ABC/"), 405, "method_not_allowed"
    )
