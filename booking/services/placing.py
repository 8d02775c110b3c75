"""Judge a wish and write where it is: what every path that occupies ends in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.exceptions import Busy, IdempotencyKeyReused, RuleViolation, SlotTaken
from booking.models import EffectivePolicy, Occupancy, Reservation
from booking.models.reservation import Status
from booking.qualifying import cautions
from booking.questions import kept
from booking.rules import violations
from booking.selectors.facts import Party, Wish, facts_gather
from booking.selectors.limits import limits_gather
from booking.services import ledger
from booking.services.changes import expire_lapsed_on, let_go
from booking.services.overriding import Override
from config.errors import from_integrity_error
from labs.models import User


def check(
    actor: User,
    party: Party,
    resource_id: int,
    wish: Wish,
    units: list[int],
    now: dt.datetime,
    moving: Reservation | None = None,
    override: Override | None = None,
) -> tuple[EffectivePolicy, list[int]]:
    """Run the rules and choose the units, under the lock; two queries.

    Two more where a quota or an agreement may limit what the party has, elsewhere too.
    An override is told what it overrides.

    What another open form of this person holds is not in their way: it lets go.
    Raises Busy where the resource came to cover other units while we waited.
    """
    gathered = facts_gather(
        resource_id, wish, now, party, moving.pk if moving else None
    )
    facts, policy = gathered.facts, gathered.policy
    # A hold that becomes a reservation is no move: nothing was promised yet.
    is_move = moving is not None and moving.status != Status.HELD
    facts = replace(facts, may_renew=is_move)
    if gathered.unit_ids != units:
        raise Busy
    if gathered.has_lapsed:
        expire_lapsed_on(units, now)
    if gathered.has_limits:
        ledger.lock_guests([party.organisation_id])
        gone = [moving.pk] if moving else []
        limits = limits_gather(resource_id, wish, party, facts.zone, gone)
        facts = replace(facts, limits=limits)
    failed = violations(facts)
    if override is not None:
        failed = override.rest_of(failed)
    if failed:
        raise RuleViolation(failed)
    policy.cautions = tuple(cautions(facts.needs, facts.last_day))
    policy.answers = kept(facts.questions, wish.answers)
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


def cautioned(
    policy: EffectivePolicy, override: Override | None = None, **changes: Any
) -> dict[str, Any]:
    """Return what a history keeps of a change: with what `check` let pass, if any."""
    if policy.cautions:
        changes["cautions"] = [[], list(policy.cautions)]
    return changes | (override.changes() if override else {})


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


def place(
    reservation: Reservation, policy: EffectivePolicy, wish: Wish, units: list[int]
) -> None:
    """Write when it is, with its rows in the ledger.

    Raises IdempotencyKeyReused: the lock of one resource does not keep out a request
    for another with the same key.
    """
    reservation.starts_at, reservation.ends_at = wish.starts_at, wish.ends_at
    reservation.free_at = wish.ends_at + policy.turnaround
    reservation.cancel_by_at = policy.cancel_by(wish.starts_at)
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
