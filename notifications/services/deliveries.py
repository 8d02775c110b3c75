"""What webhooks are told: planned once, claimed with a lease, settled by its claim."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.db import connection

from booking.services.decisions import DECIDED, TAKE_BACK
from config import clock
from notifications.models import Delivery, DeliveryState

#: History that is older is not told when it is planned: a receiver that was added, or a
#: worker that was away, must not be flooded with what nobody can act upon.
NEWS = dt.timedelta(days=7)
#: What had happened longer before it was recorded was loaded from elsewhere.
LOADED = dt.timedelta(days=1)
#: How long the log is kept; well beyond NEWS, so that nothing is ever told twice.
KEPT = dt.timedelta(days=30)
#: Of one webhook so many are sent at once, so that a slow one leaves room for others.
PER_WEBHOOK = 2
#: Longer than the slowest attempt with its look-up of a name.
LEASE = dt.timedelta(minutes=2)

# All that is not planned yet of a reservation: whichever row comes first, a later one
# never overtakes it. A former host hears that it went to another's resource.
PLAN = """
INSERT INTO notifications_delivery (
    key, webhook_id, history_id, reservation_id, event, state, due_at, attempts,
    error, body, answer, created_at
)
SELECT gen_random_uuid(), webhook.id, history.id, history.reservation_id,
    history.action, 'planned', history.recorded_at + CASE
        WHEN history.action = ANY(%(decided)s) THEN %(take_back)s
        ELSE interval '0' END, 0, '', '', '', %(now)s
FROM booking_history AS history
JOIN booking_reservation AS reservation ON reservation.id = history.reservation_id
JOIN labs_resource AS resource ON resource.id = reservation.resource_id
LEFT JOIN labs_resource AS former
    ON former.slug = history.changes -> 'resource' ->> 0
JOIN notifications_webhook AS webhook ON history.action = ANY(webhook.events)
    AND webhook.organisation_id IN (
        reservation.organisation_id, resource.organisation_id, former.organisation_id
    )
WHERE history.reservation_id = ANY(%(reservations)s)
    AND history.recorded_at > greatest(webhook.created_at, %(since)s)
    AND history.at > history.recorded_at - %(loaded)s
    AND NOT EXISTS (
        SELECT FROM notifications_planned AS planned
        WHERE planned.history_id = history.id
    )
ON CONFLICT DO NOTHING
"""

# `= ANY(ARRAY(…))` for the reason in `claims`. Of one reservation the earliest goes
# first; a webhook that is paused, or has just not answered, is tried by pings only.
CLAIM = """
UPDATE notifications_delivery
SET state = 'sending', claim = %(claim)s, lease_until = %(lease_until)s,
    attempts = attempts + 1, begun_at = coalesce(begun_at, %(now)s),
    tried_at = %(now)s
WHERE id = ANY(ARRAY(
    SELECT due.id
    FROM notifications_webhook AS webhook
    JOIN labs_organisation AS organisation
        ON organisation.id = webhook.organisation_id AND organisation.is_active
    CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.due_at
        FROM notifications_delivery AS delivery
        WHERE delivery.webhook_id = webhook.id AND delivery.due_at <= %(now)s
            AND delivery.state IN ('planned', 'sending')
            AND (delivery.state = 'planned' OR delivery.lease_until < %(now)s)
            AND (delivery.history_id IS NULL OR (
                webhook.paused_at IS NULL
                AND coalesce(webhook.held_until <= %(now)s, true)
            ))
            AND NOT EXISTS (
                SELECT FROM notifications_delivery AS earlier
                WHERE earlier.webhook_id = webhook.id
                    AND earlier.reservation_id = delivery.reservation_id
                    AND earlier.history_id < delivery.history_id
                    AND earlier.state IN ('planned', 'sending')
            )
        ORDER BY delivery.due_at, delivery.id
        LIMIT %(each)s
        FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE (
        SELECT count(*) FROM notifications_delivery AS busy
        WHERE busy.webhook_id = webhook.id AND busy.state = 'sending'
            AND busy.lease_until >= %(now)s
    ) < %(each)s
    ORDER BY due.due_at, due.id
    LIMIT %(most)s
))
RETURNING id
"""


def deliveries_plan(reservation_ids: Collection[int]) -> None:
    """Plan what webhooks are to be told of these reservations; twice plans once.

    In the caller's transaction, just before their history is noted as planned.
    """
    now = clock.now()
    values: dict[str, Any] = {
        "reservations": list(reservation_ids),
        "decided": [action.value for action in DECIDED],
        "take_back": TAKE_BACK,
        "now": now,
        "since": now - NEWS,
        "loaded": LOADED,
    }
    with connection.cursor() as cursor:
        cursor.execute(PLAN, values)


def deliveries_claim(most: int) -> tuple[uuid.UUID, list[int]]:
    """Claim what is due, and what a dead sender left; returns claim and ids.

    Counts the attempt: one that brings the process down counts as well.
    """
    now, claim = clock.now(), uuid.uuid4()
    values: dict[str, Any] = {
        "claim": claim,
        "lease_until": now + LEASE,
        "now": now,
        "each": PER_WEBHOOK,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return claim, [pk for (pk,) in cursor.fetchall()]


def delivery_settle(
    *, delivery_id: int, claim: uuid.UUID, state: DeliveryState, **values: Any
) -> bool:
    """Write what became of a claimed one; False where another has it by now."""
    held = Delivery.objects.filter(pk=delivery_id, claim=claim)
    values |= {"state": state, "claim": None, "lease_until": None}
    return bool(held.filter(state=DeliveryState.SENDING).update(**values))


def deliveries_forget() -> int:
    """Delete what is older than the log is kept; returns how many."""
    old = Delivery.objects.filter(created_at__lt=clock.now() - KEPT)
    deleted, _per_model = old.exclude(state=DeliveryState.SENDING).delete()
    return deleted
