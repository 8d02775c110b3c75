"""What the database refuses in django-scheduler's tables and beside them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from schedule.models import Calendar, Event, Occurrence, Rule

from booking.models import AvailabilityCalendar, AvailabilityRule
from tests import factories
from tests.booking.test_guards import assert_refused_by
from tests.factories import DAY, HOUR

TEN = dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("frequency", "params"),
    [
        ("SECONDLY", ""),
        ("MINUTELY", ""),
        ("HOURLY", "interval:2"),
        ("weekly", ""),
        ("WEEKLY", "interval:0"),
        ("WEEKLY", "interval:53"),
        ("WEEKLY", "interval:-1"),
        ("WEEKLY", "byweekday:XX"),
        ("WEEKLY", "byweekday:0,1,2"),
        ("WEEKLY", "byweekday:"),
        ("WEEKLY", "byweekday:MO,"),
        ("WEEKLY", "byweekday:MO(1)"),
        ("WEEKLY", "byweekday:mo"),
        ("WEEKLY", "byweekday:MO;interval:0"),
        ("WEEKLY", "count:3"),
        ("WEEKLY", "foo:1"),
        ("WEEKLY", "byweekday:MO\ncount:3"),
        ("WEEKLY", "byweekday:MOinterval:2"),
    ],
)
def test_rule__that_would_mean_something_else__is_refused(
    db: None, frequency: str, params: str
) -> None:
    with assert_refused_by("booking_rule_sane"):
        Rule.objects.create(name="bad", frequency=frequency, params=params)


@pytest.mark.parametrize(
    ("frequency", "params"),
    [
        ("DAILY", ""),
        ("WEEKLY", "byweekday:MO"),
        ("WEEKLY", "byweekday:MO,TU,WE,TH,FR,SA,SU"),
        ("WEEKLY", "byweekday:SU;interval:52"),
        ("MONTHLY", "interval:1"),
        ("YEARLY", ""),
    ],
)
def test_rule__sane__is_accepted_and_means_what_it_says(
    db: None, frequency: str, params: str
) -> None:
    made = Rule.objects.create(name="good", frequency=frequency, params=params)
    said = dict(part.split(":") for part in params.split(";") if part)
    meant = made.get_params()
    assert set(meant) == set(said)
    if "interval" in said:
        assert meant["interval"] == int(said["interval"])


@pytest.fixture
def event(db: None) -> Event:
    calendar = Calendar.objects.create(name="Hours", slug="hours")
    return Event.objects.create(calendar=calendar, start=TEN, end=TEN + HOUR)


@pytest.mark.parametrize("length", [0 * HOUR, -HOUR])
def test_event__that_does_not_end_later__is_refused(
    event: Event, length: dt.timedelta
) -> None:
    event.end = event.start + length
    with assert_refused_by("booking_event_order"):
        event.save()


def an_exception(event: Event, start: dt.datetime, length: dt.timedelta) -> Occurrence:
    return Occurrence.objects.create(
        event=event,
        start=start,
        end=start + length,
        original_start=TEN,
        original_end=TEN + HOUR,
    )


@pytest.mark.parametrize("length", [0 * HOUR, -HOUR])
def test_occurrence__that_does_not_end_later__is_refused(
    event: Event, length: dt.timedelta
) -> None:
    with assert_refused_by("booking_occurrence_order"):
        an_exception(event, TEN, length)


def test_occurrence__second_for_one_date__is_refused(event: Event) -> None:
    an_exception(event, TEN, HOUR)
    with assert_refused_by("booking_occurrence_once"):
        an_exception(event, TEN + DAY, HOUR)
    other = Event.objects.create(calendar=event.calendar, start=TEN, end=TEN + HOUR)
    assert an_exception(other, TEN, HOUR).pk


@pytest.mark.parametrize("own", [True, False])
def test_calendar__own_with_a_zone_or_shared_without__is_refused(
    db: None, own: bool
) -> None:
    calendar = Calendar.objects.create(name="Hours", slug="hours")
    lab = factories.resource()
    resource, zone = (lab, "") if own else (None, "Europe/Sofia")
    wrong = "Europe/Sofia" if own else ""
    fields: dict[str, Any] = {"calendar": calendar, "resource": resource}
    with assert_refused_by("booking_calendar_own_or_shared"):
        AvailabilityCalendar.objects.create(**fields, time_zone=wrong)
    assert AvailabilityCalendar.objects.create(**fields, time_zone=zone).pk


@pytest.mark.parametrize(
    ("effect", "wrong", "right"),
    [("closed", "", "maintenance"), ("open", "maintenance", "")],
)
def test_availability_rule__closed_without_reason_or_open_with__is_refused(
    event: Event, effect: str, wrong: str, right: str
) -> None:
    with assert_refused_by("booking_rule_closed_has_reason"):
        AvailabilityRule.objects.create(event=event, effect=effect, reason=wrong)
    assert AvailabilityRule.objects.create(event=event, effect=effect, reason=right).pk
