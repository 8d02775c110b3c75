"""Reserve and move: what makes a reservation occupy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from booking.exceptions import (
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import (
    can_change,
    can_reserve_for,
    can_reserve_for_others,
    require,
)
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Party, Wish
from booking.services import ledger
from booking.services.amending import amend
from booking.services.answer_files import answer_files_keep, with_files
from booking.services.changes import (
    changing,
    let_go,
    require_status,
)
from booking.services.history import history_record
from booking.services.overriding import Override, override_of
from booking.services.paths import request_begin, rule_record
from booking.services.placing import cautioned, check, place
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


@dataclass(frozen=True, slots=True)
class Coming:
    """Who is to come, for which organisation, and what for."""

    person: User
    organisation: Organisation
    purpose: str


def reservation_reserve(  # noqa: PLR0913 - all that a reservation may say
    *,
    actor: User,
    resource_slug: str,
    organisation_slug: str,
    wish: Wish,
    purpose: str,
    idempotency: Idempotency | None = None,
    guest: str = "",
    overrides: Sequence[str] = (),
    override_reason: str = "",
) -> Reservation:
    """Reserve, or ask to where the resource needs approval; returns it with relations.

    `organisation_slug` may be empty for a member of just one organisation. `guest` is
    the e-mail of the colleague who is to come, where it is not the actor. With an
    Idempotency-Key that came before with the same body, returns what that one made;
    what is held with that key becomes the reservation. `overrides` are the codes of
    rules that hub staff go against.

    Raises Missing (404) for an unseen resource, Forbidden (403) for another's
    organisation, RuleViolation (422) with every rule that failed, SlotTaken (409) with
    alternatives, IdempotencyKeyReused (422), Busy (503), as `override_of` does.
    """
    resource = resource_seen_by(actor, resource_slug)
    organisation = organisation_for(actor, organisation_slug)
    coming = Coming(person_for(actor, organisation, guest), organisation, purpose)
    override = override_of(actor, overrides, override_reason)
    wish = replace(wish, answers=with_files(actor, wish.answers))
    try:
        return _reserve(actor, resource, coming, wish, idempotency, override)
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


def person_for(actor: User, organisation: Organisation, email: str) -> User:
    """Return who is to come: the actor, or the member of the organisation so named.

    Raises Forbidden (403) where the actor may not reserve for others.
    """
    if not email or email.casefold() == actor.email.casefold():
        return actor
    require(can_reserve_for_others(actor, organisation.pk))
    return member_named(organisation.pk, email, field="for")


def member_named(organisation_id: int, email: str, *, field: str) -> User:
    """Return an active member by e-mail; raises Invalid (400) about that field."""
    members = User.objects.filter(
        is_active=True,
        email__iexact=email,
        memberships__organisation=organisation_id,
        memberships__organisation__is_active=True,
    )
    found = members.first()
    if found is None:
        text = _("No member of the organisation has this e-mail.")
        raise Invalid({field: [text]})
    return found


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
    coming: Coming,
    wish: Wish,
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
        reservation = held or Reservation(
            resource=resource,
            idempotency_key=idempotency.key if idempotency else None,
        )
        reservation.idempotency_hash = idempotency.body_hash if idempotency else ""
        write(actor, reservation, coming, wish, units, now, override)
    return reservation


def write(
    actor: User,
    reservation: Reservation,
    coming: Coming,
    wish: Wish,
    units: list[int],
    now: dt.datetime,
    override: Override | None = None,
) -> None:
    """Judge, place and record one, new or held until now, under the lock of its units.

    Raises RuleViolation (422), SlotTaken (409), IdempotencyKeyReused (422), Busy (503).
    """
    held = reservation if reservation.pk else None
    party = Party(coming.person.pk, coming.organisation.pk)
    policy, chosen = check(
        actor, party, reservation.resource_id, wish, units, now, held, override
    )
    reservation.requested_by, reservation.organisation = (
        coming.person,
        coming.organisation,
    )
    reservation.sent_by = actor if coming.person.pk != actor.pk else None
    reservation.purpose = coming.purpose
    request_begin(reservation, policy, wish, now)
    reservation.created_at = now
    if policy.terms_id is not None:
        reservation.terms_id = policy.terms_id
        terms_accept(coming.person, policy.terms_id, now)
    reservation.answers = list(policy.answers)
    place(reservation, policy, wish, chosen)
    answer_files_keep(policy.answers)
    asked = reservation.status == Status.PENDING
    history_record(
        reservation,
        History.Action.REQUESTED if asked else History.Action.RESERVED,
        actor=actor,
        at=now,
        reason=override.reason if override else "",
        changes=cautioned(policy, override, **rule_record(reservation, now)),
    )


def made_with(actor: User, key: str) -> Reservation | None:
    """Return what this person's key made, or holds."""
    return (
        Reservation.objects.made_with(actor, key)
        .select_related(
            "resource__site", "resource__organisation", "organisation", "sent_by"
        )
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
            amend(
                actor,
                reservation,
                wish,
                units,
                action=History.Action.MOVED,
                override=override,
            )
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


def reservation_change(
    *,
    actor: User,
    reference: str,
    version: int | None = None,
    resource_slug: str | None = None,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    people: int | None = None,
    purpose: str | None = None,
) -> Reservation:
    """Change what is given of a reservation, and leave the rest; either side may.

    Another time, resource or number of people asks for approval again, as a move does;
    the purpose does not. Nothing is written where nothing differs. Raises as
    `reservation_move` does, and Missing for an unseen resource.
    """
    target = resource_seen_by(actor, resource_slug) if resource_slug else None
    also = [target.pk] if target else []
    wish = None
    try:
        with changing(reference, actor=actor, version=version, also=also) as (
            reservation,
            own_units,
        ):
            wish = Wish(
                starts_at or reservation.starts_at,
                ends_at or reservation.ends_at,
                people or reservation.people,
                reservation.quantity,
            )
            if wish.ends_at <= wish.starts_at:
                text = _("The end must come after the start.")
                raise Invalid({"ends_at": [text]})
            require(can_change(actor, reservation))
            require_status(reservation, MOVABLE)
            if reservation.ends_at <= clock.now():
                raise WrongStatus(_("It is over; there is nothing to change."))
            target = target or reservation.resource
            is_here = target.pk == reservation.resource_id
            amend(
                actor,
                reservation,
                wish,
                own_units if is_here else ledger.lock_units([target.pk]),
                action=History.Action.CHANGED,
                resource=target,
                purpose=purpose,
            )
    except (SlotTaken, RuleViolation) as error:
        if wish is not None:
            error.extra["alternatives"] = alternatives_for(
                actor,
                target or reservation.resource,
                wish,
                apart_from=reservation,
                guest=reservation.organisation_id,
            )
        raise
    return reservation
