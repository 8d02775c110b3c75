"""Approve, decline, ask and answer; ask to move."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_decide, is_party, require
from booking.services.changes import changing, require_status, transition
from config import clock
from config.errors import Invalid
from labs.models import User


def require_reason(reason: str) -> str:
    """Return the reason, trimmed; raises Invalid (400) where there is none."""
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": [_("Say why; the other side reads it.")]})
    return reason


def _decide(
    actor: User,
    reference: str,
    version: int | None,
    status: Status,
    action: History.Action,
    reason: str,
) -> Reservation:
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(can_decide(actor, reservation))
        require_status(reservation, {Status.PENDING})
        now = clock.now()
        reservation.decided_by, reservation.decided_at = actor, now
        reservation.reason = reason
        transition(reservation, status, action, actor=actor, at=now, reason=reason)
    return reservation


def reservation_approve(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Approve a request. Raises Missing, Forbidden, WrongStatus, ChangedMeanwhile."""
    return _decide(
        actor, reference, version, Status.APPROVED, History.Action.APPROVED, ""
    )


def reservation_decline(
    *, actor: User, reference: str, reason: str, version: int | None = None
) -> Reservation:
    """Decline a request with a reason, and release its units."""
    return _decide(
        actor,
        reference,
        version,
        Status.DECLINED,
        History.Action.DECLINED,
        require_reason(reason),
    )


def _say(
    actor: User,
    reference: str,
    version: int | None,
    action: History.Action,
    may: Callable[[User, Reservation], bool],
    reason: str,
    statuses: Collection[Status] = (Status.PENDING,),
) -> Reservation:
    """Record what was said; the reservation stays what it is."""
    reason = require_reason(reason)
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(may(actor, reservation))
        require_status(reservation, statuses)
        now = clock.now()
        if reservation.ends_at <= now:
            raise WrongStatus(_("That is over already."))
        status = Status(reservation.status)
        transition(reservation, status, action, actor=actor, at=now, reason=reason)
    return reservation


def reservation_ask(
    *, actor: User, reference: str, reason: str, version: int | None = None
) -> Reservation:
    """Ask the guest for information; the request stays pending, its clock runs on."""
    action = History.Action.ASKED
    return _say(actor, reference, version, action, can_decide, reason)


def reservation_answer(
    *, actor: User, reference: str, reason: str, version: int | None = None
) -> Reservation:
    """Answer what the host or the hub asked; those who decide are told."""
    action = History.Action.ANSWERED
    return _say(actor, reference, version, action, is_party, reason)


def reservation_ask_to_move(
    *, actor: User, reference: str, reason: str, version: int | None = None
) -> Reservation:
    """Ask the guest for another time, and say why; until then it stays as it is."""
    action = History.Action.MOVE_ASKED
    return _say(actor, reference, version, action, can_decide, reason, MOVABLE)
