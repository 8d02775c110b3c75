"""What of a reservation runs out next, and how long before that one is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from booking.models import Reservation
from booking.models.paths import Undecided
from booking.models.reservation import Status

#: An offer of the waiting list is held for two hours of the day.
OFFER = dt.timedelta(minutes=30)
#: A counter-offer for two days.
COUNTER = dt.timedelta(hours=6)
#: A request for days: who asked may still ring somebody up.
REQUEST = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Lapse:
    at: dt.datetime
    before: dt.timedelta


def lapse_of(reservation: Reservation) -> Lapse | None:
    """Return what its guest loses unless somebody answers; at most one query.

    A request that counts as approved when its time is over loses nothing.
    """
    if reservation.status == Status.HELD:
        return _lapse(reservation.lapses_at, OFFER)
    if reservation.status != Status.PENDING:
        return None
    counter = getattr(reservation, "counter", None)
    if counter is not None:
        return _lapse(counter.lapses_at, COUNTER)
    if reservation.if_undecided == Undecided.APPROVE:
        return None
    return _lapse(reservation.lapses_at, REQUEST)


def _lapse(at: dt.datetime | None, before: dt.timedelta) -> Lapse | None:
    return None if at is None else Lapse(at, before)


def lapsing_cause(reservation: Reservation, lapse: Lapse) -> str:
    """Return what makes the message one of a kind: with more time there is another."""
    minutes = int(lapse.before.total_seconds()) // 60
    return f"lapsing-{reservation.pk}-{minutes}-{int(lapse.at.timestamp())}"
