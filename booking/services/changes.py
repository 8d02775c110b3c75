"""What every change of a reservation shares: lock, look again, change, record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from booking.exceptions import Busy, ChangedMeanwhile, WrongStatus
from booking.models import History, Occupancy, Reservation, WaitingEntry
from booking.models.paths import Undecided
from booking.models.reservation import LAPSING, OCCUPYING, Status
from booking.services import ledger
from booking.services.history import history_record
from booking.services.paths import (
    decision_record,
    stage_pass,
    step_of,
    steps_between,
)
from config import clock
from config.errors import Missing
from labs.models import User


@contextmanager
def changing(
    reference: str,
    *,
    actor: User,
    version: int | None = None,
    also: Sequence[int] = (),
) -> Iterator[tuple[Reservation, list[int]]]:
    """Open a transaction on one reservation: its units locked, then its row.

    Those of its counter-offer are locked with them, and those of the resources `also`.
    Yields it as it is now, with the ids of its resource's units. Raises Missing (404)
    where the actor may not see it, ChangedMeanwhile (409) for a stale `version`.
    """
    seen = Reservation.objects.visible_to(actor).filter(reference=reference)
    found = seen.values_list(
        "resource_id", "lapses_at", "counter__resource_id", "counter__lapses_at"
    ).first()
    if found is None:
        raise Missing
    resource_id, lapses_at, counter_id, counter_lapses_at = found
    resource_ids = {resource_id, *also}
    if counter_id:
        resource_ids.add(counter_id)
    if any(at and at <= clock.now() for at in (lapses_at, counter_lapses_at)):
        # On its own: the step will be refused, and that it has expired must stay.
        with ledger.writing():
            expire_lapsed_on(ledger.lock_units(resource_ids), clock.now())
    with ledger.writing():
        units = ledger.lock_units(resource_ids)
        expire_lapsed_on(units, clock.now())
        reservation = (
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .select_related(
                "resource__site", "resource__organisation", "organisation", "decided_by"
            )
            .get(reference=reference)
        )
        require_version(reservation, version)
        if reservation.resource_id not in resource_ids:
            # A counter-offer was made and accepted while we waited.
            raise Busy
        if len(resource_ids) > 1:
            units = ledger.lock_units([reservation.resource_id])
        yield reservation, units


def require_version(reservation: Reservation, version: int | None) -> None:
    """Raise ChangedMeanwhile (409) where somebody saw another version."""
    if version is not None and version != reservation.version:
        raise ChangedMeanwhile(reservation.version)


def require_status(reservation: Reservation, allowed: Collection[str]) -> None:
    """Raise WrongStatus (409) unless the reservation is at one of those steps."""
    if reservation.status in allowed:
        return
    extra = {"now": reservation.status, "decided_at": None, "decided_by": None}
    text = _("That is not possible any more: it is “%(status)s” now.")
    values = {"status": reservation.get_status_display()}
    if reservation.decided_by and reservation.decided_at:
        extra["decided_by"] = reservation.decided_by.name
        extra["decided_at"] = reservation.decided_at.isoformat()
        text = _("That is not possible any more: it is “%(status)s”, by %(name)s.")
        values["name"] = reservation.decided_by.name
    raise WrongStatus(text % values, extra=extra)


def transition(
    reservation: Reservation,
    status: Status,
    action: History.Action,
    *,
    actor: User | None,
    at: dt.datetime,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """Write a new status with its history; releases what no longer occupies.

    Once it is decided, or given up, nothing is offered instead of it any more.
    """
    from_status, reservation.status = reservation.status, status
    if from_status == Status.PENDING != status:
        counter_let_go(reservation)
    if status not in LAPSING:
        reservation.lapses_at = reservation.alarm_at = None
    reservation.version += 1
    reservation.save()
    if status not in OCCUPYING:
        ledger.release(reservation)
    history_record(
        reservation,
        action,
        actor=actor,
        at=at,
        from_status=from_status,
        reason=reason,
        changes=changes,
    )


def occupy_again(reservation: Reservation, units: list[int]) -> None:
    """Give back what was released; raises SlotTaken (409) where somebody took it."""
    free = ledger.free_units(units, reservation.starts_at, reservation.free_at)
    chosen = ledger.choose_units(
        units,
        free,
        is_pool=reservation.resource.is_pool,
        quantity=reservation.quantity,
    )
    ledger.occupy(reservation, chosen)


def let_go(held: Reservation) -> None:
    """Release a hold under the lock of its units; nothing is left of it."""
    ledger.release(held)
    held.delete()


def counter_let_go(request: Reservation) -> Reservation | None:
    """Let go of what is offered instead of a request, whose row is locked; return it.

    A counter-offer's row is only ever locked after its request's.
    """
    offers = Reservation.objects.filter(instead_of=request)
    held = (
        offers.select_for_update(of=("self",), no_key=True)
        .select_related("resource__site", "resource__organisation", "decided_by")
        .first()
    )
    if held is not None:
        # The deleted one keeps what it was: the caller may need to know.
        let_go(copy(held))
    return held


def counters_let_go(requests: Iterable[Reservation]) -> None:
    """Let go of what is offered instead of these, whose rows are locked."""
    ids = [each.pk for each in requests if each.status == Status.PENDING]
    offers = Reservation.objects.filter(instead_of__in=ids)
    for held in offers.select_for_update(of=("self",), no_key=True):
        let_go(held)


def expire_lapsed_on(unit_ids: Sequence[int], now: dt.datetime) -> None:
    """Expire what has lapsed on locked units, so that it is in nobody's way."""
    there = Occupancy.objects.filter(unit__in=unit_ids)
    # A counter-offer for less of its request's own time has no rows of its own. Looked
    # up for each that has lapsed: those are few, what is on the units is not.
    on_them = Exists(there.filter(reservation=OuterRef("pk"))) | Exists(
        there.filter(reservation=OuterRef("instead_of"))
    )
    found = dict(
        Reservation.objects.lapsed(now).filter(on_them).values_list("pk", "instead_of")
    )
    if not found:
        return
    ids = {pk for pair in found.items() for pk in pair if pk is not None}
    # A hall's request lies on other units too: whoever has the lock of those may be at
    # it as well, and only one of them expires it. A request comes before its offer.
    rows = Reservation.objects.filter(pk__in=ids).order_by("pk")
    locked = {row.pk: row for row in rows.select_for_update(no_key=True)}
    for pk, reservation in locked.items():
        lapses_at = reservation.lapses_at
        if pk in found and lapses_at is not None and lapses_at <= now:
            _expire(reservation, locked, now)


