from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from booking.models import History, Reservation
from booking.services.bulk import rows_number, rows_write
from booking.signals import history_recorded
from config import clock
from labs.models import User


def history_record(
    reservation: Reservation,
    action: History.Action,
    *,
    actor: User | None,
    at: dt.datetime,
    from_status: str = "",
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> History:
    """Write one row in the caller's transaction; listeners hear of it after commit."""
    row = History.objects.create(
        reservation=reservation,
        at=at,
        actor=actor,
        action=action,
        from_status=from_status,
        to_status=reservation.status,
        reason=reason,
        changes=changes or {},
    )
    _tell(row)
    return row


def history_record_many(
    reservations: Sequence[Reservation],
    action: History.Action,
    *,
    actor: User | None,
    at: dt.datetime,
    from_statuses: Mapping[int, str] | None = None,
    reason: str = "",
    changes: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Write one row for each date of a series, in two statements.

    `from_statuses` and `changes` are by the reservation's id. Listeners hear of the
    first at once; it is told for all of them. The others they find when they sweep.
    """
    recorded_at = clock.now()
    rows = [
        History(
            reservation=reservation,
            at=at,
            actor=actor,
            action=action,
            from_status=(from_statuses or {}).get(reservation.pk, ""),
            to_status=reservation.status,
            reason=reason,
            changes=(changes or {}).get(reservation.pk, {}),
            recorded_at=recorded_at,
        )
        for reservation in reservations
    ]
    rows_number(rows)
    rows_write(History, rows)
    for row in rows[:1]:
        _tell(row)


def _tell(row: History) -> None:
    # Robust: the reservation stands, whatever becomes of the message about it.
    heard = partial(
        history_recorded.send, sender=History, history_id=row.pk, action=row.action
    )
    transaction.on_commit(heard, robust=True)
