"""Reserve and move: what makes a reservation occupy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from booking.exceptions import (
    Busy,
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import EffectivePolicy, History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_change, can_decide, can_reserve_for, require
from booking.rules import violations
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Wish, facts_gather
from booking.services import ledger
from booking.services.changes import changing, expire_lapsed_on, require_status
from booking.services.history import history_record
from config import clock
from config.errors import Invalid, Missing, from_integrity_error
from config.prepared import prepared
from labs.models import Organisation, Resource, User


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's key and the hash of the body that came with it."""

    key: str
    body_hash: str


def reservation_reserve(
    *,
    actor: User,
    resource_slug: str,
    organisation_slug: str,
    wish: Wish,
    purpose: str,
    idempotency: Idempotency | None = None,
) -> Reservation:
    """Reserve, or ask to where the resource needs approval; returns it with relations.

    `organisation_slug` may be empty for a member of just one organisation. With an
    Idempotency-Key that came before with the same body, returns what that one made.

    Raises Missing (404) for an unseen resource, Forbidden (403) for another's
    organisation, RuleViolation (422) with every rule that failed, SlotTaken (409) with
    alternatives, IdempotencyKeyReused (422), Busy (503).
    """
    visible = Resource.objects.visible_to(actor).select_related("site", "organisation")
    with prepared():
        resource = visible.filter(slug=resource_slug).first()
    if resource is None:
        raise Missing
    organisation = _organisation_for(actor, organisation_slug)
    try:
        return _reserve(actor, resource, organisation, wish, purpose, idempotency)
    except (SlotTaken, RuleViolation) as error:
        # Outside of the transaction: the loser holds no lock while looking around.
        error.extra["alternatives"] = alternatives_for(actor, resource, wish)
        raise


def _organisation_for(actor: User, slug: str) -> Organisation:
    if slug:
        organisation = Organisation.objects.filter(slug=slug, is_active=True).first()
        if organisation is None:
            raise Invalid({"organisation": [_("There is no such organisation.")]})
        require(can_reserve_for(actor, organisation.pk))
        return organisation
    if len(actor.roles) != 1:
        text = _("Say which organisation you reserve for.")
        raise Invalid({"organisation": [text]})
    return Organisation.objects.get(pk=next(iter(actor.roles)))


def _reserve(
    actor: User,
    resource: Resource,
    organisation: Organisation,
    wish: Wish,
    purpose: str,
    idempotency: Idempotency | None,
) -> Reservation:
    with ledger.writing():
        units = ledger.lock_units([resource.pk])
        now = clock.now()
        if idempotency and (made := _made_before(actor, idempotency)):
            return made
        policy, chosen = _check(resource.pk, wish, units, now)
        reservation = Reservation(
            resource=resource,
            organisation=organisation,
            requested_by=actor,
            status=Status.PENDING if policy.needs_approval else Status.APPROVED,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            free_at=wish.ends_at + policy.turnaround,
            purpose=purpose,
            people=wish.people,
            quantity=wish.quantity,
            lapses_at=decide_by(policy, now, wish.starts_at),
            idempotency_key=idempotency.key if idempotency else None,
            idempotency_hash=idempotency.body_hash if idempotency else "",
            created_at=now,
        )
        _insert(reservation)
        ledger.occupy(reservation, chosen)
        asked = policy.needs_approval
        history_record(
            reservation,
            History.Action.REQUESTED if asked else History.Action.RESERVED,
            actor=actor,
            at=now,
        )
    return reservation


def _insert(reservation: Reservation) -> None:
    """Insert, or raise IdempotencyKeyReused.

    The lock of one resource does not keep out a request for another with the same key.
    """
    try:
        reservation.save(force_insert=True)
    except IntegrityError as error:
        known = from_integrity_error(error)
        if known is not None and known.code == IdempotencyKeyReused.code:
            raise IdempotencyKeyReused from error
        raise


