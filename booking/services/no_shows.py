"""Who did not come: by the clock, by the host's word, and taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.permissions import is_host_side, require
from booking.services import ledger
from booking.services.changes import (
    changing,
    occupy_again,
    require_status,
    transition,
)
from config import clock
from labs.models import User

#: What can turn out to be a no-show: nobody came yet, or nobody said that they came.
MISSABLE = frozenset({Status.APPROVED, Status.COMPLETED})


def reservations_miss_absent() -> int:
    """Note every no-show and free the rest of its time; returns how many there were.

    A resource at a time, under the lock of its units: whoever checks in at that very
    moment is either there or too late.
    """
    absent = Reservation.objects.absent(clock.now())
    missed = 0
    for resource_id in sorted(set(absent.values_list("resource", flat=True))):
        with ledger.writing():
            ledger.lock_units([resource_id])
            now = clock.now()
            rows = Reservation.objects.absent(now).filter(resource=resource_id)
            for reservation in rows.order_by("pk"):
                action = History.Action.MISSED
                transition(reservation, Status.NO_SHOW, action, actor=None, at=now)
                missed += 1
    return missed


def reservation_miss(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Say that nobody came; for the host and the hub, once it has begun.

    Raises Missing (404), Forbidden (403), WrongStatus (409) where somebody checked in.
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(is_host_side(actor, reservation))
        require_status(reservation, MISSABLE)
        now = clock.now()
        if now < reservation.starts_at:
            raise WrongStatus(_("It has not begun yet."), code="not_begun")
        if reservation.history.filter(action=History.Action.CHECKED_IN).exists():
            raise WrongStatus(_("Somebody checked in."), code="checked_in")
        transition(
            reservation, Status.NO_SHOW, History.Action.MISSED, actor=actor, at=now
        )
    return reservation


def reservation_was_there(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Undo a no-show that was none; for the host and the hub.

    What is over is completed; else they have their time again, if nobody took it.
    Raises Missing (404), Forbidden (403), WrongStatus (409), SlotTaken (409).
    """
    with changing(reference, actor=actor, version=version) as (reservation, units):
        require(is_host_side(actor, reservation))
        require_status(reservation, {Status.NO_SHOW})
        now = clock.now()
        status = Status.COMPLETED
        if now < reservation.free_at:
            occupy_again(reservation, units)
            status = Status.IN_USE
        transition(reservation, status, History.Action.CHECKED_IN, actor=actor, at=now)
    return reservation
