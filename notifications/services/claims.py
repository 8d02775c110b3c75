"""Who sends a message: claims with a lease, settled by compare-and-set."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from config import clock
from notifications.models import Message, State


class ReservationNow(NamedTuple):
    """What a message about a reservation can become untrue by."""

    version: int
    status: str
    starts_at: dt.datetime
    ends_at: dt.datetime


#: Few enough that a slow server is through with them before the lease runs out.
BATCH = 50
#: Longer than the slowest single mail, for each of which it is renewed: the server may
#: take EMAIL_TIMEOUT for every one of a dozen answers, from the connection to its 250.
LEASE = dt.timedelta(minutes=5)

# `= ANY(ARRAY(…))`, since `IN (SELECT … LIMIT)` may run the subquery more than once and
# then claims more than it says.
CLAIM = """
UPDATE notifications_message
SET state = 'sending', claim = %(claim)s, lease_until = %(lease_until)s
WHERE id = ANY(ARRAY(
    SELECT id FROM notifications_message
    WHERE due_at <= %(now)s AND state IN ('planned', 'sending')
        AND (state = 'planned' OR lease_until < %(now)s)
    ORDER BY due_at
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
))
RETURNING id, due_at
"""


# Counts an attempt, renews the lease and says how the reservation is at this moment:
# one statement for what a deliverer must know just before it sends.
BEGIN = """
UPDATE notifications_message AS message
SET attempts = message.attempts + 1, lease_until = %(lease_until)s
FROM notifications_message AS read
LEFT JOIN booking_reservation AS reservation ON reservation.id = read.reservation_id
WHERE message.id = %(id)s AND message.claim = %(claim)s AND message.state = 'sending'
    AND message.lease_until > %(now)s AND read.id = message.id
RETURNING message.attempts, version, reservation.status, starts_at, ends_at
"""


def messages_claim() -> tuple[uuid.UUID, list[int]]:
    """Claim what is due, and what a dead deliverer left; returns claim and ids."""
    now, claim = clock.now(), uuid.uuid4()
    values: dict[str, Any] = {
        "claim": claim,
        "lease_until": now + LEASE,
        "now": now,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        rows = cursor.fetchall()
    return claim, [pk for pk, _due_at in sorted(rows, key=lambda row: (row[1], row[0]))]


def message_begin(
    *, message_id: int, claim: uuid.UUID
) -> tuple[int, ReservationNow | None] | None:
    """Begin an attempt: return its number and the reservation, if any, as it is now.

    None where the claim was lost meanwhile. It counts before it is tried: a mail that
    brings the process down counts as well.
    """
    now = clock.now()
    values: dict[str, Any] = {
        "id": message_id,
        "claim": claim,
        "lease_until": now + LEASE,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return row[0], None if row[1] is None else ReservationNow(*row[1:])


def message_settle(
    *, message_id: int, claim: uuid.UUID, state: State, **values: Any
) -> bool:
    """Write what became of a claimed message; False where another has it by now."""
    values |= {"state": state, "claim": None, "lease_until": None}
    return bool(_held([message_id], claim).update(**values))


def messages_release(
    *, message_ids: Collection[int], claim: uuid.UUID, **values: Any
) -> int:
    """Give back what was claimed and not tried; returns how many it were."""
    values |= {"state": State.PLANNED, "claim": None, "lease_until": None}
    return _held(message_ids, claim).update(**values)


def _held(message_ids: Collection[int], claim: uuid.UUID) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=message_ids, claim=claim, state=State.SENDING)
