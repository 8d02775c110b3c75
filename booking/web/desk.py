"""The host's desk: one's resources, a new one, and how one is listed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.permissions import require
from booking.selectors.desk import minutes_a_week_of, resources_at_glance
from booking.web import queue
from booking.web.desk_page import desk_context, managed, outside_hours
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.forms.desk import NewResourceForm
from booking.web.requests import actor_of, page_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from config.pages import render_part
from labs.models import Resource, User
from labs.services.resources import (
    resource_archive,
    resource_create,
    resource_publish,
    resource_to_draft,
)


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """List the resources that this person manages, with their state."""
    actor = actor_of(request)
    require(queue.manages(actor))
    text = request.GET.get("q", "")[:100].replace("\0", "")
    listing = request.GET.get("listing", "")
    page = page_of(request, resources_at_glance(actor, text=text, listing=listing))
    minutes = minutes_a_week_of(list(page))
    context = {
        "page": page,
        "rows": [(each, minutes[each.pk]) for each in page],
        "text": text,
        "listing": listing,
        "listings": [("", _("All")), *Resource.Listing.choices],
        "now": clock.now(),
    }
    return render_part(request, "booking/desk.html", "rows", context)


@login_required_keeping("desk-add")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a resource: a draft at first."""
    actor = actor_of(request)
    require(queue.manages(actor))
    form = NewResourceForm(sent_or_kept(request), actor=actor)
    if request.method == "POST" and (made := _created(actor, form)):
        messages.success(request, _("It is a draft, and nobody else sees it yet."))
        return redirect("desk-resource", made.slug)
    context = {"form": form, "failed": form}
    return render(request, "booking/desk_add.html", context, status=form.status)


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
    """Show one resource at a glance, and what it still needs."""
    shown = managed(request, slug)
    own = resources_at_glance(actor_of(request)).get(pk=shown.pk)
    context = desk_context(shown) | {
        "glance": own,
        "minutes": minutes_a_week_of([shown])[shown.pk],
        "outside": outside_hours(shown).count(),
        "now": clock.now(),
    }
    return render(request, "booking/desk_resource.html", context)


LISTINGS: dict[str, Any] = {
    "publish": resource_publish,
    "archive": resource_archive,
    "draft": resource_to_draft,
}


def listing_text(to: str) -> str:
    """Return what is said once a resource is listed so."""
    return {
        "publish": _("Published: others can find and reserve it."),
        "archive": _("Archived. Its past stays."),
        "draft": _("It is a draft again; nobody else sees it."),
    }[to]


@login_required
@require_POST
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish, archive, or take back to draft."""
    to = request.POST.get("to", "")
    if to in LISTINGS:
        LISTINGS[to](actor=actor_of(request), slug=slug)
        messages.success(request, listing_text(to))
    return redirect("desk-resource", slug)
