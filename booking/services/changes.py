"""What every change of a reservation shares: lock, look again, change, record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.exceptions import ChangedMeanwhile, WrongStatus
from booking.models import History, Occupancy, Reservation
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
    also: int | None = None,
) -> Iterator[tuple[Reservation, list[int]]]:
    """Open a transaction on one reservation: its units locked, then its row.

    Yields it as it is now, with the ids of its resource's units; those of the resource
    `also` are locked with them. Raises Missing (404) where the actor may not see it,
    ChangedMeanwhile (409) for a stale `version`.
    """
    seen = Reservation.objects.visible_to(actor).filter(reference=reference)
    found = seen.values_list("resource_id", "lapses_at").first()
    if found is None:
        raise Missing
    resource_id, lapses_at = found
    if lapses_at is not None and lapses_at <= clock.now():
        # On its own: the step will be refused, and that it has expired must stay.
        with ledger.writing():
            expire_lapsed_on(ledger.lock_units([resource_id]), clock.now())
    with ledger.writing():
        if also is not None:
            ledger.lock_units([resource_id, also])
        units = ledger.lock_units([resource_id])
        expire_lapsed_on(units, clock.now())
        reservation = (
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .select_related(
                "resource__site", "resource__organisation", "organisation", "decided_by"
            )
            .get(reference=reference)
        )
        require_version(reservation, version)
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
    """Write a new status with its history; releases what no longer occupies."""
    from_status, reservation.status = reservation.status, status
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


def let_go(held: Reservation) -> None:
    """Release a hold under the lock of its units; nothing is left of it."""
    ledger.release(held)
    held.delete()


def expire_lapsed_on(unit_ids: Sequence[int], now: dt.datetime) -> None:
    """Expire what has lapsed on locked units, so that it is in nobody's way."""
    there = Occupancy.objects.filter(unit__in=unit_ids).values("reservation")
    lapsed = Reservation.objects.lapsed(now).filter(pk__in=there).order_by("pk")
    # A hall's request lies on other units too: whoever has the lock of those may be at
    # it as well, and only one of them expires it.
    for reservation in lapsed.select_for_update(no_key=True):
        if reservation.status == Status.HELD:
            let_go(reservation)
        elif (
            reservation.if_undecided == Undecided.APPROVE and reservation.ends_at > now
        ):
            _approve_undecided(reservation, now)
        else:
            transition(
                reservation, Status.EXPIRED, History.Action.EXPIRED, actor=None, at=now
            )


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
