"""What every change of a reservation shares: lock, look again, change, record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.exceptions import ChangedMeanwhile, WrongStatus
from booking.models import History, Occupancy, Reservation
from booking.models.reservation import LAPSING, OCCUPYING, Status
from booking.services import ledger
from booking.services.history import history_record
from config import clock
from config.errors import Missing
from labs.models import User


@contextmanager
def changing(
    reference: str, *, actor: User, version: int | None = None
) -> Iterator[tuple[Reservation, list[int]]]:
    """Open a transaction on one reservation: its units locked, then its row.

    Yields it as it is now, with the ids of its resource's units. Raises Missing (404)
    where the actor may not see it, ChangedMeanwhile (409) for a stale `version`.
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
        units = ledger.lock_units([resource_id])
        expire_lapsed_on(units, clock.now())
        reservation = (
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .select_related(
                "resource__site", "resource__organisation", "organisation", "decided_by"
            )
            .get(reference=reference)
        )
        if version is not None and version != reservation.version:
            raise ChangedMeanwhile(reservation.version)
        yield reservation, units


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
        reservation.lapses_at = None
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


def expire_lapsed_on(unit_ids: Sequence[int], now: dt.datetime) -> None:
    """Expire what has lapsed on locked units, so that it is in nobody's way."""
    there = Occupancy.objects.filter(unit__in=unit_ids).values("reservation")
    lapsed = Reservation.objects.lapsed(now).filter(pk__in=there).order_by("pk")
    # A hall's request lies on other units too: whoever has the lock of those may be at
    # it as well, and only one of them expires it.
    for reservation in lapsed.select_for_update(no_key=True):
        if reservation.status == Status.HELD:
            let_go(reservation)
            continue
        transition(
            reservation, Status.EXPIRED, History.Action.EXPIRED, actor=None, at=now
        )
