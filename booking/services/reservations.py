"""Reserve and move: what makes a reservation occupy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from booking.exceptions import (
    Busy,
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import EffectivePolicy, History, Occupancy, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_change, can_decide, can_reserve_for, require
from booking.rules import violations
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Wish, facts_gather
from booking.services import ledger
from booking.services.changes import (
    changing,
    expire_lapsed_on,
    let_go,
    require_status,
)
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
    Idempotency-Key that came before with the same body, returns what that one made;
    what is held with that key becomes the reservation.

    Raises Missing (404) for an unseen resource, Forbidden (403) for another's
    organisation, RuleViolation (422) with every rule that failed, SlotTaken (409) with
    alternatives, IdempotencyKeyReused (422), Busy (503).
    """
    resource = resource_seen_by(actor, resource_slug)
    organisation = organisation_for(actor, organisation_slug)
    try:
        return _reserve(actor, resource, organisation, wish, purpose, idempotency)
    except (SlotTaken, RuleViolation) as error:
        # Outside of the transaction: the loser holds no lock while looking around.
        held = held_with(actor, idempotency.key) if idempotency else None
        error.extra["alternatives"] = alternatives_for(
            actor, resource, wish, apart_from=held
        )
        raise


def resource_seen_by(actor: User, slug: str) -> Resource:
    """Return a resource by its slug; raises Missing (404) for an unseen one."""
    visible = Resource.objects.visible_to(actor).select_related("site", "organisation")
    with prepared():
        resource = visible.filter(slug=slug).first()
    if resource is None:
        raise Missing
    return resource


def organisation_for(actor: User, slug: str) -> Organisation:
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
        held = None
        if idempotency and (made := made_with(actor, idempotency.key)):
            held = held_still(made, resource, now)
            if held is None and made.status != Status.HELD:
                return _same(made, idempotency)
        policy, chosen = check(actor, resource.pk, wish, units, now, held)
        reservation = held or Reservation(
            resource=resource,
            requested_by=actor,
            idempotency_key=idempotency.key if idempotency else None,
        )
        reservation.organisation = organisation
        reservation.status = Status.APPROVED
        if policy.needs_approval:
            reservation.status = Status.PENDING
        reservation.purpose = purpose
        reservation.lapses_at = decide_by(policy, now, wish.starts_at)
        reservation.idempotency_hash = idempotency.body_hash if idempotency else ""
        reservation.created_at = now
        place(reservation, policy, wish, chosen)
        asked = policy.needs_approval
        history_record(
            reservation,
            History.Action.REQUESTED if asked else History.Action.RESERVED,
            actor=actor,
            at=now,
        )
    return reservation


def place(
    reservation: Reservation, policy: EffectivePolicy, wish: Wish, units: list[int]
) -> None:
    """Write when it is, with its rows in the ledger.

    Raises IdempotencyKeyReused: the lock of one resource does not keep out a request
    for another with the same key.
    """
    reservation.starts_at, reservation.ends_at = wish.starts_at, wish.ends_at
    reservation.free_at = wish.ends_at + policy.turnaround
    reservation.people, reservation.quantity = wish.people, wish.quantity
    if reservation.pk:
        ledger.release(reservation)
    try:
        reservation.save()
    except IntegrityError as error:
        known = from_integrity_error(error)
        if known is not None and known.code == IdempotencyKeyReused.code:
            raise IdempotencyKeyReused from error
        raise
    ledger.occupy(reservation, units)


def decide_by(
    policy: EffectivePolicy, now: dt.datetime, starts_at: dt.datetime
) -> dt.datetime | None:
    """Return when a request lapses if nobody decides, at the latest when it starts."""
    if not policy.needs_approval:
        return None
    return min(now + dt.timedelta(hours=policy.decide_within_hours), starts_at)


def made_with(actor: User, key: str) -> Reservation | None:
    """Return what this person's key made, or holds."""
    return (
        Reservation.objects.filter(requested_by=actor, idempotency_key=key)
        .select_related("resource__site", "resource__organisation", "organisation")
        .first()
    )


def held_with(actor: User, key: str) -> Reservation | None:
    """Return what is held for the form with that key."""
    return Reservation.objects.held_by(actor).filter(idempotency_key=key).first()


def held_still(
    made: Reservation, resource: Resource, now: dt.datetime
) -> Reservation | None:
    """Return it if it is a hold, under the lock of its units; a lapsed one is let go.

    Raises IdempotencyKeyReused where it holds another resource.
    """
    if made.status != Status.HELD:
        return None
    if made.resource_id != resource.pk:
        raise IdempotencyKeyReused
    if made.lapses_at is None or made.lapses_at > now:
        return made
    let_go(made)
    return None


def _same(made: Reservation, idempotency: Idempotency) -> Reservation:
    if made.idempotency_hash != idempotency.body_hash:
        raise IdempotencyKeyReused
    return made


def check(
    actor: User,
    resource_id: int,
    wish: Wish,
    units: list[int],
    now: dt.datetime,
    moving: Reservation | None = None,
) -> tuple[EffectivePolicy, list[int]]:
    """Run the rules and choose the units, under the lock; two queries.

    What another open form of this person holds is not in their way: it lets go.
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
    taking = (units, wish.starts_at, wish.ends_at + policy.turnaround)

    def choose() -> list[int]:
        free = ledger.free_units(*taking, apart_from=moving)
        return ledger.choose_units(
            units, free, is_pool=facts.is_pool, quantity=wish.quantity
        )

    try:
        return policy, choose()
    except SlotTaken:
        if not _own_holds_let_go(actor, *taking, apart_from=moving):
            raise
    return policy, choose()


def _own_holds_let_go(
    actor: User,
    units: list[int],
    starts_at: dt.datetime,
    free_at: dt.datetime,
    apart_from: Reservation | None,
) -> int:
    """Let go of what this person's other forms hold there; returns how many did."""
    there = Occupancy.objects.filter(
        unit__in=units, during__overlap=DateTimeTZRange(starts_at, free_at)
    )
    held = Reservation.objects.held_by(actor).filter(pk__in=there.values("reservation"))
    if apart_from is not None:
        held = held.exclude(pk=apart_from.pk)
    letting = list(held.select_for_update())
    for each in letting:
        let_go(each)
    return len(letting)


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
    policy, chosen = check(
        actor, reservation.resource_id, wish, units, now, reservation
    )
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
    reservation.version += 1
    place(reservation, policy, wish, chosen)
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
