"""Change what is reserved: where and when it is, for how many, and what for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from booking.models import EffectivePolicy, History, Reservation
from booking.models.reservation import Status
from booking.permissions import is_host_side
from booking.selectors.approving import Way, way_of
from booking.selectors.facts import Party, Wish
from booking.services.answer_files import answer_files_keep
from booking.services.changes import counter_let_go
from booking.services.history import history_record
from booking.services.overriding import Override
from booking.services.paths import (
    decisions_void,
    request_begin,
    rule_record,
    settle,
    stage_begin,
)
from booking.services.placing import cautioned, check, place
from config import clock
from labs.models import Resource, User


def amend(
    actor: User,
    reservation: Reservation,
    wish: Wish,
    units: list[int],
    *,
    action: History.Action,
    resource: Resource | None = None,
    purpose: str | None = None,
    override: Override | None = None,
) -> None:
    """Write what is wanted instead, under the lock of `units`, with its history.

    Where the resource needs approval, a guest's change of time, resource or people
    makes it a request again; a host's manager and hub staff change without.
    """
    now, before, from_status = clock.now(), _shown(reservation), reservation.status
    resource = resource or reservation.resource
    is_elsewhere = resource.pk != reservation.resource_id
    if purpose is not None:
        reservation.purpose = purpose
    matters = is_elsewhere or wish != _wish_of(reservation)
    if not matters and _shown(reservation) == before:
        return
    reservation.version += 1
    more: dict[str, Any] = {}
    if matters:
        counter_let_go(reservation)
        party = Party(reservation.requested_by_id, reservation.organisation_id)
        judged = replace(wish, with_terms=is_elsewhere)
        policy, chosen = check(
            actor, party, resource.pk, judged, units, now, reservation, override
        )
        reservation.resource = resource
        if is_elsewhere:
            reservation.answers = list(policy.answers)
            answer_files_keep(policy.answers)
        if decide_again(
            actor, reservation, policy, wish, now, is_elsewhere=is_elsewhere
        ):
            decisions_void([reservation])
        place(reservation, policy, wish, chosen)
        more = cautioned(policy, override, **rule_record(reservation, now))
    else:
        reservation.save()
    after = _shown(reservation)
    changes = {name: [was, after[name]] for name, was in before.items()}
    if action == History.Action.MOVED:
        changes = {name: changes[name] for name in ("starts_at", "ends_at")}
    else:
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    history_record(
        reservation,
        action,
        actor=actor,
        at=now,
        from_status=from_status,
        reason=override.reason if override else "",
        changes=changes | more,
    )


def decide_again(
    actor: User,
    reservation: Reservation,
    policy: EffectivePolicy,
    wish: Wish,
    now: dt.datetime,
    *,
    is_elsewhere: bool,
    way: Way | None = None,
) -> bool:
    """Say how a change is decided; returns whether what was decided stands no more."""
    is_pending = reservation.status == Status.PENDING
    if not policy.needs_approval:
        settle(reservation)
    elif not is_host_side(actor, reservation) or (is_pending and is_elsewhere):
        request_begin(reservation, policy, wish, now, way)
        return True
    elif is_pending:
        time = (way or way_of(None, now)).time
        stage_begin(
            reservation,
            reservation.stage,
            policy,
            time,
            now,
            starts_at=wish.starts_at,
        )
    return False


def _wish_of(reservation: Reservation) -> Wish:
    return Wish(
        reservation.starts_at,
        reservation.ends_at,
        reservation.people,
        reservation.quantity,
    )


def _shown(reservation: Reservation) -> dict[str, Any]:
    """Return what can be changed, as history keeps it."""
    return {
        "resource": reservation.resource.slug,
        "starts_at": reservation.starts_at.isoformat(),
        "ends_at": reservation.ends_at.isoformat(),
        "people": reservation.people,
        "purpose": reservation.purpose,
    }
