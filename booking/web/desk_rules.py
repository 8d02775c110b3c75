"""The host's desk: rules of a resource, of an organisation's all, of the hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.permissions import require
from booking.selectors.policies import policies_of
from booking.services.policies import (
    hub_policy_set,
    organisation_policy_set,
    resource_policy_set,
)
from booking.web import queue
from booking.web.desk_limits import Limits
from booking.web.desk_page import desk_context, managed
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.explaining import chosen_explained
from booking.web.forms.desk import hosts_of
from booking.web.forms.rules import PolicyForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Organisation, Resource
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import organisation_list

Of = Resource | Organisation | None


@login_required_keeping("desk-policy")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change a resource's rules, and where each value comes from."""
    shown, actor = managed(request, slug), actor_of(request)
    form, limits = _forms(request, shown)
    given = {"actor": actor, "resource_slug": slug}
    if limits.is_done(actor) or _saved(request, form, resource_policy_set, **given):
        return redirect("desk-policy", slug)
    failed = limits.failed or form
    context = desk_context(shown) | {"form": form, "failed": failed}
    context |= limits.context() | chosen_explained(request, shown, form.policies)
    return render(request, "booking/desk_policy.html", context, status=failed.status)


@login_required_keeping("desk-organisation-policy")
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_policy(request: HttpRequest, organisation: str) -> HttpResponse:
    """Show and change the rules of all that an organisation offers."""
    actor = actor_of(request)
    seen = organisation_list(user=actor).filter(slug=organisation).first()
    if seen is None:
        raise Missing
    require(can_manage_organisation(actor, seen.pk))
    form, limits = _forms(request, seen)
    given = {"actor": actor, "organisation_slug": organisation}
    if limits.is_done(actor) or _saved(request, form, organisation_policy_set, **given):
        return redirect("desk-organisation-policy", organisation)
    return _wider(request, form, limits, seen)


@login_required_keeping("desk-policies")
@require_http_methods(["GET", "HEAD", "POST"])
def hub_policy(request: HttpRequest) -> HttpResponse:
    """Show whose rules one may set; to hub staff the hub's own, which they change."""
    actor = actor_of(request)
    require(queue.manages(actor))
    hosts = hosts_of(actor)
    if not actor.is_hub_staff:
        return render(request, "booking/desk_rules.html", {"hosts": hosts})
    form, limits = _forms(request, None)
    if limits.is_done(actor) or _saved(request, form, hub_policy_set, actor=actor):
        return redirect("desk-policies")
    return _wider(request, form, limits, None, hosts=hosts)


def _wider(
    request: HttpRequest,
    form: PolicyForm,
    limits: Limits,
    of: Organisation | None,
    **more: Any,
) -> HttpResponse:
    failed = limits.failed or form
    context = {"form": form, "failed": failed, "of": of, **limits.context(), **more}
    return render(request, "booking/desk_rules.html", context, status=failed.status)


def _forms(request: HttpRequest, of: Of) -> tuple[PolicyForm, Limits]:
    sent = sent_or_kept(request)
    rules = None if sent and "deed" in sent else sent
    form = PolicyForm(rules, of=of, policies=policies_of(of))
    return form, Limits(request, of, sent)


def _saved(
    request: HttpRequest, form: PolicyForm, service: Callable[..., Any], **given: Any
) -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        seen = form.cleaned_data["seen"] or None
        service(values=form.changes(), seen=seen, **given)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Saved. What is reserved already stays as it is."))
    return True
