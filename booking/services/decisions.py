"""Approve, decline, take that back, ask and answer; ask to move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_decide, is_party, require
from booking.services.changes import (
    changing,
    occupy_again,
    require_status,
    transition,
)
from config import clock
from config.errors import Invalid
from labs.models import User

#: For so long nobody is told of a decision, and whoever took it may take it back.
TAKE_BACK = dt.timedelta(seconds=10)


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
        lapses_at = reservation.lapses_at
        transition(
            reservation,
            status,
            action,
            actor=actor,
            at=now,
            reason=reason,
            changes={"lapses_at": [lapses_at.isoformat() if lapses_at else None, None]},
        )
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


def can_take_back(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    """Whoever decided, for so long as nobody has been told."""
    decided_at = reservation.decided_at
    return (
        reservation.status in {Status.APPROVED, Status.DECLINED}
        and reservation.decided_by_id == actor.pk
        and decided_at is not None
        and now < decided_at + TAKE_BACK
    )


def reservation_take_back(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Make a request of what the actor decided a moment ago; nobody was told of it.

    Raises Missing, WrongStatus (409) once it is too late, ChangedMeanwhile, SlotTaken
    (409) where somebody took what declining had made free.
    """
    with changing(reference, actor=actor, version=version) as (reservation, units):
        now = clock.now()
        last = reservation.history.last()
        if (
            not can_take_back(actor, reservation, now)
            or last is None
            or last.at != reservation.decided_at
        ):
            raise WrongStatus(_("It is too late to take that back."), code="too_late")
        if reservation.status == Status.DECLINED:
            occupy_again(reservation, units)
        # Decisions of before this was recorded say nothing: it lapses when it begins.
        was = last.changes.get("lapses_at", [None])[0]
        reservation.lapses_at = (
            dt.datetime.fromisoformat(was) if was else reservation.starts_at
        )
        reservation.decided_by = reservation.decided_at = None
        reservation.reason = ""
        transition(
            reservation,
            Status.PENDING,
            History.Action.TAKEN_BACK,
            actor=actor,
            at=now,
        )
    return reservation


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
