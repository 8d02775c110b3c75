"""One resource's page at the desk, whichever of its forms was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Exists, Func, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.expander import to_wall
from booking.models import OpenPeriod, Reservation
from booking.selectors.hours import closures_of, opening_hours_of
from booking.services.availability import Outcome
from booking.services.holidays import SLUG as HOLIDAYS
from booking.web.forms.base import PageForm
from booking.web.forms.desk import ClosureForm, DetailsForm, PolicyForm
from booking.web.forms.hours import HoursForm, has_more_than_shown
from booking.web.requests import actor_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource
from labs.permissions import can_manage_resource


def managed(request: HttpRequest, slug: str) -> Resource:
    """Return a resource that this person manages; Missing (404), Forbidden (403)."""
    actor = actor_of(request)
    visible = Resource.objects.visible_to(actor)
    shown = (
        visible.select_related("organisation", "site", "effective_policy")
        .filter(slug=slug)
        .first()
    )
    if shown is None:
        raise Missing
    if not can_manage_resource(actor, shown):
        raise Forbidden(_("Only its organisation's managers and hub staff may do so."))
    return shown


def desk_context(
    shown: Resource,
    sent: Mapping[str, PageForm] | None = None,
    outcome: Outcome | None = None,
) -> dict[str, Any]:
    """Return the page's forms, the one that was sent as it was sent."""
    zone = shown.site.zone
    today = to_wall(clock.now(), zone).date()
    published = opening_hours_of(shown)
    seasons = published["seasons"]
    forms: dict[str, PageForm] = {
        "details": DetailsForm.of(shown),
        "policy": PolicyForm.of(shown.effective_policy),
        "hours": HoursForm(season=seasons[0] if seasons else None, today=today),
        "closure": ClosureForm(zone=zone, day=today),
        **(sent or {}),
    }
    closures = list(closures_of(shown))
    holidays = [each for each in closures if each.event.calendar.slug == HOLIDAYS]
    return {
        "resource": shown,
        "zone": zone,
        "forms": forms,
        "failed": next((f for f in (sent or {}).values() if f.errors), None),
        "seasons": seasons,
        "has_more": has_more_than_shown(seasons),
        "closures": [each for each in closures if each not in holidays],
        "holidays": holidays,
        "has_holidays": HOLIDAYS in published["calendars"],
        "outside": outside_hours(shown),
        "preview": outcome,
        "previewed": next(iter(sent or {}), None) if outcome else None,
        "own_calendar": f"resource-{shown.pk}",
    }


def outside_hours(shown: Resource) -> QuerySet[Reservation]:
    """Return what is reserved outside of the published hours, the soonest first."""
    wanted = Func(
        OuterRef("starts_at"),
        OuterRef("ends_at"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )
    held = OpenPeriod.objects.filter(resource=shown.pk, during__contains=wanted)
    ahead = (
        Reservation.objects.occupying()
        .sent()
        .filter(resource=shown, ends_at__gt=clock.now())
    )
    return ahead.exclude(Exists(held)).select_related("organisation")


def done(
    request: HttpRequest,
    shown: Resource,
    sent: Mapping[str, PageForm],
    change: Callable[[], Any],
    text: str,
) -> HttpResponse:
    """Run the change if its form is in order and come back to the page.

    A preview, which returns its Outcome with `do=preview`, is shown instead.
    """
    (form,) = sent.values()
    if request.method != "POST":
        return redirect("desk-resource", shown.slug)
    outcome = None
    if form.is_valid():
        try:
            outcome = change()
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            if not is_preview(request):
                messages.success(request, text)
                return redirect("desk-resource", shown.slug)
    context = desk_context(shown, sent, outcome)
    return render(request, "booking/desk_resource.html", context, status=form.status)


def is_preview(request: HttpRequest) -> bool:
    return request.POST.get("do") == "preview"
