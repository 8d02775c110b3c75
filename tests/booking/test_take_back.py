from __future__ import annotations

import datetime as dt

import pytest

from booking.exceptions import SlotTaken, WrongStatus
from booking.models import History, Occupancy, Reservation
from booking.models.reservation import Status
from booking.services.decisions import (
    TAKE_BACK,
    reservation_approve,
    reservation_decline,
    reservation_take_back,
)
from booking.services.reservations import reservation_move
from config import clock
from config.errors import Missing
from tests.cast import Cast
from tests.factories import HOUR, open_lab, person, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


def asked(cast: Cast) -> Reservation:
    return reserve(cast.studio, cast.booker)


def later(monkeypatch: pytest.MonkeyPatch, by: dt.timedelta) -> None:
    at = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: at)


def test_take_back__approved__waits_again_as_before(cast: Cast) -> None:
    made = asked(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    back = reservation_take_back(actor=cast.manager, reference=made.reference)

    assert (back.status, back.decided_by, back.decided_at) == (
        Status.PENDING,
        None,
        None,
    )
    assert back.lapses_at == made.lapses_at
    assert back.version == made.version + 2
    last = made.history.last()
    assert last is not None
    assert (last.action, last.actor) == (History.Action.TAKEN_BACK, cast.manager)


def test_take_back__declined__occupies_again(cast: Cast) -> None:
    made = asked(cast)
    reservation_decline(actor=cast.manager, reference=made.reference, reason="No.")
    assert not Occupancy.objects.filter(reservation=made).exists()

    back = reservation_take_back(actor=cast.manager, reference=made.reference)

    assert (back.status, back.reason) == (Status.PENDING, "")
    assert Occupancy.objects.filter(reservation=made).count() == 1


def test_take_back__declined_from_a_pool__takes_as_many_again(cast: Cast) -> None:
    policy = {"needs_approval": True}
    pool = open_lab(organisation=cast.host, units=4, policy=policy)
    made = reserve(pool, cast.booker, wish(quantity=3))
    reservation_decline(actor=cast.manager, reference=made.reference, reason="No.")
    reservation_take_back(actor=cast.manager, reference=made.reference)

    assert Occupancy.objects.filter(reservation=made).count() == 3


def test_take_back__declined_and_taken_meanwhile__is_lost(cast: Cast) -> None:
    made = asked(cast)
    reservation_decline(actor=cast.manager, reference=made.reference, reason="No.")
    reserve(cast.studio, cast.stranger)

    with pytest.raises(SlotTaken):
        reservation_take_back(actor=cast.manager, reference=made.reference)
    made.refresh_from_db()
    assert made.status == Status.DECLINED


def test_take_back__ten_seconds_later__is_too_late(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    later(monkeypatch, TAKE_BACK)

    with pytest.raises(WrongStatus) as refused:
        reservation_take_back(actor=cast.manager, reference=made.reference)
    assert refused.value.code == "too_late"


def test_take_back__somebody_elses_decision__is_refused(cast: Cast) -> None:
    made = asked(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)

    with pytest.raises(WrongStatus):
        reservation_take_back(actor=cast.staff, reference=made.reference)
    with pytest.raises(WrongStatus):
        reservation_take_back(actor=cast.booker, reference=made.reference)
    with pytest.raises(Missing):
        reservation_take_back(actor=person(), reference=made.reference)


def test_take_back__undecided__is_refused(cast: Cast) -> None:
    made = asked(cast)
    with pytest.raises(WrongStatus):
        reservation_take_back(actor=cast.manager, reference=made.reference)


def test_take_back__moved_after_the_decision__is_refused(cast: Cast) -> None:
    made = asked(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    reservation_move(
        actor=cast.manager,
        reference=made.reference,
        starts_at=made.starts_at + HOUR,
        ends_at=made.ends_at + HOUR,
    )
    with pytest.raises(WrongStatus):
        reservation_take_back(actor=cast.manager, reference=made.reference)
