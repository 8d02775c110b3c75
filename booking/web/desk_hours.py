"""The host's desk: when a resource can be reserved."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from booking.expander import to_wall
from booking.models import AvailabilityCalendar
from booking.selectors.hours import opening_hours_of
from booking.services import availability
from booking.services.holidays import SLUG, holiday_calendar_fill
from booking.web.desk_page import done, is_preview, managed
from booking.web.forms.desk import ClosureForm
from booking.web.forms.hours import HoursForm
from booking.web.requests import actor_of
from config import clock


@login_required
def hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish the week's hours, or show what they would hit."""
    shown = managed(request, slug)
    today = to_wall(clock.now(), shown.site.zone).date()
    form = HoursForm(request.POST, season=None, today=today)
    return done(
        request,
        shown,
        {"hours": form},
        lambda: availability.opening_hours_publish(
            actor=actor_of(request),
            resource_slug=slug,
            weekly=form.weekly(),
            valid_from=form.cleaned_data["valid_from"],
            preview=is_preview(request),
        ),
        _("The hours are published."),
    )


@login_required
def closures(request: HttpRequest, slug: str) -> HttpResponse:
    """Close for a while, or show what that would hit."""
    shown = managed(request, slug)
    today = to_wall(clock.now(), shown.site.zone).date()
    form = ClosureForm(request.POST, zone=shown.site.zone, day=today)
    return done(
        request,
        shown,
        {"closure": form},
        lambda: availability.closure_add(
            actor=actor_of(request),
            resource_slug=slug,
            preview=is_preview(request),
            **form.values(),
        ),
        _("It is closed then."),
    )


@login_required
def closure_remove(request: HttpRequest, slug: str, closure: int) -> HttpResponse:
    """Take a closure back."""
    if request.method == "POST":
        availability.closure_remove(
            actor=actor_of(request), resource_slug=slug, closure_id=closure
        )
        messages.success(request, _("The closure is taken back."))
    return redirect("desk-resource", slug)


@login_required
def holidays(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether the public holidays close it; other shared calendars stay."""
    shown = managed(request, slug)
    if request.method == "POST":
        wanted = set(opening_hours_of(shown)["calendars"]) - {SLUG}
        if request.POST.get("holidays"):
            if not AvailabilityCalendar.objects.filter(calendar__slug=SLUG).exists():
                holiday_calendar_fill()
            wanted.add(SLUG)
        availability.shared_calendars_set(
            actor=actor_of(request), resource_slug=slug, slugs=sorted(wanted)
        )
        messages.success(request, _("Saved."))
    return redirect("desk-resource", slug)
