"""Who is told, and what, while a request goes its way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import Delegation, Reservation
from booking.services.decisions import (
    TAKE_BACK,
    reservation_approve,
    reservation_decline,
    reservation_take_back,
)
from booking.services.escalation import reservations_pass_on
from booking.services.reservations import reservation_change
from config import clock
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.selectors import messages_to_judge
from notifications.services import planning
from notifications.texts import message_write
from tests import factories
from tests.cast import Cast
from tests.notifications.scenes import in_three_days, plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(cast: Cast) -> Reservation:
    factories.set_policy(cast.studio, approval_path="host_hub")
    return factories.reserve(cast.studio, cast.booker, in_three_days())


def told(kind: Kind) -> set[User]:
    rows = Message.objects.filter(kind=kind, state=State.PLANNED)
    return {message.person for message in rows.select_related("person")}


def text_to(person: User, kind: Kind) -> str:
    message = messages_to_judge().get(person=person, kind=kind)
    return message_write(message, clock.now()).body


def test_stage_approved__guest_and_next_deciders__ten_seconds_later(
    cast: Cast, made: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "TAKE_BACK", TAKE_BACK)
    plan()
    assert told(Kind.REQUESTED) == {cast.manager}
    done = reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    hub = User.objects.filter(is_hub_staff=True)
    assert told(Kind.STAGE_APPROVED) == {cast.booker, *hub}
    due = Message.objects.filter(kind=Kind.STAGE_APPROVED).values_list("due_at")
    assert {at for (at,) in due} == {done.decisions.get().at + TAKE_BACK}
    assert "Now it waits for hub staff." in text_to(cast.booker, Kind.STAGE_APPROVED)
    assert "the hub, by" in text_to(cast.staff, Kind.STAGE_APPROVED)


def test_stage_approved__taken_back__nobody_is_told(
    cast: Cast, made: Reservation
) -> None:
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    reservation_take_back(actor=cast.manager, reference=made.reference)
    plan()
    assert told(Kind.STAGE_APPROVED) == set()


def test_requested__its_stage_is_over__is_withdrawn(
    cast: Cast, made: Reservation
) -> None:
    plan()
    assert told(Kind.REQUESTED) == {cast.manager}
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    assert told(Kind.REQUESTED) == set()


def test_escalated__deputy__gets_it_and_may_know(
    cast: Cast, made: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    deputy = factories.person(cast.host)
    today = clock.today()
    Delegation.objects.create(
        person=cast.manager,
        organisation=cast.host,
        deputy=deputy,
        starts_on=today,
        ends_on=today + dt.timedelta(days=30),
    )
    plan()
    assert told(Kind.REQUESTED) == {cast.manager, deputy}
    assert made.lapses_at is not None
    at = made.created_at + (made.lapses_at - made.created_at) * 0.8
    monkeypatch.setattr(clock, "now", lambda: at)
    assert reservations_pass_on() == 1
    plan()
    assert told(Kind.ESCALATED) == {deputy}
    assert "You are a deputy" in text_to(deputy, Kind.ESCALATED)


def test_declined__listed_reason__is_said_in_the_readers_language(
    cast: Cast, made: Reservation
) -> None:
    User.objects.filter(pk=cast.booker.pk).update(language="bg")
    given: dict[str, Any] = {"reference": made.reference, "code": "unavailable"}
    reservation_decline(actor=cast.manager, reason="До петък.", **given)
    plan()
    text = text_to(cast.booker, Kind.DECLINED)
    assert "До петък." in text
    assert "We need it" not in text


def test_changed__other_side__reads_what_was_before(
    cast: Cast, made: Reservation
) -> None:
    reservation_change(
        actor=cast.booker,
        reference=made.reference,
        people=4,
        purpose="Another pilot",
        ends_at=made.ends_at + factories.HOUR,
    )
    plan()
    assert told(Kind.CHANGED) == {cast.manager}
    text = text_to(cast.manager, Kind.CHANGED)
    assert "People: 4\n" in text
    assert "People before: 1\n" in text
    assert "Purpose before: Recording a pilot\n" in text
    assert "Before: " in text
    assert "It waits for a decision." in text


def test_approved__deputy__says_for_whom(cast: Cast, made: Reservation) -> None:
    factories.set_policy(cast.studio, approval_path="host")
    made = factories.reserve(cast.studio, cast.booker, in_three_days(15))
    deputy = factories.person(cast.host, name="Diana Deputy")
    Delegation.objects.create(
        person=cast.manager,
        organisation=cast.host,
        deputy=deputy,
        starts_on=clock.today(),
        ends_on=clock.today(),
    )
    reservation_approve(actor=deputy, reference=made.reference)
    plan()
    text = text_to(cast.booker, Kind.APPROVED)
    assert "Diana Deputy (for Hristo Host) approved your request." in text
