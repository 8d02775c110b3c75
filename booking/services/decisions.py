"""Approve, decline, take that back, ask and answer; ask to move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import Decision, History, Reservation
from booking.models.paths import DeclineCode
from booking.models.reservation import MOVABLE, Status
from booking.permissions import (
    can_decide,
    decides_for,
    is_entitled,
    is_host_side,
    is_party,
    require,
)
from booking.services.changes import (
    changing,
    occupy_again,
    require_status,
    require_version,
    transition,
)
from booking.services.paths import (
    approvals_given,
    decision_record,
    stage_pass,
    step_of,
    step_restore,
    steps_between,
)
from config import clock
from config.errors import Forbidden, Invalid
from labs.models import User

#: For so long nobody is told of a decision, and whoever took it may take it back.
TAKE_BACK = dt.timedelta(seconds=10)
#: What can be taken back.
DECIDED = frozenset(
    {
        History.Action.APPROVED,
        History.Action.DECLINED,
        History.Action.STAGE_APPROVED,
    }
)


def require_reason(reason: str) -> str:
    """Return the reason, trimmed; raises Invalid (400) where there is none."""
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": [_("Say why; the other side reads it.")]})
    return reason


def require_turn(actor: User, reservation: Reservation) -> None:
    """Raise unless this person may decide the present stage.

    WrongStatus (409) says who decided before, and when, to whoever comes too late for
    a stage that was theirs, too; Forbidden (403) whose turn it is.
    """
    if can_decide(actor, reservation):
        return
    decided = reservation.standing
    last = decided[-1] if decided else None
    if last is not None and (
        is_entitled(actor, reservation, last.turn)
        or decides_for(actor, reservation, last.turn)
    ):
        raise _decided_before(last)
    require(is_host_side(actor, reservation))
    text = _("It is not your turn: it waits for %(who)s now.")
    raise Forbidden(text % {"who": reservation.get_turn_display()})


def _decided_before(last: Decision) -> WrongStatus:
    name = last.by.name if last.by else None
    extra = {
        "now": Status.PENDING,
        "decided_by": name,
        "decided_at": last.at.isoformat(),
    }
    if name is None:
        return WrongStatus(_("That stage is decided already."), extra=extra)
    text = _("That stage is decided already, by %(name)s.")
    return WrongStatus(text % {"name": name}, extra=extra)


def _decide(
    actor: User,
    reference: str,
    version: int | None,
    *,
    code: str = "",
    reason: str = "",
) -> Reservation:
    with changing(reference, actor=actor) as (reservation, _units):
        decide(actor, reservation, version, code=code, reason=reason)
    return reservation


def decide(
    actor: User,
    reservation: Reservation,
    version: int | None,
    *,
    code: str = "",
    reason: str = "",
) -> None:
    """Decide the present stage under the lock: a code declines, none approves."""
    require(is_host_side(actor, reservation) or can_decide(actor, reservation))
    require_status(reservation, {Status.PENDING})
    require_turn(actor, reservation)
    require_version(reservation, version)
    now, before = clock.now(), step_of(reservation)
    away = None
    if not is_entitled(actor, reservation, reservation.turn):
        away = decides_for(actor, reservation, reservation.turn)
    decision_record(
        reservation, by=actor, at=now, on_behalf_of=away, code=code, reason=reason
    )
    changes: dict[str, Any] = {}
    if away is not None:
        changes["on_behalf_of"] = [None, away.name]
    if code:
        status, action = Status.DECLINED, History.Action.DECLINED
        reservation.reason, reservation.decline_code = reason, code
        changes["code"] = [None, code]
    else:
        status, action = _approved(reservation, now)
    if status != Status.PENDING:
        reservation.decided_by, reservation.decided_at = actor, now
        reservation.lapses_at = reservation.alarm_at = None
    changes |= steps_between(before, step_of(reservation))
    transition(
        reservation, status, action, actor=actor, at=now, reason=reason, changes=changes
    )


def _approved(
    reservation: Reservation, now: dt.datetime
) -> tuple[Status, History.Action]:
    """Return what one more approval makes of it, and of its path."""
    enough = approvals_given(reservation) >= reservation.approvals_needed
    if enough and stage_pass(reservation, now):
        return Status.APPROVED, History.Action.APPROVED
    return Status.PENDING, History.Action.STAGE_APPROVED


def reservation_approve(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Approve the present stage of a request; the last one makes it approved.

    Raises Missing, Forbidden, WrongStatus (409, with who decided and when where
    somebody was first), ChangedMeanwhile.
    """
    return _decide(actor, reference, version)


def reservation_decline(
    *,
    actor: User,
    reference: str,
    code: str = DeclineCode.OTHER,
    reason: str = "",
    version: int | None = None,
) -> Reservation:
    """Decline a request, at whichever stage, and release its units.

    The code is said in the reader's language; `other` needs words of one's own.
    """
    if code not in DeclineCode.values:
        raise Invalid({"code": [_("Choose a reason from the list.")]})
    reason = reason.strip()
    if code == DeclineCode.OTHER:
        reason = require_reason(reason)
    return _decide(actor, reference, version, code=code, reason=reason)


def can_take_back(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    """Whoever decided last, for so long as nobody has been told."""
    if reservation.status not in {Status.PENDING, Status.APPROVED, Status.DECLINED}:
        return False
    decided = reservation.standing
    last = decided[-1] if decided else None
    return last is not None and last.by_id == actor.pk and now < last.at + TAKE_BACK


def reservation_take_back(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Undo what the actor decided a moment ago; nobody was told of it.

    Only the last decision: those of the stages before stand. Raises Missing,
    WrongStatus (409) once it is too late, ChangedMeanwhile, SlotTaken (409) where
    somebody took what declining had made free.
    """
    with changing(reference, actor=actor, version=version) as (reservation, units):
        now, last = clock.now(), reservation.history.last()
        decided = reservation.standing
        if (
            not can_take_back(actor, reservation, now)
            or last is None
            or last.action not in DECIDED
            or last.at != decided[-1].at
        ):
            raise WrongStatus(_("It is too late to take that back."), code="too_late")
        if reservation.status == Status.DECLINED:
            occupy_again(reservation, units)
        step_restore(reservation, last.changes)
        reservation.decided_by = reservation.decided_at = None
        reservation.reason = reservation.decline_code = ""
        reservation.decisions.filter(pk=decided[-1].pk).update(stands=False)
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
    """Ask the guest for information; the request stays pending, its clock runs on.

    The host's side may, whoever's turn it is, and a deputy.
    """
    action = History.Action.ASKED
    return _say(actor, reference, version, action, _may_ask, reason)


def _may_ask(actor: User, reservation: Reservation) -> bool:
    return is_host_side(actor, reservation) or can_decide(actor, reservation)


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
    return _say(actor, reference, version, action, is_host_side, reason, MOVABLE)
