"""A decision is told once, and not before it stands."""

from __future__ import annotations

import pytest

from booking.services.decisions import (
    TAKE_BACK,
    reservation_approve,
    reservation_decline,
    reservation_take_back,
)
from notifications.models import Kind, Message, State
from notifications.services import planning
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import deliver, plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the seconds are what it is about."""
    monkeypatch.setattr(planning, "TAKE_BACK", TAKE_BACK)


def subjects(inbox: Inbox, cast: Cast) -> list[str]:
    return [
        str(mail["Subject"]).strip().split(":")[0]
        for mail in inbox.to(cast.booker.email)
    ]


def test_decision__not_taken_back__is_told_after_ten_seconds(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    made = requested(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    deliver()
    assert subjects(inbox, cast) == []

    time.forward(seconds=TAKE_BACK.total_seconds())
    deliver()
    assert subjects(inbox, cast) == ["Approved"]


def test_decision__taken_back__is_never_told(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    made = requested(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    reservation_take_back(actor=cast.manager, reference=made.reference)
    time.forward(seconds=60)
    deliver()

    assert subjects(inbox, cast) == []
    (message,) = Message.objects.filter(kind=Kind.APPROVED)
    assert message.state == State.WITHDRAWN


def test_decision__taken_back_and_taken_again__is_told_once(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    """Even where nothing was planned between."""
    made = requested(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    reservation_take_back(actor=cast.manager, reference=made.reference)
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    time.forward(seconds=60)
    deliver()

    assert subjects(inbox, cast) == ["Approved"]


def test_decision__approved_instead_of_declined__only_that_is_told(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    made = requested(cast)
    reservation_decline(actor=cast.manager, reference=made.reference, reason="No.")
    plan()
    reservation_take_back(actor=cast.manager, reference=made.reference)
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    time.forward(seconds=60)
    deliver()

    assert subjects(inbox, cast) == ["Approved"]
