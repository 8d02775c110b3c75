"""The host's desk: calendars kept elsewhere that close a resource."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.selectors.outside_calendars import outside_calendars_of
from booking.services.outside_calendars import (
    Glance,
    outside_calendar_add,
    outside_calendar_refresh,
    outside_calendar_remove,
)
from booking.web.desk_page import desk_context, managed
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.forms.outside_calendars import OutsideCalendarForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource

PAGE = "desk-outside-calendars"


@login_required_keeping(PAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def calendars(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the calendars with their state, look into a new one, and add it."""
    shown = managed(request, slug)
    form, glance = OutsideCalendarForm(sent_or_kept(request)), None
    if request.method == "POST" and form.is_valid():
        adds = request.POST.get("do") == "add"
        glance = _read(request, shown, form, preview=not adds)
        if adds and glance:
            messages.success(request, _("Added: its events close the resource."))
            return redirect("desk-outside" if glance.outcome.hits else PAGE, slug)
    context = desk_context(shown) | {"form": form, "failed": form, "glance": glance}
    context["calendars"] = outside_calendars_of(shown)
    page = "booking/desk_outside_calendars.html"
    return render(request, page, context, status=form.status)


def _read(
    request: HttpRequest, shown: Resource, form: OutsideCalendarForm, *, preview: bool
) -> Glance | None:
    """Look into the calendar or add it; or let the form say why not."""
    try:
        return outside_calendar_add(
            actor=actor_of(request),
            resource_slug=shown.slug,
            url=form.cleaned_data["url"],
            preview=preview,
        )
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return None


@login_required
@require_POST
def read(request: HttpRequest, slug: str, calendar: int) -> HttpResponse:
    """Read a calendar now."""
    found = outside_calendar_refresh(
        actor=actor_of(request), resource_slug=slug, calendar_id=calendar
    )
    if found.error:
        messages.error(request, found.error_text)
    else:
        messages.success(request, _("Read: what it says now closes the resource."))
    return redirect(PAGE, slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, calendar: int) -> HttpResponse:
    """Forget a calendar and open what it closed."""
    outside_calendar_remove(
        actor=actor_of(request), resource_slug=slug, calendar_id=calendar
    )
    messages.success(request, _("Removed. What it closed is open again."))
    return redirect(PAGE, slug)
