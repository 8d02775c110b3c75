"""Who is told that something is about to run out, and when."""

from __future__ import annotations

import datetime as dt

from booking.models import Reservation
from notifications.audience import Parties
from notifications.lapses import lapse_of, lapsing_cause
from notifications.models import Kind, Message, State


def lapsings(
    reservation: Reservation, parties: Parties, now: dt.datetime
) -> list[Message]:
    """Return the messages it should have; those withdrawn before are revived.

    Under the reservation's lock. None where so little time was given that whoever has
    just been asked would be asked again at once.
    """
    lapse = lapse_of(reservation)
    if lapse is None or lapse.at <= now:
        return []
    due_at = lapse.at - lapse.before
    changes = reservation.history.order_by("-at").values_list("at", flat=True)
    if due_at <= (changes.first() or now):
        return []
    if reservation.series_id and _told_with_another(reservation):
        return []
    cause = lapsing_cause(reservation, lapse)
    Message.objects.filter(
        cause=cause, state=State.WITHDRAWN, person__in=parties.guests
    ).update(state=State.PLANNED)
    return [
        Message(
            cause=cause,
            kind=Kind.LAPSING,
            person_id=person_id,
            reservation=reservation,
            offset_minutes=int(lapse.before.total_seconds()) // 60,
            due_at=due_at,
            useful_until=lapse.at,
            created_at=now,
        )
        for person_id in sorted(parties.guests)
    ]


def _told_with_another(reservation: Reservation) -> bool:
    """Whether an earlier date of its series waits as well: that one is told of."""
    others = Reservation.objects.filter(
        series=reservation.series_id, status=reservation.status
    )
    return others.filter(pk__lt=reservation.pk).exists()
