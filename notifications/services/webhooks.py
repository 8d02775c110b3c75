"""Webhooks as their organisation's managers keep them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking.permissions import require
from config import clock
from config.errors import Conflict, Missing, from_integrity_error
from config.outbound import NoAnswer, require_askable
from config.sealing import seal
from labs.models import Organisation, User
from labs.services.checks import require_clean
from notifications.models import (
    PING,
    Delivery,
    DeliveryState,
    PausedWhy,
    Webhook,
)
from notifications.services.webhook_pausing import webhook_stop
from notifications.signatures import new_secret
from notifications.webhook_selectors import (
    can_change_webhooks,
    organisation_with_webhooks,
)

#: Of one organisation.
MOST_WEBHOOKS = 20
#: After a rotation the former secret signs as well, for receivers to follow.
OVERLAP = dt.timedelta(days=1)
ENDED = [DeliveryState.DELIVERED, DeliveryState.GIVEN_UP]


@transaction.atomic(durable=True)
def webhook_add(
    *, actor: User, slug: str, url: str, events: Sequence[str]
) -> tuple[Webhook, str]:
    """Add one; returns it and its secret, which is shown this once.

    Raises Missing, Forbidden, Invalid with the fields, and Conflict for the same
    address again or too many.
    """
    organisation, now, secret = _changeable(actor, slug), clock.now(), new_secret()
    if organisation.webhooks.count() >= MOST_WEBHOOKS:
        text = _("An organisation has %(most)s webhooks at most.")
        raise Conflict(text % {"most": MOST_WEBHOOKS}, code="too_many_webhooks")
    webhook = Webhook(
        organisation=organisation,
        sealed=seal(secret),
        working_since=now,
        created_by=actor,
        created_at=now,
    )
    _write(webhook, url, events)
    return webhook, secret


@transaction.atomic(durable=True)
def webhook_change(
    *, actor: User, slug: str, webhook_id: int, url: str, events: Sequence[str]
) -> Webhook:
    """Change where it goes and of what it tells; what waits goes to the new address.

    Raises Missing, Forbidden, Invalid with the fields, Conflict for the same address.
    """
    webhook = _locked(actor, slug, webhook_id)
    _write(webhook, url, events)
    return webhook


@transaction.atomic(durable=True)
def webhook_rotate(*, actor: User, slug: str, webhook_id: int) -> tuple[Webhook, str]:
    """Give it a new secret, returned this once; for a day the former signs as well."""
    webhook, secret = _locked(actor, slug, webhook_id), new_secret()
    webhook.former_sealed, webhook.sealed = webhook.sealed, seal(secret)
    webhook.former_until = clock.now() + OVERLAP
    webhook.save(update_fields=["former_sealed", "sealed", "former_until"])
    return webhook, secret


@transaction.atomic(durable=True)
def webhook_pause(*, actor: User, slug: str, webhook_id: int) -> Webhook:
    """Tell it nothing until it is resumed; what happens meanwhile waits."""
    webhook = _locked(actor, slug, webhook_id)
    webhook_stop(webhook, PausedWhy.BY_HAND, clock.now())
    return webhook


@transaction.atomic(durable=True)
def webhook_resume(*, actor: User, slug: str, webhook_id: int) -> Webhook:
    """Go on, at once with what waits; what was given up can be replayed."""
    webhook, now = _locked(actor, slug, webhook_id), clock.now()
    if webhook.paused_at is None:
        return webhook
    webhook.paused_at, webhook.paused_why = None, ""
    webhook.failing_since = webhook.held_until = None
    webhook.working_since = now
    webhook.save()
    waiting = webhook.deliveries.filter(state=DeliveryState.PLANNED, attempts__gt=0)
    waiting.update(due_at=now, attempts=0, begun_at=None)
    return webhook


@transaction.atomic(durable=True)
def webhook_remove(*, actor: User, slug: str, webhook_id: int) -> None:
    """Forget it, its log and what waits."""
    _locked(actor, slug, webhook_id).delete()


@transaction.atomic(durable=True)
def webhook_ping(*, actor: User, slug: str, webhook_id: int) -> Delivery:
    """Have its receiver tried once, also while it is paused.

    Raises Conflict while a ping waits for its answer.
    """
    webhook, now = _locked(actor, slug, webhook_id), clock.now()
    if webhook.deliveries.filter(event=PING).exclude(state__in=ENDED).exists():
        text = _("A ping is on its way already.")
        raise Conflict(text, code="ping_under_way")
    return Delivery.objects.create(
        webhook=webhook, event=PING, due_at=now, created_at=now
    )


@transaction.atomic(durable=True)
def delivery_replay(
    *, actor: User, slug: str, webhook_id: int, key: uuid.UUID
) -> Delivery:
    """Send one again, under the same name; raise Conflict while it waits."""
    webhook = _locked(actor, slug, webhook_id)
    delivery = webhook.deliveries.select_for_update().filter(key=key).first()
    if delivery is None:
        raise Missing
    if delivery.state not in ENDED:
        raise Conflict(_("It is on its way already."), code="on_its_way")
    for name, value in _anew().items():
        setattr(delivery, name, value)
    delivery.save()
    return delivery


@transaction.atomic(durable=True)
def deliveries_replay(
    *,
    actor: User,
    slug: str,
    webhook_id: int,
    since: dt.datetime,
    only_given_up: bool = True,
) -> int:
    """Send again, in their order, what ended and was planned since then.

    Pings are not. Returns how many.
    """
    webhook = _locked(actor, slug, webhook_id)
    states = [DeliveryState.GIVEN_UP] if only_given_up else ENDED
    rows = webhook.deliveries.exclude(event=PING)
    return rows.filter(state__in=states, created_at__gte=since).update(**_anew())


def _anew() -> dict[str, Any]:
    return {
        "state": DeliveryState.PLANNED,
        "due_at": clock.now(),
        "attempts": 0,
        "begun_at": None,
        "ended_at": None,
    }


def _write(webhook: Webhook, url: str, events: Sequence[str]) -> None:
    webhook.url, webhook.events = url.strip(), sorted(set(events))
    faults: dict[str, list[str]] = {}
    try:
        if webhook.url:
            require_askable(webhook.url)
    except NoAnswer as error:
        faults["url"] = [str(error.detail)]
    require_clean(webhook, faults=faults)
    try:
        with transaction.atomic():
            webhook.save()
    except IntegrityError as error:
        raise from_integrity_error(error) or error from error


def _changeable(actor: User, slug: str) -> Organisation:
    """Return the organisation, locked, so that its webhooks can be counted."""
    shown = organisation_with_webhooks(actor, slug)
    require(can_change_webhooks(actor, shown))
    return Organisation.objects.select_for_update(no_key=True).get(pk=shown.pk)


def _locked(actor: User, slug: str, webhook_id: int) -> Webhook:
    organisation = organisation_with_webhooks(actor, slug)
    rows = Webhook.objects.select_for_update(no_key=True)
    found = rows.filter(organisation=organisation, pk=webhook_id).first()
    if found is None:
        raise Missing
    require(can_change_webhooks(actor, organisation))
    return found
