"""When people are reminded of a reservation, and what names a reminder."""

from __future__ import annotations

import datetime as dt

from booking.models import Reservation

#: Before the start, the longest first.
REMINDER_OFFSETS = (dt.timedelta(hours=24), dt.timedelta(hours=1))


def reminder_cause(reservation: Reservation, offset_minutes: int) -> str:
    """Return what makes a reminder one of a kind: a moved reservation gets new ones."""
    start = int(reservation.starts_at.timestamp())
    return f"reminder-{reservation.pk}-{offset_minutes}-{start}"


def reminder_times(
    starts_at: dt.datetime,
) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """Return (minutes before, due at, useful until) of each reminder.

    The day's reminder is of no use any more once the hour's is due, and that one not
    once it has begun: after an outage nobody gets both at once.
    """
    dues = [starts_at - offset for offset in REMINDER_OFFSETS]
    minutes = [int(offset.total_seconds()) // 60 for offset in REMINDER_OFFSETS]
    return list(zip(minutes, dues, [*dues[1:], starts_at], strict=True))
