"""The notice that an outside calendar cannot be read."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.models import OutsideCalendar
from config import clock
from labs.models import Membership
from notifications.models import Kind, Message, State
from notifications.services.calendars import calendars_failing_plan
from tests.cast import Cast
from tests.factories import HOUR, person
from tests.notifications.inbox import Inbox, subject
from tests.notifications.scenes import body, deliver


@pytest.fixture
def failing(cast: Cast) -> OutsideCalendar:
    """It failed for the third time."""
    now = clock.now()
    return OutsideCalendar.objects.create(
        resource=cast.lab,
        url="https://calendar.example/secret-of-ours.ics",
        name="Motion",
        added_at=now - 9 * HOUR,
        read_at=now - 5 * HOUR,
        expanded_at=now - 5 * HOUR,
        due_at=now + HOUR,
        failures=3,
        failed_since=now - 3 * HOUR,
        error="bad_status",
        error_detail="404",
    )


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_failing__planned_twice__its_managers_get_one_mail_each(
    cast: Cast, failing: OutsideCalendar, inbox: Inbox
) -> None:
    calendars_failing_plan()
    calendars_failing_plan()
    assert deliver() == 1
    [mail] = inbox.mails
    assert mail["To"] == cast.manager.email
    assert subject(mail) == "Outside calendar of Motion lab cannot be read"
    text = body(mail)
    assert "Calendar: Motion" in text
    assert "Why: Instead of the calendar the server sends the error 404." in text
    assert f"/desk/{cast.lab.slug}/calendars/" in text
    assert "secret-of-ours" not in text
    failing.failures = 4
    failing.save()
    calendars_failing_plan()
    assert deliver() == 0


def test_failing__in_bulgarian__is_said_in_bulgarian(
    cast: Cast, failing: OutsideCalendar, inbox: Inbox
) -> None:
    cast.manager.language = "bg"
    cast.manager.save()
    calendars_failing_plan()
    deliver()
    assert "грешка 404" in body(inbox.mails[0])


def test_failing__for_the_second_time__is_not_told(
    cast: Cast, failing: OutsideCalendar
) -> None:
    failing.failures = 2
    failing.save()
    calendars_failing_plan()
    assert states() == []


def test_failing__of_an_archived_resource__is_not_told(
    cast: Cast, failing: OutsideCalendar
) -> None:
    cast.lab.listing = "archived"
    cast.lab.save()
    calendars_failing_plan()
    assert states() == []


def test_failing__works_again_before_it_is_told__is_withdrawn(
    cast: Cast, failing: OutsideCalendar, inbox: Inbox
) -> None:
    calendars_failing_plan()
    OutsideCalendar.objects.update(failures=0, failed_since=None, error="")
    assert deliver() == 0
    assert states() == [State.WITHDRAWN]


def test_failing__its_manager_left__is_withdrawn(
    cast: Cast, failing: OutsideCalendar, inbox: Inbox
) -> None:
    calendars_failing_plan()
    person(cast.host, Membership.Role.MANAGER)
    Membership.objects.filter(user=cast.manager).update(role="booker")
    assert deliver() == 0
    assert states() == [State.WITHDRAWN]


def test_failing__anew__is_told_anew(
    cast: Cast, failing: OutsideCalendar, inbox: Inbox
) -> None:
    calendars_failing_plan()
    deliver()
    failing.failed_since = clock.now() - dt.timedelta(hours=1)
    failing.save()
    calendars_failing_plan()
    assert deliver() == 1
    assert Message.objects.filter(kind=Kind.CALENDAR_FAILED).count() == 2
