"""The notice that a webhook was paused: to its organisation's managers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings

from labs.models import Membership
from notifications.models import Message, PausedWhy, Webhook


def pause_cause(webhook: Webhook, paused_at: dt.datetime) -> str:
    return f"webhook-{webhook.pk}-{int(paused_at.timestamp())}"


def is_paused_still(message: Message) -> bool:
    """Since then, and the person is one of the managers."""
    webhook = _webhook(message)
    if webhook is None or webhook.paused_at is None:
        return False
    is_manager = webhook.organisation.memberships.filter(
        user=message.person_id, role=Membership.Role.MANAGER
    )
    same = message.cause == pause_cause(webhook, webhook.paused_at)
    return same and is_manager.exists()


def paused_context(message: Message, now: dt.datetime) -> dict[str, Any]:
    webhook = _webhook(message)
    if webhook is None:
        raise ValueError("The webhook is gone.")
    slug = webhook.organisation.slug
    return {
        "organisation": webhook.organisation,
        "is_gone": webhook.paused_why == PausedWhy.GONE,
        "details": [webhook.url],
        "link": f"{settings.BASE_URL}/desk/webhooks/{slug}/{webhook.pk}/",
    }


def _webhook(message: Message) -> Webhook | None:
    rows = Webhook.objects.select_related("organisation")
    return rows.filter(pk=message.about_id or 0).first()
