"""Where things are and whose they are: sites with their floors, organisations."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from booking.models import Agreement
from booking.permissions import can_reserve_for
from booking.selectors.agreements import agreements_of_guest
from booking.selectors.attendance import no_shows_of, sees_attendance
from booking.selectors.presence import presence_of
from booking.web.catalogue import TILES, tiles_of
from booking.web.drawing import Drawing, drawing_of
from booking.web.meta import organisation_meta, site_meta
from booking.web.requests import page_of
from config import clock
from config.errors import Missing
from labs.models import FloorPlan, Organisation, Resource
from labs.permissions import can_draw_plans
from labs.selectors.organisations import organisation_list
from labs.selectors.plans import plans_of
from labs.selectors.sites import site_list

PUBLISHED = Q(
    resources__listing=Resource.Listing.PUBLISHED,
    resources__organisation__is_active=True,
)
#: Of its own resources, an organisation's page counts only the published ones.
OFFERED = Q(resources__listing=Resource.Listing.PUBLISHED)


@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """List the sites with something to reserve; hub staff see the empty ones too."""
    rows = site_list(user=request.user).annotate(count=Count("resources", PUBLISHED))
    rows = rows.order_by("name", "pk")  # which counting forgets
    if not getattr(request.user, "is_hub_staff", False):
        rows = rows.filter(count__gt=0)
    return render(request, "booking/sites.html", {"page": page_of(request, rows)})


@require_safe
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where it is, its floors as they are now, and what can be reserved there."""
    shown = site_list(user=request.user).filter(slug=slug).first()
    if shown is None:
        raise Missing
    there = Resource.objects.published().filter(site=shown)
    plans = list(plans_of(shown, there))
    context = {
        "site": shown,
        "page": page_of(request, tiles_of(there), TILES),
        "plans": drawings_of(plans),
        "draws": can_draw_plans(request.user, shown),
        "meta": site_meta(shown),
    }
    return render(request, "booking/site.html", context)


def drawings_of(plans: Sequence[FloorPlan]) -> list[Drawing]:
    """Return floors with what holds now in their rooms; at most three queries."""
    rooms = [room.resource for plan in plans for room in plan.rooms.all()]
    states = presence_of(rooms, clock.now()) if rooms else {}
    return [drawing_of(plan, plan.rooms.all(), states) for plan in plans]


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """List the hub's organisations."""
    rows = (
        organisation_list(user=request.user)
        .annotate(count=Count("resources", OFFERED))
        .order_by("name", "pk")
    )
    context = {"page": page_of(request, rows)}
    return render(request, "booking/organisations.html", context)


@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who an organisation is and what it offers."""
    shown = organisation_list(user=request.user).filter(slug=slug).first()
    if shown is None:
        raise Missing
    offered = Resource.objects.published().filter(organisation=shown)
    counts = sees_attendance(request.user, shown.pk)
    context = {
        "organisation": shown,
        "page": page_of(request, tiles_of(offered), TILES),
        "meta": organisation_meta(shown),
        "counts": counts,
        "no_shows": no_shows_of([shown.pk], clock.now()).get(shown.pk, 0)
        if counts
        else 0,
        "agreements": _agreements(request, shown),
    }
    return render(request, "booking/organisation.html", context)


def _agreements(request: HttpRequest, shown: Organisation) -> list[Agreement]:
    """Return what was agreed with it: for its own people and hub staff."""
    viewer = request.user
    if not viewer.is_authenticated or not can_reserve_for(viewer, shown.pk):
        return []
    return list(agreements_of_guest(shown, clock.today()))