def _expire(
    reservation: Reservation, locked: Mapping[int, Reservation], now: dt.datetime
) -> None:
    if reservation.instead_of_id is not None:
        request = locked.get(reservation.instead_of_id)
        if request is None or request.status != Status.PENDING:
            return
        counter_let_go(request)
        action = History.Action.PASSED
        transition(request, Status.PENDING, action, actor=None, at=now)
    elif reservation.status == Status.HELD and not reservation.is_offer:
        let_go(reservation)
    elif (
        reservation.status == Status.PENDING
        and reservation.if_undecided == Undecided.APPROVE
        and reservation.ends_at > now
    ):
        _approve_undecided(reservation, now)
    else:
        entry = WaitingEntry.objects.filter(offers=reservation)
        if reservation.is_offer:
            # Those who wait behind are not kept waiting by somebody who is away.
            entry.waiting().update(status=WaitingEntry.Status.LAPSED)
        action = History.Action.EXPIRED
        transition(reservation, Status.EXPIRED, action, actor=None, at=now)


def _approve_undecided(reservation: Reservation, now: dt.datetime) -> None:
    """Nobody decided in time, which counts as approved: the stage is passed."""
    before = step_of(reservation)
    decision_record(reservation, by=None, at=now)
    status, action = Status.PENDING, History.Action.STAGE_APPROVED
    if stage_pass(reservation, now):
        status, action = Status.APPROVED, History.Action.APPROVED
        reservation.decided_at, reservation.alarm_at = now, None
        reservation.lapses_at = None
    changes = steps_between(before, step_of(reservation))
    transition(reservation, status, action, actor=None, at=now, changes=changes)
