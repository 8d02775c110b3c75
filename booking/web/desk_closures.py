"""The host's desk: closures, holidays, and what is reserved outside of the hours."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.expander import to_wall
from booking.models import AvailabilityCalendar
from booking.selectors.hours import closures_of, opening_hours_of
from booking.services import availability
from booking.services.availability import Outcome
from booking.services.hits import hits_decide
from booking.services.holidays import SLUG as HOLIDAYS
from booking.services.holidays import holiday_calendar_fill
from booking.web.desk_change import Change, Result
from booking.web.desk_page import desk_context, managed, outside_hours
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.forms.closing import ClosureForm
from booking.web.forms.hits import HitsForm
from booking.web.requests import actor_of
from config import clock
from config.pages import render_part
from labs.models import Resource

PAGE = "booking/desk_closures.html"


@login_required_keeping("desk-closures")
@require_http_methods(["GET", "HEAD", "POST"])
def closures(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the closures, what a new one would hit, and close."""
    shown = managed(request, slug)
    form = closure_form(shown, sent_or_kept(request))
    if request.method != "POST":
        return render(request, PAGE, _page(shown, form))
    change = Change(request, [shown], form)
    if change.is_done(lambda each, preview: close(request, each, form, preview)):
        change.results[0].tell(request, _("It is closed then."))
        return redirect("desk-closures", slug)
    context = _page(shown, form) | change.context()
    return render_part(request, PAGE, "live", context, status=change.status)


def closure_form(shown: Resource, sent: QueryDict | None) -> ClosureForm:
    """Return the form of a closure, by the clock of that resource's site."""
    zone = shown.site.zone
    return ClosureForm(sent, zone=zone, day=to_wall(clock.now(), zone).date())


def close(
    request: HttpRequest, each: Resource, form: ClosureForm, preview: bool
) -> Outcome:
    """Close one resource as the form says, or show what that would hit."""
    return availability.closure_add(
        actor=actor_of(request),
        resource_slug=each.slug,
        preview=preview,
        **form.values(each.site.zone),
    )


def _page(shown: Resource, form: ClosureForm) -> dict[str, Any]:
    found = list(closures_of(shown).filter(outside_calendar=None))
    holidays = [each for each in found if each.event.calendar.slug == HOLIDAYS]
    return desk_context(shown) | {
        "form": form,
        "closures": [each for each in found if each not in holidays],
        "holidays": holidays,
        "own_calendar": f"resource-{shown.pk}",
    }


@login_required
@require_POST
def closure_remove(request: HttpRequest, slug: str, closure: int) -> HttpResponse:
    """Take a closure back."""
    availability.closure_remove(
        actor=actor_of(request), resource_slug=slug, closure_id=closure
    )
    messages.success(request, _("The closure is taken back."))
    return redirect("desk-closures", slug)


@login_required
@require_POST
def holidays(request: HttpRequest, slug: str) -> HttpResponse:
    """Say whether the public holidays close it; other shared calendars stay."""
    shown = managed(request, slug)
    wanted = bool(request.POST.get("holidays"))
    outcome = holidays_set(request, shown, wanted, preview=False)
    messages.success(request, _("Saved."))
    if outcome.hits:
        messages.warning(request, _("Some reservations fall on holidays: decide now."))
        return redirect("desk-outside", slug)
    return redirect("desk-closures", slug)


def holidays_set(
    request: HttpRequest, shown: Resource, wanted: bool, *, preview: bool
) -> Outcome:
    """Add the public holidays to a resource's shared calendars, or take them away."""
    slugs = set(opening_hours_of(shown)["calendars"]) - {HOLIDAYS}
    if wanted:
        if not AvailabilityCalendar.objects.filter(calendar__slug=HOLIDAYS).exists():
            holiday_calendar_fill()
        slugs.add(HOLIDAYS)
    return availability.shared_calendars_set(
        actor=actor_of(request),
        resource_slug=shown.slug,
        slugs=sorted(slugs),
        preview=preview,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def outside(request: HttpRequest, slug: str) -> HttpResponse:
    """Decide, later too, about each reservation outside of the published hours."""
    shown = managed(request, slug)
    hits = list(outside_hours(shown))
    step = request.POST.get("do", "")
    every = step.removeprefix("all-") if step.startswith("all-") else ""
    form = HitsForm(request.POST, hits=hits, every=every)
    decides = request.method == "POST" and not every
    if decides and form.is_valid():
        decided = hits_decide(
            actor=actor_of(request),
            wanted=form.wanted(),
            reason=form.cleaned_data["tell"],
        )
        result = Result(shown, Outcome(hits=hits), decided=decided)
        result.tell(request, _("Done."))
        return redirect("desk-outside", slug)
    context = desk_context(shown) | {"hits_form": form}
    context["failed"] = form if decides else None
    status = form.status if decides else 200
    return render_part(
        request, "booking/desk_outside.html", "hits", context, status=status
    )
