from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction

from booking.models import History, Reservation
from booking.signals import history_recorded
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
    # Robust: the reservation stands, whatever becomes of the message about it.
    transaction.on_commit(
        partial(history_recorded.send, sender=History, history_id=row.pk), robust=True
    )
    return row
