"""An organisation's webhooks, on its managers' desk; hub staff look."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.permissions import require
from config import clock
from config.errors import DomainError, Forbidden, Missing
from config.outbound import WORDS
from config.pages import render_part
from labs.models import Organisation
from labs.web.organisations import attempt
from labs.web.requests import actor_of, page_of
from notifications.models import PING, UNDELIVERED, Delivery, Webhook
from notifications.services import webhooks as services
from notifications.web.forms import ReplayForm, WebhookForm
from notifications.webhook_selectors import (
    can_change_webhooks,
    deliveries_of,
    organisation_with_webhooks,
    webhook_of,
    webhooks_of,
)

PAGE = "notifications/webhook.html"
LOG_ROWS = 20
#: Why there was no answer, by the code that the log keeps.
ERRORS = {
    **WORDS,
    "secret_lost": gettext_lazy(
        "The secret cannot be read any more. Make a new one below."
    ),
    "not_written": gettext_lazy("Atrium could not write it; its operator is told."),
    "not_sent": gettext_lazy("Atrium could not send it; its operator is told."),
}


@login_required
@require_safe
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    """List those of one organisation."""
    organisation = organisation_with_webhooks(actor_of(request), slug)
    context = {**_frame(request, organisation), "rows": webhooks_of(organisation)}
    return render(request, "notifications/webhooks.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add one, and show its secret, this once."""
    actor = actor_of(request)
    organisation = organisation_with_webhooks(actor, slug)
    require(can_change_webhooks(actor, organisation))
    made: list[Any] = []
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and attempt(
        form,
        lambda: made.extend(
            services.webhook_add(actor=actor, slug=slug, **form.cleaned_data)
        ),
    ):
        return _page(request, organisation, *made)
    context = {**_frame(request, organisation), "form": form}
    return render(
        request, "notifications/webhook_add.html", context, status=form.status
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, slug: str, webhook: int) -> HttpResponse:
    """Show one with its log, and change it."""
    actor = actor_of(request)
    organisation = organisation_with_webhooks(actor, slug)
    shown = webhook_of(organisation, webhook)
    form = WebhookForm.of(shown, request.POST or None)
    if request.method == "POST":
        require(can_change_webhooks(actor, organisation))
        of = {"actor": actor, "slug": slug, "webhook_id": webhook}
        if attempt(form, lambda: services.webhook_change(**of, **form.cleaned_data)):
            messages.success(request, _("Saved."))
            return redirect("webhook", slug, webhook)
    return _page(request, organisation, shown, form=form)


@login_required
@require_POST
@never_cache
def rotate(request: HttpRequest, slug: str, webhook: int) -> HttpResponse:
    """Make a new secret and show it, this once."""
    actor = actor_of(request)
    made = services.webhook_rotate(actor=actor, slug=slug, webhook_id=webhook)
    return _page(request, organisation_with_webhooks(actor, slug), *made)


@login_required
@require_POST
def act(request: HttpRequest, slug: str, webhook: int, deed: str) -> HttpResponse:
    """Do one of DEEDS; what it refuses is told on the page."""
    if deed not in DEEDS:
        raise Missing
    of = {"actor": actor_of(request), "slug": slug, "webhook_id": webhook}
    try:
        messages.success(request, DEEDS[deed](of, request.POST))
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        messages.error(request, str(refusal.detail))
    if deed == "remove":
        return redirect("webhooks", slug)
    return redirect("webhook", slug, webhook)


def _ping(of: dict[str, Any], sent: Any) -> str:
    services.webhook_ping(**of)
    return _("A ping is on its way. The log says in a moment how it went.")


def _pause(of: dict[str, Any], sent: Any) -> str:
    services.webhook_pause(**of)
    return _("Paused. What happens meanwhile waits.")


def _resume(of: dict[str, Any], sent: Any) -> str:
    services.webhook_resume(**of)
    return _("Resumed. What waited goes out now.")


def _remove(of: dict[str, Any], sent: Any) -> str:
    services.webhook_remove(**of)
    return _("The webhook is removed.")


def _replay(of: dict[str, Any], sent: Any) -> str:
    try:
        key = uuid.UUID(sent.get("delivery", ""))
    except ValueError as error:
        raise Missing from error
    services.delivery_replay(**of, key=key)
    return _("It is sent again.")


def _replay_since(of: dict[str, Any], sent: Any) -> str:
    form = ReplayForm(sent)
    if not form.is_valid():
        raise DomainError(_("Choose from when on it is sent again."))
    number = services.deliveries_replay(**of, **form.values())
    text = ngettext(
        "%(number)s delivery is sent again.",
        "%(number)s deliveries are sent again.",
        number,
    )
    return text % {"number": number}


DEEDS: dict[str, Callable[[dict[str, Any], Any], str]] = {
    "ping": _ping,
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "replay": _replay,
    "replay-since": _replay_since,
}


def _frame(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "may_change": can_change_webhooks(actor_of(request), organisation),
        "zone": ZoneInfo(settings.TIME_ZONE),
    }


def _page(
    request: HttpRequest,
    organisation: Organisation,
    shown: Webhook,
    secret: str = "",
    form: WebhookForm | None = None,
) -> HttpResponse:
    """Show a webhook; `secret` where it was just made."""
    form = form or WebhookForm.of(shown)
    page = page_of(request, deliveries_of(shown), LOG_ROWS)
    context = {
        **_frame(request, organisation),
        "webhook": shown,
        "secret": secret,
        "form": form,
        "replay": ReplayForm(),
        "page": page,
        "rows": [(each, _outcome(each)) for each in page],
        "is_busy": any(_is_at_once(each) for each in page),
    }
    return render_part(request, PAGE, "log", context, status=form.status)


def _outcome(delivery: Delivery) -> str:
    """Return what came of its last attempt, in words."""
    if delivery.error:
        return str(ERRORS.get(delivery.error, delivery.error))
    return f"HTTP {delivery.status}" if delivery.status else ""


def _is_at_once(delivery: Delivery) -> bool:
    """Whether the log is about to change: a page that is open looks again."""
    is_due = delivery.state in UNDELIVERED and delivery.due_at <= clock.now()
    return is_due and (delivery.event == PING or delivery.webhook.paused_at is None)
