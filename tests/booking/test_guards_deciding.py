"""What the database refuses of decisions, delegations, rules and working hours."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import ApprovalRule, Decision, Delegation, WorkingHours
from config import clock
from tests.booking.test_guards import assert_refused_by
from tests.cast import Cast
from tests.factories import reserve

TODAY = dt.date(2027, 3, 1)


def decision(cast: Cast, **fields: Any) -> Decision:
    given = {"at": clock.now(), "turn": "host", "verdict": "approved"}
    return Decision.objects.create(**given | {"by": cast.manager} | fields)


def test_decision__twice_at_a_stage_while_it_stands__is_one(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    decision(cast, reservation=made, stands=False)
    decision(cast, reservation=made)
    decision(cast, reservation=made, stage=1)
    with assert_refused_by("booking_decision_once_a_stage"):
        decision(cast, reservation=made)


def test_decision__by_nobody__only_where_a_rule_or_the_clock_did(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    decision(cast, reservation=made, by=None, how="clock")
    for wrong in ({"by": None}, {"how": "rule"}):
        with assert_refused_by("booking_decision_by_whom"):
            decision(cast, reservation=made, **wrong)


def test_decision__declined__has_a_code_and_nothing_else_has(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    for wrong in ({"verdict": "declined"}, {"code": "safety"}):
        with assert_refused_by("booking_decision_declined_has_code"):
            decision(cast, reservation=made, **wrong)


def test_rule__of_a_resource_or_an_organisation__not_of_both(cast: Cast) -> None:
    for wrong in ({}, {"resource": cast.lab, "organisation": cast.host}):
        with assert_refused_by("booking_approval_rule_one_owner"):
            ApprovalRule.objects.create(own_organisation=True, **wrong)


@pytest.mark.parametrize(
    ("days", "own", "name"),
    [
        ((1, 0), False, "booking_delegation_order"),
        ((0, 0), True, "booking_delegation_of_another"),
    ],
)
def test_delegation__nonsense__is_refused(
    cast: Cast, days: tuple[int, int], own: bool, name: str
) -> None:
    first, last = (TODAY + dt.timedelta(days=day) for day in days)
    with assert_refused_by(name):
        Delegation.objects.create(
            person=cast.manager,
            deputy=cast.manager if own else cast.booker,
            organisation=cast.host,
            starts_on=first,
            ends_on=last,
        )


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ((7, 0, 60), "booking_working_weekday"),
        ((0, 60, 60), "booking_working_order"),
        ((0, 0, 1441), "booking_working_order"),
    ],
)
def test_working_hours__nonsense__is_refused(
    db: None, row: tuple[int, int, int], name: str
) -> None:
    weekday, opens, closes = row
    with assert_refused_by(name):
        WorkingHours.objects.create(weekday=weekday, opens=opens, closes=closes)
