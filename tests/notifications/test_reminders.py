from __future__ import annotations

from typing import Any

import pytest

from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.decisions import reservation_decline
from booking.services.lifecycle import reservation_cancel
from notifications.models import Kind, Message
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import (
    approved,
    deliver,
    in_three_days,
    move,
    plan,
    reminded,
    reminders,
    requested,
)

BOTH_PLANNED = {(1440, "planned"): 1, (60, "planned"): 1}
BOTH_WITHDRAWN = {(1440, "withdrawn"): 1, (60, "withdrawn"): 1}


def test_reminders__approved__a_day_and_an_hour_before(cast: Cast) -> None:
    reservation = approved(cast)
    plan()

    assert reminders(reservation) == BOTH_PLANNED
    dues = Message.objects.filter(kind=Kind.REMINDER).order_by("due_at")
    start = reservation.starts_at
    assert [each.due_at for each in dues] == [start - DAY, start - HOUR]
    assert [each.useful_until for each in dues] == [start - HOUR, start]
    assert {each.person for each in dues} == {cast.booker}


def test_reminders__pending__none(cast: Cast) -> None:
    reservation = requested(cast)
    plan()

    assert reminders(reservation) == {}


def test_reminders__time_has_passed__are_not_planned(cast: Cast, time: Clock) -> None:
    wanted = in_three_days()
    time.set(wanted.starts_at - 2 * HOUR)
    reservation = reserve(cast.lab, cast.booker, wanted)
    plan()

    assert reminders(reservation) == {(60, "planned"): 1}


def test_reminders__planned_late__count_from_the_change(
    cast: Cast, time: Clock
) -> None:
    """The worker slept over the reminder's time: it is planned, and comes late."""
    reservation = approved(cast)
    time.set(reservation.starts_at - 20 * HOUR)
    plan()

    assert reminders(reservation) == BOTH_PLANNED


@pytest.mark.parametrize("end", ["cancel", "move"])
def test_reminders__not_to_be_any_more__are_withdrawn(cast: Cast, end: str) -> None:
    reservation = approved(cast)
    plan()
    if end == "cancel":
        reservation_cancel(actor=cast.booker, reference=reservation.reference)
        plan()
        assert reminders(reservation) == BOTH_WITHDRAWN
    else:
        move(reservation, cast.manager, hours=5)
        plan()
        assert reminders(reservation) == BOTH_WITHDRAWN | BOTH_PLANNED


def test_reminders__moved_back_to_pending__wait_for_the_approval(cast: Cast) -> None:
    reservation = approved(cast)
    plan()
    move(reservation, cast.booker, hours=5)
    plan()

    reservation.refresh_from_db()
    assert reservation.status == Status.PENDING
    assert reminders(reservation) == BOTH_WITHDRAWN

    reservation_decline(
        actor=cast.manager, reference=reservation.reference, reason="No."
    )
    plan()
    assert reminders(reservation) == BOTH_WITHDRAWN


def test_reminders__moved_and_back__are_revived_and_come_once(
    cast: Cast, time: Clock, inbox: Inbox
) -> None:
    reservation = reminded(cast)
    move(reservation, cast.manager, hours=5)
    plan()
    moved = Reservation.objects.get(pk=reservation.pk)
    move(reservation, cast.manager, hours=0)
    plan()

    old = _states_at(reservation)
    assert old == {1440: "planned", 60: "planned"}
    assert set(_states_at(moved).values()) == {"withdrawn"}
    time.set(reservation.starts_at - HOUR)
    deliver()
    assert len([s for s in inbox.subjects() if s.startswith("Reminder")]) == 1


def test_reminders__moved_and_back_after_one_went_out__it_does_not_come_again(
    cast: Cast, time: Clock, inbox: Inbox
) -> None:
    reservation = reminded(cast)
    time.set(reservation.starts_at - DAY)
    assert deliver() == 1
    move(reservation, cast.manager, hours=1)
    plan()
    move(reservation, cast.manager, hours=0)
    plan()

    assert _states_at(reservation) == {1440: "sent", 60: "planned"}


def _states_at(reservation: Reservation) -> dict[Any, str]:
    """The states of the reminders of this start."""
    start = int(reservation.starts_at.timestamp())
    found = Message.objects.filter(cause__endswith=f"-{start}")
    return dict(found.values_list("offset_minutes", "state"))