def decide_by(
    policy: EffectivePolicy, now: dt.datetime, starts_at: dt.datetime
) -> dt.datetime | None:
    """Return when a request lapses if nobody decides, at the latest when it starts."""
    if not policy.needs_approval:
        return None
    return min(now + dt.timedelta(hours=policy.decide_within_hours), starts_at)


def _made_before(actor: User, idempotency: Idempotency) -> Reservation | None:
    made = (
        Reservation.objects.filter(requested_by=actor, idempotency_key=idempotency.key)
        .select_related("resource__site", "resource__organisation", "organisation")
        .first()
    )
    if made and made.idempotency_hash != idempotency.body_hash:
        raise IdempotencyKeyReused
    return made


def _check(
    resource_id: int,
    wish: Wish,
    units: list[int],
    now: dt.datetime,
    moving: Reservation | None = None,
) -> tuple[EffectivePolicy, list[int]]:
    """Run the rules and choose the units, under the lock; two queries.

    Raises Busy where the resource came to cover other units while we waited.
    """
    gathered = facts_gather(resource_id, wish, now)
    facts, policy = gathered.facts, gathered.policy
    if gathered.unit_ids != units:
        raise Busy
    if gathered.has_lapsed:
        expire_lapsed_on(units, now)
    if failed := violations(facts):
        raise RuleViolation(failed)
    free = ledger.free_units(
        units, wish.starts_at, wish.ends_at + policy.turnaround, apart_from=moving
    )
    chosen = ledger.choose_units(
        units, free, is_pool=facts.is_pool, quantity=wish.quantity
    )
    return policy, chosen


def reservation_move(
    *,
    actor: User,
    reference: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    version: int | None = None,
) -> Reservation:
    """Move to another time, which may overlap the old one; same resource.

    Where the resource needs approval a guest's move makes it pending again; a host's
    manager and hub staff move without. Raises as `reservation_reserve` does, and
    WrongStatus (409), ChangedMeanwhile (409) where `version` is stale.
    """
    wish = None
    try:
        with changing(reference, actor=actor, version=version) as (reservation, units):
            wish = Wish(starts_at, ends_at, reservation.people, reservation.quantity)
            require(can_change(actor, reservation))
            require_status(reservation, MOVABLE)
            if reservation.ends_at <= clock.now():
                raise WrongStatus(_("It is over; there is nothing to move."))
            if (reservation.starts_at, reservation.ends_at) == (starts_at, ends_at):
                return reservation
            _move(actor, reservation, units, wish)
    except (SlotTaken, RuleViolation) as error:
        if wish is not None:
            error.extra["alternatives"] = alternatives_for(
                actor, reservation.resource, wish, apart_from=reservation
            )
        raise
    return reservation


def _move(actor: User, reservation: Reservation, units: list[int], wish: Wish) -> None:
    now = clock.now()
    policy, chosen = _check(reservation.resource_id, wish, units, now, reservation)
    before = {name: getattr(reservation, name) for name in ("starts_at", "ends_at")}
    from_status = reservation.status
    if not policy.needs_approval:
        reservation.status = Status.APPROVED
    elif not can_decide(actor, reservation):
        reservation.status = Status.PENDING
        reservation.decided_by = reservation.decided_at = None
    is_pending = reservation.status == Status.PENDING
    reservation.lapses_at = (
        decide_by(policy, now, wish.starts_at) if is_pending else None
    )
    reservation.starts_at, reservation.ends_at = wish.starts_at, wish.ends_at
    reservation.free_at = wish.ends_at + policy.turnaround
    reservation.version += 1
    ledger.release(reservation)
    reservation.save()
    ledger.occupy(reservation, chosen)
    history_record(
        reservation,
        History.Action.MOVED,
        actor=actor,
        at=now,
        from_status=from_status,
        changes={
            name: [was.isoformat(), getattr(reservation, name).isoformat()]
            for name, was in before.items()
        },
    )
