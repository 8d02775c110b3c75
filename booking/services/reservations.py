"""Reserve and move: what makes a reservation occupy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from booking.exceptions import (
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_change, can_decide, can_reserve_for, require
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Party, Wish
from booking.services import ledger
from booking.services.changes import (
    changing,
    let_go,
    require_status,
)
from booking.services.history import history_record
from booking.services.overriding import Override, override_of
from booking.services.placing import check, decide_by, place
from booking.services.terms import terms_accept
from config import clock
from config.errors import Invalid, Missing
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
    overrides: Sequence[str] = (),
    override_reason: str = "",
) -> Reservation:
    """Reserve, or ask to where the resource needs approval; returns it with relations.

    `organisation_slug` may be empty for a member of just one organisation. With an
    Idempotency-Key that came before with the same body, returns what that one made;
    what is held with that key becomes the reservation. `overrides` are the codes of
    rules that hub staff go against.

    Raises Missing (404) for an unseen resource, Forbidden (403) for another's
    organisation, RuleViolation (422) with every rule that failed, SlotTaken (409) with
    alternatives, IdempotencyKeyReused (422), Busy (503), as `override_of` does.
    """
    resource = resource_seen_by(actor, resource_slug)
    organisation = organisation_for(actor, organisation_slug)
    override = override_of(actor, overrides, override_reason)
    asked = (wish, purpose, idempotency, override)
    try:
        return _reserve(actor, resource, organisation, *asked)
    except (SlotTaken, RuleViolation) as error:
        # Outside of the transaction: the loser holds no lock while looking around.
        held = held_with(actor, idempotency.key) if idempotency else None
        error.extra["alternatives"] = alternatives_for(
            actor, resource, wish, apart_from=held, guest=organisation.pk
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
    override: Override | None,
) -> Reservation:
    with ledger.writing():
        units = ledger.lock_units([resource.pk])
        now = clock.now()
        held = None
        if idempotency and (made := made_with(actor, idempotency.key)):
            held = held_still(made, resource, now)
            if held is None and made.status != Status.HELD:
                return _same(made, idempotency)
        party = Party(actor.pk, organisation.pk)
        policy, chosen = check(
            actor, party, resource.pk, wish, units, now, held, override
        )
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
        if policy.terms_id is not None:
            reservation.terms_id = policy.terms_id
            terms_accept(actor, policy.terms_id, now)
        place(reservation, policy, wish, chosen)
        asked = policy.needs_approval
        history_record(
            reservation,
            History.Action.REQUESTED if asked else History.Action.RESERVED,
            actor=actor,
            at=now,
            reason=override.reason if override else "",
            changes=override.changes() if override else None,
        )
    return reservation


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


def reservation_move(
    *,
    actor: User,
    reference: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    version: int | None = None,
    overrides: Sequence[str] = (),
    override_reason: str = "",
) -> Reservation:
    """Move to another time, which may overlap the old one; same resource.

    Where the resource needs approval a guest's move makes it pending again; a host's
    manager and hub staff move without. Raises as `reservation_reserve` does, and
    WrongStatus (409), ChangedMeanwhile (409) where `version` is stale.
    """
    wish = None
    override = override_of(actor, overrides, override_reason)
    try:
        with changing(reference, actor=actor, version=version) as (reservation, units):
            wish = Wish(
                starts_at,
                ends_at,
                reservation.people,
                reservation.quantity,
                with_terms=False,
            )
            require(can_change(actor, reservation))
            require_status(reservation, MOVABLE)
            if reservation.ends_at <= clock.now():
                raise WrongStatus(_("It is over; there is nothing to move."))
            if (reservation.starts_at, reservation.ends_at) == (starts_at, ends_at):
                return reservation
            _move(actor, reservation, units, wish, override)
    except (SlotTaken, RuleViolation) as error:
        if wish is not None:
            error.extra["alternatives"] = alternatives_for(
                actor,
                reservation.resource,
                wish,
                apart_from=reservation,
                guest=reservation.organisation_id,
            )
        raise
    return reservation


def _move(
    actor: User,
    reservation: Reservation,
    units: list[int],
    wish: Wish,
    override: Override | None,
) -> None:
    now = clock.now()
    party = Party(reservation.requested_by_id, reservation.organisation_id)
    policy, chosen = check(
        actor, party, reservation.resource_id, wish, units, now, reservation, override
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
        reason=override.reason if override else "",
        changes={
            name: [was.isoformat(), getattr(reservation, name).isoformat()]
            for name, was in before.items()
        }
        | (override.changes() if override else {}),
    )
