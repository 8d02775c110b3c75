"""A webhook that is not told anything for a while, and who hears of that."""

from __future__ import annotations

import datetime as dt

from config import clock
from labs.models import Membership, User
from notifications.models import Kind, Message, PausedWhy, Webhook
from notifications.webhook_notices import pause_cause
from notifications.webhook_selectors import gave_up_lately

#: Nothing arrived for so long, or so many were given up in that time: it is paused.
FAILING = dt.timedelta(days=1)
MOST_GIVEN_UP = 5


def webhook_pause_if_failing(webhook: Webhook, now: dt.datetime) -> None:
    """Pause a webhook that is failing for long; under its lock."""
    since = webhook.failing_since
    if webhook.paused_at is not None or since is None:
        return
    if (
        since <= now - FAILING
        or gave_up_lately(webhook, now - FAILING) >= MOST_GIVEN_UP
    ):
        webhook_stop(webhook, PausedWhy.FAILING, now)


def webhook_stop(webhook: Webhook, why: PausedWhy, now: dt.datetime) -> None:
    """Pause it under its lock, and tell the organisation's managers, but by hand."""
    if webhook.paused_at is not None:
        return
    webhook.paused_at, webhook.paused_why = now, why
    webhook.save(update_fields=["paused_at", "paused_why"])
    if why == PausedWhy.BY_HAND:
        return
    managers = User.objects.filter(
        is_active=True,
        memberships__organisation=webhook.organisation_id,
        memberships__role=Membership.Role.MANAGER,
    )
    Message.objects.bulk_create(
        [
            Message(
                cause=pause_cause(webhook, now),
                kind=Kind.WEBHOOK_PAUSED,
                person=person,
                about_id=webhook.pk,
                due_at=now,
                created_at=clock.now(),
            )
            for person in managers
        ],
        ignore_conflicts=True,
    )
