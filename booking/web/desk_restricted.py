"""The host's desk: hours of a resource that only some may use."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.selectors.restricting import restricted_of
from booking.services.restricting import (
    restricted_hours_add,
    restricted_hours_remove,
)
from booking.web.desk_page import desk_context, managed
from booking.web.forms.restricting import RestrictedHoursForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Show which hours only some may use, and keep some more for some."""
    shown, actor = managed(request, slug), actor_of(request)
    sent = request.POST if request.method == "POST" else None
    form = RestrictedHoursForm(sent, host_id=shown.organisation_id)
    if form.is_valid() and _added(actor, shown, form):
        messages.success(request, _("Saved. What is reserved already stays as it is."))
        return redirect("desk-restricted", slug)
    context = desk_context(shown) | {
        "form": form,
        "failed": form,
        "rows": restricted_of(shown),
    }
    page = "booking/desk_restricted.html"
    return render(request, page, context, status=form.status)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, hours: int) -> HttpResponse:
    """Let everybody use those hours again."""
    shown = managed(request, slug)
    restricted_hours_remove(actor=actor_of(request), resource=shown, hours_id=hours)
    messages.success(request, _("Everybody may use these hours again."))
    return redirect("desk-restricted", slug)


def _added(actor: User, shown: Resource, form: RestrictedHoursForm) -> bool:
    try:
        restricted_hours_add(actor=actor, resource=shown, **form.values())
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True
