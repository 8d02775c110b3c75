"""The front door: what the hub has, and all that is public of one resource."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.selectors.favourites import with_favourites
from booking.selectors.hours import closures_of, opening_hours_of
from booking.selectors.restricting import restricted, restricted_hours_of
from booking.selectors.waiting import usual_waiting
from booking.visibility import closure_seen_by
from booking.web.forms.catalogue import CatalogueForm
from booking.web.meta import Meta, page_meta, resource_meta
from booking.web.requests import actor_of, page_of
from booking.weekly import DAYS
from booking.words import weekday_names
from config import clock
from config.errors import Missing
from config.pages import render_part
from labs.models import Organisation, Resource, Site
from labs.permissions import can_manage_resource
from labs.selectors.qualifications import held_types
from labs.selectors.resources import resource_list, tags_published

#: Whole rows of tiles, whether two, three or four stand side by side.
TILES = 24
#: Closures are told so many ahead.
MOST_CLOSURES = 6


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Say what the hub is, and show its catalogue."""
    published = Resource.objects.published()
    sites = list(Site.objects.filter(pk__in=published.values("site")))
    hosts = Organisation.objects.filter(pk__in=published.values("organisation"))
    form = CatalogueForm(request.GET, sites=sites, organisations=list(hosts))
    shown = _shown(request, form) if form.is_valid() else {}
    context = {"form": form, "sites": sites, "meta": _front_meta(), **shown}
    context["numbers"] = published.aggregate(
        resources=Count("pk"),
        organisations=Count("organisation", distinct=True),
        sites=Count("site", distinct=True),
    )
    context["tags"] = tags_published()
    return render_part(
        request, "booking/front.html", "results", context, status=form.status
    )


def _shown(request: HttpRequest, form: CatalogueForm) -> dict[str, Any]:
    page = page_of(request, tiles_of(form.resources()), TILES)
    looser = [
        (label, count, _without(request, name))
        for name, label, count in ([] if page.object_list else form.looser())
    ]
    return {"page": page, "looser": looser, "is_filtered": bool(form.conditions())}


def _without(request: HttpRequest, name: str) -> str:
    """Return the address of the page with that filter left out."""
    kept = request.GET.copy()
    for gone in (name, "page"):
        kept.pop(gone, None)
    return f"{reverse('front')}?{kept.urlencode()}"


def tiles_of(resources: Any) -> Any:
    """Return resources with all that their tiles show."""
    return resources.select_related("organisation", "site", "effective_policy")


def _front_meta() -> Meta:
    text = _(
        "Laboratories, premises and equipment that companies and universities share "
        "with each other: find what is free and reserve it."
    )
    return page_meta(_("Shared labs and spaces"), text, "/", {"@type": "WebSite"})


@require_safe
def resource(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that the viewer may know of one resource."""
    halls = Resource.objects.visible_to(request.user)
    rows = resource_list(user=request.user).select_related("effective_policy")
    rows = rows.prefetch_related(Prefetch("halls", halls))
    rows = with_favourites(rows, request.user)
    shown = rows.filter(slug=slug).first()
    if shown is None:
        raise Missing
    closures = [
        closure_seen_by(request.user, each, shown.organisation_id)
        for each in closures_of(shown).filter(outside_calendar=None)[:MOST_CLOSURES]
    ]
    context = {
        "resource": shown,
        "policy": shown.effective_policy,
        "seasons": _seasons(shown),
        "closures": closures,
        "waiting": usual_waiting([shown]).get(shown.pk),
        "manages": can_manage_resource(request.user, shown),
        "meta": resource_meta(shown),
        "required": _required(request, shown),
        "restricted": [restricted(row, shown) for row in restricted_hours_of(shown)],
    }
    return render(request, "booking/resource.html", context)


def _required(request: HttpRequest, shown: Resource) -> list[dict[str, Any]]:
    """Return what whoever comes needs, each with whether the viewer has it today."""
    types, today = (
        list(shown.required_qualifications.select_related("organisation")),
        clock.today(),
    )
    is_known = bool(types) and request.user.is_authenticated
    held: set[int] = set()
    if is_known:
        mine = held_types(actor_of(request), today, today)
        held = {each.pk for each in shown.required_qualifications.filter(pk__in=mine)}
    return [{"type": each, "is_held": each.pk in held} for each in types]


def _seasons(shown: Resource) -> list[dict[str, Any]]:
    """Return the seasons with their days, Monday first, each with its hours."""
    names = weekday_names()
    return [
        season
        | {
            "days": [
                (name, [row for row in season["weekly"] if code in row["days"]])
                for code, name in zip(DAYS, names, strict=True)
            ]
        }
        for season in opening_hours_of(shown)["seasons"]
    ]
