"""Cancel, check in, check out, and what the clock does."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from booking.exceptions import NeedsCode, StaleCode, WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import CANCELLABLE, Status
from booking.permissions import can_change, is_host_side, is_party, require
from booking.selectors.attendance import confirmation_in
from booking.services import ledger
from booking.services.changes import (
    changing,
    expire_lapsed_on,
    require_status,
    transition,
)
from booking.services.decisions import require_reason
from booking.services.door_codes import door_of_code, have_door, is_at
from config import clock
from labs.models import User

#: Early birds may check in so long before the start.
CHECK_IN_EARLY = dt.timedelta(minutes=15)


def reservation_cancel(
    *, actor: User, reference: str, reason: str = "", version: int | None = None
) -> Reservation:
    """Cancel and release its units; the host and the hub must say why.

    A guest who cancels an approved one after its deadline does so late, and it is
    marked: it still counts against quotas.
    Raises Missing (404), Forbidden (403), WrongStatus (409), Invalid (400).
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(can_change(actor, reservation))
        require_status(reservation, CANCELLABLE)
        now = clock.now()
        if reservation.ends_at <= now:
            raise WrongStatus(_("It is over; there is nothing to cancel."))
        if not is_party(actor, reservation):
            reason = require_reason(reason)
        reservation.reason = reason.strip()
        reservation.is_late_cancel = is_late_to_cancel(actor, reservation, now)
        transition(
            reservation,
            Status.CANCELLED,
            History.Action.CANCELLED,
            actor=actor,
            at=now,
            reason=reservation.reason,
            changes={"is_late_cancel": [False, True]}
            if reservation.is_late_cancel
            else None,
        )
    return reservation


def is_late_to_cancel(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    """Whether it would be marked: a request that nobody approved yet never is."""
    deadline = reservation.cancel_by_at
    is_late = deadline is not None and now > deadline
    approved = reservation.status == Status.APPROVED
    return is_late and approved and is_party(actor, reservation)


def reservation_confirm(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Say that the guest will come; the host reads it in the history, nobody is told.

    Raises Missing (404), Forbidden (403), WrongStatus (409), ChangedMeanwhile (409).
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(is_party(actor, reservation))
        require_status(reservation, {Status.APPROVED})
        now = clock.now()
        if reservation.starts_at <= now:
            raise WrongStatus(_("It has begun: check in instead."))
        if confirmation_in(reservation.history.all()) is not None:
            raise WrongStatus(_("It is confirmed already."), code="confirmed_already")
        action = History.Action.CONFIRMED
        transition(reservation, Status.APPROVED, action, actor=actor, at=now)
    return reservation


def reservation_check_in(
    *, actor: User, reference: str, code: str = "", version: int | None = None
) -> Reservation:
    """Say that the guest is there, from a quarter of an hour before the start.

    `code` is what the screen beside the door shows, and proves it. Raises StaleCode
    (422) where it does not, NeedsCode (422) where a guest cannot do without.
    """
    with changing(reference, actor=actor, version=version) as (reservation, units):
        require(can_change(actor, reservation))
        require_status(reservation, {Status.APPROVED})
        now = clock.now()
        if not reservation.starts_at - CHECK_IN_EARLY <= now < reservation.ends_at:
            raise WrongStatus(
                _("Check in between 15 minutes before the start and the end."),
                code="not_check_in_time",
            )
        door = door_of_code(code, now) if code else None
        if door is not None and not is_at(door, units):
            raise StaleCode
        if door is None and needs_code(actor, reservation):
            raise NeedsCode
        transition(
            reservation,
            Status.IN_USE,
            History.Action.CHECKED_IN,
            actor=actor,
            at=now,
            changes={"door": [None, door.resource.slug]} if door else None,
        )
    return reservation


def needs_code(actor: User, reservation: Reservation) -> bool:
    """Whether this person checks in by the door's code only; at most two queries.

    Not where there is no door page: nobody could ever check in. The host and the hub
    see who is there.
    """
    if is_host_side(actor, reservation):
        return False
    resource = reservation.resource
    units = resource.units.values_list("pk", flat=True)
    return resource.effective_policy.check_in_needs_code and have_door(list(units))


def reservation_check_out(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Say that the guest has left; what remains of the time is free at once.

    The turnaround begins now, too; while it lasts the reservation stays in use.
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(can_change(actor, reservation))
        require_status(reservation, {Status.IN_USE})
        now = clock.now()
        if not reservation.starts_at < now < reservation.ends_at:
            raise WrongStatus(_("Check out between the start and the end."))
        before = reservation.ends_at
        _shorten(reservation, now)
        is_over = reservation.free_at == reservation.ends_at
        transition(
            reservation,
            Status.COMPLETED if is_over else Status.IN_USE,
            History.Action.CHECKED_OUT,
            actor=actor,
            at=now,
            changes={"ends_at": [before.isoformat(), reservation.ends_at.isoformat()]},
        )
    return reservation


def _shorten(reservation: Reservation, now: dt.datetime) -> None:
    """Let it end now, and its turnaround as much earlier; in the ledger, too."""
    turnaround = reservation.free_at - reservation.ends_at
    reservation.ends_at, reservation.free_at = now, now + turnaround
    units = list(reservation.occupancy.values_list("unit_id", flat=True))
    ledger.release(reservation)
    ledger.occupy(reservation, units)


def reservations_expire_lapsed() -> int:
    """Expire every request that nobody decided in time; returns how many there were.

    A resource at a time, under the same lock as everything that occupies.
    """
    lapsed = Reservation.objects.lapsed(clock.now())
    resource_ids = list(lapsed.values_list("resource_id", flat=True))
    for resource_id in sorted(set(resource_ids)):
        with ledger.writing():
            expire_lapsed_on(ledger.lock_units([resource_id]), clock.now())
    return len(resource_ids)


def reservations_complete_ended() -> int:
    """Complete what is over, turnaround included, so that the ledger stays small."""
    ended = Reservation.objects.ended(clock.now())
    done = 0
    for resource_id in sorted(set(ended.values_list("resource_id", flat=True))):
        with ledger.writing():
            ledger.lock_units([resource_id])
            now = clock.now()
            for reservation in ended.filter(resource=resource_id):
                transition(
                    reservation,
                    Status.COMPLETED,
                    History.Action.COMPLETED,
                    actor=None,
                    at=now,
                )
                done += 1
    return done
