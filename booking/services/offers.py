"""Offer a request another time or place, and answer what is offered.

An offer is a reservation with the status `held`: nobody else gets the slot until it is
accepted, passed or lapses. Of a counter-offer the request's history tells, and its hold
vanishes; an offer of the waiting list becomes the reservation, or ends as one.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.deadlines import counter_until
from booking.exceptions import RuleViolation, SlotTaken, WrongStatus
from booking.models import History, Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.permissions import can_decide, is_party, require
from booking.selectors.alternatives import alternatives_for
from booking.selectors.approving import way_of
from booking.selectors.facts import Party, Wish
from booking.services import ledger
from booking.services.changes import (
    changing,
    counter_let_go,
    require_status,
    transition,
)
from booking.services.decisions import reservation_approve
from booking.services.history import history_record
from booking.services.paths import (
    decisions_void,
    request_begin,
    rule_record,
    settle,
    stage_begin,
)
from booking.services.placing import cautioned, check, place
from booking.services.reservations import resource_seen_by
from config import clock
from config.errors import Conflict, Forbidden, Invalid, Missing
from labs.models import Resource, User

Action = History.Action


def reservation_counter(
    *,
    actor: User,
    reference: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    resource: str = "",
    reason: str = "",
    version: int | None = None,
) -> Reservation:
    """Offer another time, or another resource by its slug, instead of a request.

    Both are held until the guest answers; a second offer takes the place of the first.
    Returns the request. Raises as `reservation_reserve` does, Forbidden (403) where the
    actor may not decide for either resource, WrongStatus (409), ChangedMeanwhile (409).
    """
    other = resource_seen_by(actor, resource) if resource else None
    also = [other.pk] if other else []
    target = wish = None
    try:
        with changing(reference, actor=actor, version=version, also=also) as found:
            request, _units = found
            require(can_decide(actor, request))
            require_status(request, {Status.PENDING})
            target = other or request.resource
            quantity = request.quantity if target.is_pool else 1
            wish = Wish(starts_at, ends_at, request.people, quantity, with_terms=False)
            counter_hold(actor, request, target, wish, reason.strip())
    except (SlotTaken, RuleViolation) as error:
        if target is not None and wish is not None:
            error.extra["alternatives"] = alternatives_for(
                actor, target, wish, apart_from=request
            )
        raise
    return request


def counter_hold(
    actor: User, request: Reservation, target: Resource, wish: Wish, reason: str
) -> Reservation:
    """Hold what is offered and record it, under the locks of both resources."""
    now = clock.now()
    as_asked = (request.resource_id, request.starts_at, request.ends_at)
    if as_asked == (target.pk, wish.starts_at, wish.ends_at):
        raise Invalid({"starts_at": [_("That is what they asked for.")]})
    hold = Reservation(
        resource=target,
        organisation=request.organisation,
        requested_by_id=request.requested_by_id,
        status=Status.HELD,
        purpose=request.purpose,
        instead_of=request,
        decided_by=actor,
        decided_at=now,
        reason=reason,
        created_at=now,
    )
    require(can_decide(actor, hold))
    counter_let_go(request)
    units = ledger.lock_units([target.pk])
    policy, chosen = check(actor, _party(request), target.pk, wish, units, now, request)
    starts = request.starts_at, wish.starts_at
    hold.lapses_at = counter_until(now, request.lapses_at, *starts)
    place(hold, policy, wish, chosen)
    transition(
        request,
        Status.PENDING,
        Action.COUNTERED,
        actor=actor,
        at=now,
        reason=reason,
        changes=_changes(request, hold),
    )
    return hold


def _wish_of(held: Reservation) -> Wish:
    """Return what is held; of the terms of use nobody could be asked meanwhile."""
    return Wish(
        held.starts_at, held.ends_at, held.people, held.quantity, with_terms=False
    )


def _party(reservation: Reservation) -> Party:
    return Party(reservation.requested_by_id, reservation.organisation_id)


def _changes(before: Reservation, after: Reservation) -> dict[str, Any]:
    """Return what is, or would be, another one: the time always, the resource if so."""
    changes = {
        name: [getattr(each, name).isoformat() for each in (before, after)]
        for name in ("starts_at", "ends_at")
    }
    if before.resource_id != after.resource_id:
        changes["resource"] = [before.resource.slug, after.resource.slug]
    return changes


def offer_accept(
    *, actor: User, reference: str, version: int | None = None
) -> Reservation:
    """Accept what is offered: the request moves there, or the hold is one's own.

    Where it needs approval, whoever offered it has given theirs. Raises Missing (404),
    Forbidden (403), WrongStatus (409) where nothing is offered any more,
    ChangedMeanwhile (409), RuleViolation (422) where it was closed meanwhile.
    """
    with changing(reference, actor=actor, version=version) as (reservation, units):
        require(is_party(actor, reservation))
        if reservation.is_offer:
            maker = _take(actor, reservation, units)
        else:
            maker = _move_there(actor, reservation)
    if maker is None or reservation.status != Status.PENDING or not maker.is_active:
        return reservation
    try:
        return reservation_approve(actor=maker, reference=reference)
    except (Missing, Forbidden, Conflict):
        # Not theirs to decide any more, or decided meanwhile: it goes on as it is.
        return reservation


def _take(actor: User, offer: Reservation, units: list[int]) -> User | None:
    """Make what the waiting list offers theirs; returns who offered it."""
    now, maker = clock.now(), offer.decided_by
    wish = _wish_of(offer)
    # Notice and horizon count from when it was offered: to think is no fault.
    policy, chosen = check(
        actor, _party(offer), offer.resource_id, wish, units, offer.created_at, offer
    )
    request_begin(offer, policy, wish, now)
    offer.version += 1
    place(offer, policy, wish, chosen)
    WaitingEntry.objects.filter(offers=offer).update(status=WaitingEntry.Status.SERVED)
    history_record(
        offer,
        Action.REQUESTED if offer.status == Status.PENDING else Action.RESERVED,
        actor=actor,
        at=now,
        from_status=Status.HELD,
        changes=cautioned(policy, **rule_record(offer, now)),
    )
    return maker


def _move_there(actor: User, request: Reservation) -> User | None:
    """Move a request to what was offered instead; returns who offered it."""
    held = _counter_taken(request)
    now, maker = clock.now(), held.decided_by
    wish = _wish_of(held)
    units = ledger.lock_units([held.resource_id])
    policy, chosen = check(
        actor,
        _party(request),
        held.resource_id,
        wish,
        units,
        held.created_at,
        request,
    )
    changes = _changes(request, held)
    ledger.release(request)
    is_elsewhere = request.resource_id != held.resource_id
    request.resource = held.resource
    if not policy.needs_approval:
        settle(request)
        request.decided_by, request.decided_at = maker, now
    elif is_elsewhere:
        decisions_void([request])
        request_begin(request, policy, wish, now)
    else:
        # What was decided before stands: it was those who decide who offered it.
        time, stage = way_of(None, now).time, request.stage
        stage_begin(request, stage, policy, time, now, starts_at=wish.starts_at)
    request.version += 1
    place(request, policy, wish, chosen)
    history_record(
        request,
        Action.ACCEPTED,
        actor=actor,
        at=now,
        from_status=Status.PENDING,
        changes=cautioned(policy, **changes, **rule_record(request, now)),
    )
    return maker


def _counter_taken(request: Reservation) -> Reservation:
    """Return what was offered instead, and hold it no longer."""
    held = counter_let_go(request)
    if held is None:
        raise WrongStatus(_("There is no offer to answer any more."), code="no_offer")
    return held


def offer_pass(
    *, actor: User, reference: str, reason: str = "", version: int | None = None
) -> Reservation:
    """Pass what is offered: a request goes on as it was, the next in line gets theirs.

    Whoever waits stays in line, and is not offered that time again. Raises Missing
    (404), Forbidden (403), WrongStatus (409), ChangedMeanwhile (409).
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(is_party(actor, reservation))
        if not reservation.is_offer:
            _counter_taken(reservation)
        offer_end(actor, reservation, reason.strip())
    return reservation


def offer_end(actor: User, reservation: Reservation, reason: str = "") -> None:
    """Record that an offer was passed, under the lock."""
    status = Status(reservation.status)
    if reservation.is_offer:
        status = Status.CANCELLED
        reservation.decided_by = reservation.decided_at = None
    passed, now = Action.PASSED, clock.now()
    transition(reservation, status, passed, actor=actor, at=now, reason=reason)
