"""When people are reminded of a reservation, and what names a reminder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from booking.models import Reservation


def reminder_cause(reservation: Reservation, offset_minutes: int) -> str:
    """Return what makes a reminder one of a kind: a moved reservation gets new ones."""
    start = int(reservation.starts_at.timestamp())
    return f"reminder-{reservation.pk}-{offset_minutes}-{start}"


def reminder_times(
    starts_at: dt.datetime, offsets: Iterable[int]
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """Return (minutes before, due at, useful until) of each reminder.

    A day's reminder is of no use any more once the hour's is due, and that one not
    once it has begun: after an outage nobody gets both at once.
    """
    minutes = sorted(offsets, reverse=True)
    dues = [starts_at - dt.timedelta(minutes=offset) for offset in minutes]
    ends = [*dues, starts_at][1:]
    return list(zip(minutes, dues, ends, strict=True))
