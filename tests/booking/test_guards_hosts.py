"""What a host asks, keeps for some, and reads elsewhere: the database's own guards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking.models import AvailabilityRule
from booking.models.outside_calendar import OutsideCalendar
from booking.models.questions import Question
from booking.models.restricted import RestrictedHours
from config import clock
from tests.cast import Cast


def refused_by(name: str, make: Any, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(**values)


def test_guards__questions__have_a_key_a_place_and_choices_of_their_own(
    cast: Cast,
) -> None:
    def ask(**values: Any) -> Question:
        known = {"resource": cast.lab, "position": 1, "key": "gas", "name": "Gas"}
        return Question.objects.create(**known | values)

    ask()
    refused_by("booking_question_key", ask, position=2)
    refused_by("booking_question_position", ask, key="other")
    choices = [{"name": "A", "name_bg": ""}]
    other: dict[str, Any] = {"position": 3, "key": "third"}
    refused_by("booking_question_choices", ask, kind="choice", **other)
    refused_by("booking_question_choices", ask, choices=choices, **other)
    assert ask(kind="choice", choices=choices, **other).pk


def test_guards__hours_for_some__are_hours_of_days(cast: Cast) -> None:
    def keep(**values: Any) -> RestrictedHours:
        known = {"resource": cast.lab, "days": ["MO"], "starts": 60, "ends": 120}
        return RestrictedHours.objects.create(**known | values)

    refused_by("booking_restrictedhours_order", keep, ends=60)
    refused_by("booking_restrictedhours_order", keep, ends=1441)
    refused_by("booking_restrictedhours_days", keep, days=[])
    assert keep().pk


def test_guards__outside_calendar__once_and_fails_or_not(cast: Cast) -> None:
    now = clock.now()

    def add(**values: Any) -> OutsideCalendar:
        known: dict[str, Any] = {
            "resource": cast.lab,
            "url": "https://there.example/a.ics",
            "added_at": now,
            "read_at": now,
            "expanded_at": now,
            "due_at": now + dt.timedelta(hours=1),
        }
        return OutsideCalendar.objects.create(**known | values)

    calendar = add()
    refused_by("booking_outside_calendar_once", add)
    other = {"url": "https://there.example/b.ics"}
    refused_by("booking_outside_calendar_fails_or_not", add, failures=1, **other)
    refused_by("booking_outside_calendar_fails_or_not", add, error="x", **other)
    opened = AvailabilityRule.objects.filter(effect=AvailabilityRule.Effect.OPEN)
    refused_by("booking_rule_outside_closes", opened.update, outside_calendar=calendar)
