"""The host's desk: one's resources, and what one resource is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.permissions import require
from booking.services.policies import resource_policy_set
from booking.web import queue
from booking.web.desk_page import desk_context, done, managed
from booking.web.forms.desk import DetailsForm, NewResourceForm, PolicyForm
from booking.web.requests import actor_of, page_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User
from labs.services.resources import (
    resource_archive,
    resource_create,
    resource_publish,
    resource_to_draft,
    resource_update,
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """List the resources that this person manages, and add one."""
    actor = actor_of(request)
    require(queue.decides(actor))
    posted = request.POST if request.method == "POST" else None
    form = NewResourceForm(posted, actor=actor)
    if posted is not None and (made := _created(actor, form)):
        text = _("It is a draft. Publish its hours, then publish it.")
        messages.success(request, text)
        return redirect("desk-resource", made.slug)
    context = {"page": page_of(request, _managed_by(actor)), "form": form}
    return render(request, "booking/desk.html", context, status=form.status)


def _managed_by(actor: User) -> Any:
    rows = Resource.objects.manageable_by(actor)
    return rows.select_related("organisation", "site", "effective_policy")


def _created(actor: User, form: NewResourceForm) -> Resource | None:
    if not form.is_valid():
        return None
    try:
        return resource_create(actor=actor, **form.changes())
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return None


@login_required
@require_safe
def resource(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that the host says of one resource."""
    context = desk_context(managed(request, slug))
    return render(request, "booking/desk_resource.html", context)


@login_required
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what the resource is."""
    shown = managed(request, slug)
    form = DetailsForm.of(shown, request.POST)
    return done(
        request,
        shown,
        {"details": form},
        lambda: resource_update(actor=actor_of(request), slug=slug, **form.changes()),
        _("Saved."),
    )


@login_required
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the resource's rules."""
    shown = managed(request, slug)
    form = PolicyForm.of(shown.effective_policy, request.POST)
    return done(
        request,
        shown,
        {"policy": form},
        lambda: resource_policy_set(
            actor=actor_of(request), resource_slug=slug, values=form.changes()
        ),
        _("Saved. What is reserved already stays as it is."),
    )


@login_required
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish, archive, or take back to draft."""
    services = {
        "publish": (resource_publish, _("Published: others can find and reserve it.")),
        "archive": (resource_archive, _("Archived. Its past stays.")),
        "draft": (resource_to_draft, _("It is a draft again; nobody else sees it.")),
    }
    chosen = services.get(request.POST.get("to", ""))
    if chosen is not None:
        chosen[0](actor=actor_of(request), slug=slug)
        messages.success(request, chosen[1])
    return redirect("desk-resource", slug)
