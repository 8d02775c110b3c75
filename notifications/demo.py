"""What the example hub shows of this room."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max

from booking.models import History
from config import clock
from config.sealing import seal
from labs.models import Membership, Organisation
from notifications.models import EVENTS, Delivery, DeliveryState, PausedWhy, Webhook
from notifications.payloads import payload
from notifications.services.deliveries import KEPT
from notifications.signatures import new_secret
from notifications.webhook_selectors import deliveries_to_send

#: Nobody has this address, ever (RFC 2606); and it is paused, so nobody is asked.
URL = "https://doors.krachka.example/atrium"
OWNER = "krachka"
ROWS, LAST_GIVEN_UP = 12, 4


@transaction.atomic
def webhook_show() -> None:
    """Give a host a webhook that worked, and was paused when its receiver went away."""
    now = clock.now()
    host = Organisation.objects.get(slug=OWNER)
    manager = host.memberships.filter(role=Membership.Role.MANAGER).earliest("pk").user
    webhook = Webhook.objects.create(
        organisation=host,
        url=URL,
        events=[name for name, _label in EVENTS],
        sealed=seal(new_secret()),
        working_since=now - KEPT,
        failing_since=now - dt.timedelta(hours=27),
        paused_at=now - dt.timedelta(hours=2),
        paused_why=PausedWhy.FAILING,
        created_by=manager,
        created_at=now - KEPT,
    )
    last = (
        History.objects.filter(
            reservation__resource__organisation=host,
            at__lt=now - dt.timedelta(hours=26),
        )
        .exclude(action=History.Action.IMPORTED)
        .values("reservation")
        .annotate(last=Max("pk"))
        .order_by("-last")[:ROWS]
    )
    rows = History.objects.filter(pk__in=[each["last"] for each in last]).order_by("at")
    made = [
        _delivery(webhook, row, is_given_up=n >= ROWS - LAST_GIVEN_UP)
        for n, row in enumerate(rows)
    ]
    Delivery.objects.bulk_create(made)
    for delivery in deliveries_to_send(each.pk for each in made):
        delivery.body = payload(delivery).decode()
        delivery.save(update_fields=["body"])


def _delivery(webhook: Webhook, row: History, *, is_given_up: bool) -> Delivery:
    ended = row.at + (dt.timedelta(days=1) if is_given_up else dt.timedelta(seconds=2))
    state = DeliveryState.GIVEN_UP if is_given_up else DeliveryState.DELIVERED
    return Delivery(
        webhook=webhook,
        history=row,
        reservation_id=row.reservation_id,
        event=row.action,
        state=state,
        due_at=row.at,
        attempts=10 if is_given_up else 1,
        begun_at=row.at,
        tried_at=ended,
        ended_at=ended,
        status=503 if is_given_up else 200,
        answer="Service Unavailable" if is_given_up else '{"ok": true}',
        created_at=row.at,
    )
