"""Who is offered which step of a reservation: a courtesy, the service decides."""

from __future__ import annotations

import datetime as dt

from booking.models import History, Reservation
from booking.models.reservation import CANCELLABLE, MOVABLE, Status
from booking.permissions import (
    can_change,
    can_decide,
    can_hand_over,
    is_host_side,
    is_party,
)
from booking.selectors.attendance import confirmation_in
from booking.services import lifecycle, no_shows
from labs.models import User

#: Who says so earlier may well forget it again.
CONFIRM_EARLY = dt.timedelta(days=7)


def _is_ahead(reservation: Reservation, now: dt.datetime) -> bool:
    return reservation.ends_at > now


def _waits(reservation: Reservation, now: dt.datetime) -> bool:
    lapses_at = reservation.lapses_at
    pending = reservation.status == Status.PENDING
    return pending and lapses_at is not None and lapses_at > now


def may_decide(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    return _waits(reservation, now) and can_decide(actor, reservation)


def may_ask(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    concerned = is_host_side(actor, reservation) or can_decide(actor, reservation)
    return _waits(reservation, now) and concerned


def may_answer(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    if not (_waits(reservation, now) and is_party(actor, reservation)):
        return False
    return reservation.history.filter(action=History.Action.ASKED).exists()


def may_take_offer(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    held = reservation
    if not reservation.is_offer:
        # A hold at most, which is looked up once for the page.
        held = getattr(reservation, "counter", None) or reservation
    is_open = held.status == Status.HELD and (held.lapses_at or now) > now
    return is_open and is_party(actor, reservation)


def may_confirm(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    soon = now < reservation.starts_at < now + CONFIRM_EARLY
    if reservation.status != Status.APPROVED or not soon:
        return False
    confirmed = confirmation_in(reservation.history.all())
    return is_party(actor, reservation) and confirmed is None


def may_check_in(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    opens_at = reservation.starts_at - lifecycle.CHECK_IN_EARLY
    in_time = opens_at <= now < reservation.ends_at
    approved = reservation.status == Status.APPROVED
    can = approved and in_time and can_change(actor, reservation)
    return can and not lifecycle.needs_code(actor, reservation)


def may_check_out(actor: User, reservation: Reservation, _now: dt.datetime) -> bool:
    return reservation.status == Status.IN_USE and can_change(actor, reservation)


def may_miss(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    if reservation.status not in no_shows.MISSABLE or now < reservation.starts_at:
        return False
    came = History.Action.CHECKED_IN
    return (
        is_host_side(actor, reservation)
        and not reservation.history.filter(action=came).exists()
    )


def was_there(actor: User, reservation: Reservation, _now: dt.datetime) -> bool:
    return reservation.status == Status.NO_SHOW and is_host_side(actor, reservation)


def may_move(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    movable = reservation.status in MOVABLE and _is_ahead(reservation, now)
    return movable and can_change(actor, reservation)


def colleagues_of(reservation: Reservation) -> list[User]:
    """Return who could come instead: the other active members, by name.

    Looked up once: who is offered the step is shown its form.
    """
    known: list[User] | None = vars(reservation).get("colleagues")
    if known is None:
        members = User.objects.filter(
            is_active=True, memberships__organisation=reservation.organisation_id
        )
        others = members.exclude(pk=reservation.requested_by_id)
        known = vars(reservation)["colleagues"] = list(others.order_by("name", "pk"))
    return known


def may_hand_over(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    movable = reservation.status in MOVABLE and _is_ahead(reservation, now)
    may = movable and can_hand_over(actor, reservation)
    return may and bool(colleagues_of(reservation))


def may_cancel(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    cancellable = reservation.status in CANCELLABLE and _is_ahead(reservation, now)
    return cancellable and can_change(actor, reservation)
