"""Stages of a decision: whose turn it is, who counts, what is told to the second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from booking.exceptions import ChangedMeanwhile, WrongStatus
from booking.models import Decision, History, Occupancy, Reservation
from booking.models.paths import DeclineCode
from booking.models.reservation import Status
from booking.permissions import can_decide
from booking.selectors.facts import Wish
from booking.services.bulk_decisions import Wanted, reservations_decide
from booking.services.decisions import (
    TAKE_BACK,
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_decline,
    reservation_take_back,
)
from config import clock
from config.errors import Forbidden, Invalid
from labs.models import Membership, User
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


def asked(cast: Cast, path: str, hour: int = 10, **policy: Any) -> Reservation:
    factories.set_policy(cast.studio, approval_path=path, **policy)
    return reserve(cast.studio, cast.booker, wish(hour))


def approve(by: User, made: Reservation, **given: Any) -> Reservation:
    return reservation_approve(actor=by, reference=made.reference, **given)


def deciders(cast: Cast, made: Reservation) -> set[User]:
    """Who may decide now: by the predicate, and by the queue alike."""
    people = {cast.manager, cast.staff, cast.booker, cast.stranger}
    made = Reservation.objects.select_related("resource").get(pk=made.pk)
    may = {person for person in people if can_decide(person, made)}
    for person in people:
        queue = Reservation.objects.decidable_by(person)
        assert (made in queue) == (person in may), person.name
    return may


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("host", "manager", None),
        ("hub", "staff", None),
        ("host_hub", "manager", "staff"),
        ("hub_host", "staff", "manager"),
    ],
)
def test_path__each_stage__is_one_sides_turn(
    cast: Cast, path: str, first: str, second: str | None
) -> None:
    made = asked(cast, path)
    sides = {"manager": cast.manager, "staff": cast.staff}
    turn = sides.pop(first)
    (other,) = sides.values()
    assert deciders(cast, made) == {turn}
    with pytest.raises(Forbidden, match="not your turn"):
        approve(other, made)
    with pytest.raises(Forbidden):
        approve(cast.booker, made)
    now = approve(turn, made)
    if second is not None:
        assert (now.status, now.decided_by) == (Status.PENDING, None)
        assert deciders(cast, made) == {other}
        now = approve(other, made)
    assert now.status == Status.APPROVED
    assert now.decided_by == (other if second else turn)
    assert now.lapses_at is None is now.alarm_at


def test_path__any__whoever_is_first(cast: Cast) -> None:
    made = asked(cast, "any")
    assert deciders(cast, made) == {cast.manager, cast.staff}
    assert approve(cast.staff, made).status == Status.APPROVED


def test_path__none__is_theirs_at_once(cast: Cast) -> None:
    made = asked(cast, "none")
    assert (made.status, made.lapses_at) == (Status.APPROVED, None)


def test_path__several__so_many_different_people(cast: Cast) -> None:
    made = asked(cast, "several", approvals_needed=3)
    fellow = factories.person(cast.host, Membership.Role.MANAGER)
    assert approve(cast.manager, made).status == Status.PENDING
    assert deciders(cast, made) == {cast.staff}
    with pytest.raises(WrongStatus, match="decided already, by Hristo Host"):
        approve(cast.manager, made)
    assert approve(cast.staff, made).status == Status.PENDING
    assert approve(fellow, made).status == Status.APPROVED


def test_path__one_person_on_both_sides__decides_each_stage(cast: Cast) -> None:
    both = factories.person(cast.host, Membership.Role.MANAGER, is_hub_staff=True)
    made = asked(cast, "host_hub")
    approve(both, made)
    assert approve(both, made).status == Status.APPROVED
    twice = asked(cast, "several", 12, approvals_needed=2)
    approve(both, twice)
    with pytest.raises(WrongStatus):
        approve(both, twice)
    twice.refresh_from_db()
    assert twice.status == Status.PENDING


def test_approve__stage_is_decided__the_second_is_told_who_and_when(
    cast: Cast,
) -> None:
    made = asked(cast, "host_hub")
    fellow = factories.person(cast.host, Membership.Role.MANAGER)
    first = approve(cast.manager, made, version=made.version)
    at = first.decisions.get().at
    attempts: list[Callable[[], Reservation]] = [
        lambda: approve(fellow, made),
        lambda: approve(fellow, made, version=made.version),
        lambda: reservation_decline(
            actor=fellow, reference=made.reference, code="safety"
        ),
    ]
    for late in attempts:
        with pytest.raises(WrongStatus) as refused:
            late()
        extra = refused.value.extra
        assert (extra["decided_by"], extra["decided_at"]) == (
            "Hristo Host",
            at.isoformat(),
        )
    # Whose turn it is now saw an older version: they look again.
    with pytest.raises(ChangedMeanwhile):
        approve(cast.staff, made, version=made.version)
    made.refresh_from_db()
    assert (made.status, made.version) == (Status.PENDING, first.version)
    assert Decision.objects.count() == 1


def test_decline__at_the_second_stage__ends_it(cast: Cast) -> None:
    made = asked(cast, "host_hub")
    approve(cast.manager, made)
    done = reservation_decline(
        actor=cast.staff, reference=made.reference, code="priority"
    )
    assert (done.status, done.decline_code, done.reason) == ("declined", "priority", "")
    assert not Occupancy.objects.exists()
    row = made.history.last()
    assert row is not None
    assert row.changes["code"] == [None, "priority"]


def test_decline__without_words__only_with_a_listed_reason(cast: Cast) -> None:
    made = asked(cast, "any")
    given: dict[str, Any] = {"actor": cast.manager, "reference": made.reference}
    with pytest.raises(Invalid) as refused:
        reservation_decline(**given, code=DeclineCode.OTHER, reason=" ")
    assert set(refused.value.extra["fields"]) == {"reason"}
    with pytest.raises(Invalid) as refused:
        reservation_decline(**given, code="weather")
    assert set(refused.value.extra["fields"]) == {"code"}
    assert reservation_decline(**given, code="capacity").status == Status.DECLINED


def test_take_back__a_stage__undoes_that_one_only(cast: Cast) -> None:
    made = asked(cast, "host_hub")
    approve(cast.manager, made)
    approve(cast.staff, made)
    back = reservation_take_back(actor=cast.staff, reference=made.reference)
    assert (back.status, back.turn, back.stage) == (Status.PENDING, "hub", 1)
    assert deciders(cast, made) == {cast.staff}
    # What the host decided is not the last any more.
    with pytest.raises(WrongStatus, match="too late"):
        reservation_take_back(actor=cast.manager, reference=made.reference)
    assert approve(cast.staff, made).status == Status.APPROVED


def test_take_back__the_first_stage__waits_for_it_again(cast: Cast) -> None:
    made = asked(cast, "hub_host")
    approve(cast.staff, made)
    back = reservation_take_back(actor=cast.staff, reference=made.reference)
    assert (back.turn, back.stage, back.lapses_at) == ("hub", 0, made.lapses_at)
    assert deciders(cast, made) == {cast.staff}
    assert approve(cast.staff, made).turn == "host"


def test_take_back__ten_seconds_after_a_stage__is_too_late(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(cast, "host_hub")
    approve(cast.manager, made)
    at = clock.now() + TAKE_BACK
    monkeypatch.setattr(clock, "now", lambda: at)
    with pytest.raises(WrongStatus):
        reservation_take_back(actor=cast.manager, reference=made.reference)


def test_path__policy_changes__who_waits_keeps_theirs(cast: Cast) -> None:
    made = asked(cast, "host_hub")
    factories.set_policy(cast.studio, approval_path="hub")
    assert deciders(cast, made) == {cast.manager}
    approve(cast.manager, made)
    assert approve(cast.staff, made).status == Status.APPROVED


def test_ask__whoever_of_the_hosts_side__and_the_guest_answers(cast: Cast) -> None:
    made = asked(cast, "host")
    given: dict[str, Any] = {"reference": made.reference}
    reservation_ask(actor=cast.staff, reason="How many?", **given)
    reservation_answer(actor=cast.booker, reason="Four.", **given)
    with pytest.raises(Forbidden):
        reservation_ask(actor=cast.booker, reason="Why?", **given)
    said = [History.Action.ASKED, History.Action.ANSWERED]
    assert list(made.history.values_list("action", flat=True))[1:] == said


def test_decide_many__each_says_what_became_of_it(cast: Cast) -> None:
    rows = [asked(cast, "any", hour) for hour in (8, 10, 12, 14)]
    approve(cast.staff, rows[1])
    items = [
        Wanted(rows[0].reference, rows[0].version),
        Wanted(rows[1].reference, rows[1].version),
        Wanted(rows[2].reference, approve=False, code="other", reason=""),
        Wanted(rows[3].reference, approve=False, code="safety"),
        Wanted("AAAAAAAA"),
    ]
    results = reservations_decide(actor=cast.manager, items=items)
    codes = [each.refusal.code if each.refusal else None for each in results]
    assert codes == [None, "wrong_status", "invalid", None, "not_found"]
    refusal = results[1].refusal
    assert refusal is not None
    assert refusal.extra["decided_by"] == "Stella Staff"
    for row in rows:
        row.refresh_from_db()
    assert [row.status for row in rows] == [
        "approved",
        "approved",
        "pending",
        "declined",
    ]


def test_each_stage__has_a_clock_of_its_own(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.studio, approval_path="host_hub", decide_within_hours=4)
    start = factories.tomorrow_at(10, days=9)
    made = reserve(cast.studio, cast.booker, Wish(start, start + HOUR))
    assert made.lapses_at == made.created_at + 4 * HOUR
    at = made.created_at + 3 * HOUR
    monkeypatch.setattr(clock, "now", lambda: at)
    now = approve(cast.manager, made)
    assert now.lapses_at == at + 4 * HOUR
    assert now.alarm_at == at + dt.timedelta(hours=2)
