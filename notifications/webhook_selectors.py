"""What is read of webhooks: to send, to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from config.errors import Forbidden, Missing
from labs.models import Organisation, User
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import organisation_list
from notifications.models import Delivery, DeliveryState, Webhook


def can_change_webhooks(user: User, organisation: Organisation) -> bool:
    """Whether this person may: its managers; hub staff only look."""
    return organisation.pk in user.managed_ids


def organisation_with_webhooks(user: User, slug: str) -> Organisation:
    """Return it to its managers and hub staff; raise Missing (404), Forbidden (403)."""
    found = organisation_list(user=user).filter(slug=slug).first()
    if found is None:
        raise Missing
    if not can_manage_organisation(user, found.pk):
        raise Forbidden(_("Only this organisation’s managers and hub staff may do so."))
    return found


def webhooks_of(organisation: Organisation) -> QuerySet[Webhook]:
    """Return them, the oldest first, each with what became of its last delivery."""
    ended = Delivery.objects.filter(webhook=OuterRef("pk"), ended_at__isnull=False)
    last = ended.order_by("-ended_at", "-pk")
    waits = Count("deliveries", filter=Q(deliveries__state__in=["planned", "sending"]))
    return organisation.webhooks.annotate(
        last_state=Subquery(last.values("state")[:1]),
        last_at=Subquery(last.values("ended_at")[:1]),
        waiting=waits,
    ).order_by("pk")


def webhook_of(organisation: Organisation, pk: int) -> Webhook:
    """Return one of the organisation's; raise Missing."""
    found = webhooks_of(organisation).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """Return its log, the newest first."""
    return webhook.deliveries.select_related("reservation", "webhook").order_by("-pk")


def deliveries_to_send(ids: Iterable[int]) -> QuerySet[Delivery]:
    """Return deliveries with all that their bodies and signatures need."""
    return Delivery.objects.filter(pk__in=ids).select_related(
        "webhook__organisation",
        "history__actor",
        "reservation__resource",
        "reservation__organisation",
        "reservation__requested_by",
        "reservation__series",
        "reservation__kit",
    )


def gave_up_lately(webhook: Webhook, since: dt.datetime) -> int:
    """How many were given up since then, and since it was last resumed."""
    begun = max(since, webhook.working_since)
    return webhook.deliveries.filter(
        state=DeliveryState.GIVEN_UP, ended_at__gt=begun
    ).count()
