"""When a rule approves at once, and what it would have done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.approval_rules import Request, Terms, approves, approving
from booking.models import ApprovalRule, Decision, Reservation
from booking.models.reservation import Status
from booking.services.approval_rules import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_try,
)
from booking.services.decisions import reservation_decline
from config.errors import Forbidden, Invalid, Missing
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)

NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)


def request(**fields: Any) -> Request:
    given = {"host_id": 1, "organisation_id": 2, "starts_at": NOON}
    return Request(**{**given, "ends_at": NOON + 2 * HOUR, **fields})


@pytest.mark.parametrize(
    ("terms", "asked", "approved"),
    [
        (Terms(), request(), False),
        (Terms(own_organisation=True), request(), False),
        (Terms(own_organisation=True), request(organisation_id=1), True),
        (Terms(at_most_minutes=120), request(), True),
        (Terms(at_most_minutes=119), request(), False),
        (Terms(organisations=frozenset({2, 3})), request(), True),
        (Terms(organisations=frozenset({3})), request(), False),
        (Terms(organisations=frozenset({2}), at_most_minutes=60), request(), False),
        (Terms(True, 120, frozenset({1})), request(organisation_id=1), True),
    ],
)
def test_approves__all_of_its_conditions_or_nothing(
    terms: Terms, asked: Request, approved: bool
) -> None:
    assert approves(terms, asked) is approved


def test_approving__any_rule__the_first_that_does() -> None:
    short, long = Terms(at_most_minutes=60), Terms(at_most_minutes=240)
    assert approving([short, long], request()) is long
    assert approving([short], request()) is None


def add(cast: Cast, **fields: Any) -> ApprovalRule:
    return approval_rule_add(
        actor=cast.manager, resource_slug=cast.studio.slug, **fields
    )


def test_reserve__rule_holds__is_approved_and_says_by_which(cast: Cast) -> None:
    add(cast, at_most_minutes=120, organisations=[cast.startup.slug])
    made = reserve(cast.studio, cast.booker)
    assert (made.status, made.decided_by, made.lapses_at) == ("approved", None, None)
    terms = {
        "own_organisation": False,
        "at_most_minutes": 120,
        "organisations": [cast.startup.pk],
    }
    assert made.rule == terms
    row = made.history.get()
    assert (row.action, row.changes) == ("reserved", {"rule": [None, terms]})
    decision = made.decisions.get()
    assert (decision.how, decision.by) == (Decision.How.RULE, None)
    asked = reserve(cast.studio, cast.stranger, wish(13))
    assert (asked.status, asked.rule) == ("pending", None)
    longer = reserve(cast.studio, cast.booker, wish(15, 3))
    assert longer.status == Status.PENDING


def test_reserve__rule_for_all_of_the_host__holds_for_each(cast: Cast) -> None:
    add(cast, own_organisation=True, for_all=True)
    made = reserve(cast.studio, cast.manager)
    assert made.status == Status.APPROVED
    other = factories.open_lab(policy={"needs_approval": True})
    assert reserve(other, cast.manager, wish(12)).status == Status.PENDING


def test_rule__nothing_said_or_nonsense__is_refused(cast: Cast) -> None:
    for wrong in (
        {},
        {"at_most_minutes": 4},
        {"organisations": ["nobody"]},
    ):
        with pytest.raises(Invalid):
            add(cast, **wrong)
    assert not ApprovalRule.objects.exists()


def test_rule__another_host_or_guest__is_refused(cast: Cast) -> None:
    rule = add(cast, own_organisation=True)
    other = factories.person(factories.organisation(), "manager")
    for actor in (cast.booker, other):
        given: dict[str, Any] = {"actor": actor, "resource_slug": cast.studio.slug}
        with pytest.raises(Forbidden):
            approval_rule_add(**given, own_organisation=True)
        with pytest.raises(Forbidden):
            approval_rule_try(**given, own_organisation=True)
        with pytest.raises(Forbidden):
            approval_rule_remove(**given, rule_id=rule.pk)
    elsewhere = factories.open_lab()
    with pytest.raises(Missing):
        approval_rule_remove(
            actor=cast.staff, resource_slug=elsewhere.slug, rule_id=rule.pk
        )
    approval_rule_remove(
        actor=cast.manager, resource_slug=cast.studio.slug, rule_id=rule.pk
    )
    assert not ApprovalRule.objects.exists()


def test_try__last_ninety_days__counts_and_names_them(cast: Cast) -> None:
    short = reserve(cast.studio, cast.booker, wish(8))
    reservation_decline(actor=cast.manager, reference=short.reference, code="safety")
    reserve(cast.studio, cast.booker, wish(12, 3))
    reserve(cast.lab, cast.booker)
    old = reserve(cast.studio, cast.booker, wish(18))
    Reservation.objects.filter(pk=old.pk).update(
        created_at=old.created_at - dt.timedelta(days=91)
    )
    given: dict[str, Any] = {
        "actor": cast.manager,
        "resource_slug": cast.studio.slug,
        "at_most_minutes": 60,
    }
    trial = approval_rule_try(**given)
    assert (trial.requests, [each.pk for each in trial.approved]) == (2, [short.pk])
    assert not ApprovalRule.objects.exists()
