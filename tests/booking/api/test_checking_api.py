"""Why not: every rule with what it found and needs, asked before or told after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import History, Occupancy, Reservation
from booking.rules import RULES
from tests import factories
from tests.booking.api.test_reservations_api import URL, assert_refused, body, made
from tests.cast import Cast
from tests.factories import DAY, HOUR, tomorrow_at

CHECK = f"{URL}check/"
#: An hour of notice, at most two hours.
STRICT = {"notice_minutes": 3 * 24 * 60, "max_duration_minutes": 60}
CODES = ["too_long", "too_little_notice"]


def checked(cast: Cast, user: Any = None, **changes: Any) -> dict[str, Any]:
    answer = cast.api(user or cast.booker).post(CHECK, body(cast, **changes))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_check__feasible__lists_every_rule_and_writes_nothing(cast: Cast) -> None:
    found = checked(cast)
    assert found["feasible"]
    assert [rule["code"] for rule in found["rules"]] == [rule.code for rule in RULES]
    assert all(rule["ok"] and rule["name"] for rule in found["rules"])
    by_code = {rule["code"]: rule for rule in found["rules"]}
    assert by_code["too_long"]["found"] == 120
    assert by_code["too_long"]["needed"] >= 120
    assert (found["taken"], found["nearest"]) == (None, [])
    assert found["approval"] == {
        "needed": False,
        "decide_by": None,
        "usual_minutes": None,
    }
    assert not Reservation.objects.exists()
    assert not Occupancy.objects.exists()


def test_check__needs_approval__says_until_when(cast: Cast) -> None:
    approval = checked(cast, resource=cast.studio.slug)["approval"]
    assert approval["needed"]
    assert dt.datetime.fromisoformat(approval["decide_by"]) <= tomorrow_at(10)


def test_check__against_rules__says_what_reserving_would_refuse(cast: Cast) -> None:
    factories.set_policy(cast.lab, **STRICT)
    found = checked(cast)
    assert not found["feasible"]
    wrong = [rule for rule in found["rules"] if not rule["ok"]]
    answer = cast.api(cast.booker).post(URL, body(cast))
    problem = assert_refused(answer, 422, "rule_violation")
    names = ("code", "name", "detail", "overridable", "needed")
    told = [{name: each[name] for name in names} for each in problem["violations"]]
    assert [{name: each[name] for name in names} for each in wrong] == told
    assert [each["code"] for each in told] == CODES
    assert found["nearest"]
    nearest = {name: found["nearest"][0][name] for name in ("starts_at", "ends_at")}
    assert checked(cast, **nearest)["feasible"]


def test_check__taken__says_until_when_and_by_whom_only_to_parties(cast: Cast) -> None:
    theirs = made(cast)
    found = checked(cast, cast.stranger)
    assert not found["feasible"]
    assert all(rule["ok"] for rule in found["rules"])
    assert found["taken"]["reservation"] is None
    assert found["taken"]["until"] == theirs["free_at"]
    assert found["nearest"]
    assert checked(cast, cast.colleague)["taken"]["reservation"] == theirs["reference"]


def test_check__own_hold_or_lapsed_request__is_in_nobodys_way(cast: Cast) -> None:
    waiting = made(cast, resource=cast.studio.slug)
    lapsed = Reservation.objects.filter(reference=waiting["reference"])
    assert not checked(cast, cast.stranger, resource=cast.studio.slug)["feasible"]
    lapsed.update(lapses_at=tomorrow_at(10) - 3 * DAY)
    assert checked(cast, cast.stranger, resource=cast.studio.slug)["feasible"]


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        ("stranger", {"organisation": "startup"}, 403),
        ("booker", {"resource": "nowhere"}, 404),
        ("booker", {"people": 0}, 400),
        (None, {}, 401),
    ],
)
def test_check__not_allowed_or_misshapen__is_refused(
    cast: Cast, who: str | None, changes: dict[str, Any], status: int
) -> None:
    if changes.get("organisation"):
        changes = {"organisation": cast.startup.slug}
    user = getattr(cast, who) if who else None
    answer = cast.api(user).post(CHECK, body(cast, **changes))
    assert answer.status_code == status, answer.content


def overriding(cast: Cast, *codes: str, **changes: Any) -> dict[str, Any]:
    given = {
        "organisation": cast.startup.slug,
        "overrides": list(codes),
        "override_reason": "The jury comes early.",
    }
    return body(cast, **given | changes)


def test_override__by_staff_with_a_reason__is_made_and_on_record(cast: Cast) -> None:
    factories.set_policy(cast.lab, **STRICT)
    answer = cast.api(cast.staff).post(URL, overriding(cast, *CODES))
    assert answer.status_code == 201, answer.content
    row = History.objects.get()
    assert row.reason == "The jury comes early."
    kept = row.changes["overrides"]
    assert [each["code"] for each in kept] == CODES
    assert (kept[0]["found"], kept[0]["needed"]) == (120, 60)
    reference = answer.json()["reference"]
    told = cast.api(cast.booker).get(f"{URL}{reference}/history/").json()
    assert told[0]["changes"]["overrides"] == kept


def test_override__of_one_of_two__names_the_other(cast: Cast) -> None:
    factories.set_policy(cast.lab, **STRICT)
    answer = cast.api(cast.staff).post(URL, overriding(cast, "too_long"))
    problem = assert_refused(answer, 422, "rule_violation")
    assert [each["code"] for each in problem["violations"]] == ["too_little_notice"]
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("who", ["booker", "colleague", "manager"])
def test_override__by_anybody_else__is_403(cast: Cast, who: str) -> None:
    factories.set_policy(cast.lab, **STRICT)
    wanted = overriding(cast, *CODES)
    del wanted["organisation"]
    answer = cast.api(getattr(cast, who)).post(URL, wanted)
    assert_refused(answer, 403, "permission_denied")
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    ("codes", "changes", "field"),
    [
        (["too_long"], {"override_reason": " "}, "override_reason"),
        (["too_short"], {}, "overrides"),
        (["outside_opening_hours"], {}, "overrides"),
        (["no_such_rule"], {}, "overrides"),
    ],
)
def test_override__blind_or_firm_or_without_reason__is_400(
    cast: Cast, codes: list[str], changes: dict[str, Any], field: str
) -> None:
    factories.set_policy(cast.lab, max_duration_minutes=60)
    answer = cast.api(cast.staff).post(URL, overriding(cast, *codes, **changes))
    problem = assert_refused(answer, 400, "invalid")
    assert list(problem["fields"]) == [field]
    assert not Reservation.objects.exists()


def test_override__of_a_slot_that_is_taken__never_gets_it(cast: Cast) -> None:
    made(cast)
    factories.set_policy(cast.lab, **STRICT)
    answer = cast.api(cast.staff).post(URL, overriding(cast, *CODES))
    problem = assert_refused(answer, 409, "slot_taken")
    assert problem["violations"] == []
    assert Reservation.objects.count() == 1


def test_move__by_staff_against_a_rule__is_on_record(cast: Cast) -> None:
    found = made(cast)
    factories.set_policy(cast.lab, **STRICT)
    url = f"{URL}{found['reference']}/move/"
    later = {
        "starts_at": tomorrow_at(14).isoformat(),
        "ends_at": (tomorrow_at(14) + HOUR).isoformat(),
    }
    problem = assert_refused(
        cast.api(cast.staff).post(url, later), 422, "rule_violation"
    )
    assert problem["alternatives"]
    over = {"overrides": ["too_little_notice"], "override_reason": "A fault."}
    assert_refused(
        cast.api(cast.booker).post(url, later | over), 403, "permission_denied"
    )
    answer = cast.api(cast.staff).post(url, later | over)
    assert answer.status_code == 200, answer.content
    row = History.objects.latest("pk")
    assert set(row.changes) == {"starts_at", "ends_at", "overrides"}
    assert (row.reason, row.changes["overrides"][0]["code"]) == (
        "A fault.",
        "too_little_notice",
    )
