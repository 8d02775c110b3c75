from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from booking.selectors.finding import first_free, resources_free
from booking.web.forms.finding import FindForm
from booking.web.links import reserve_url, when_values
from booking.web.requests import actor_of, page_of
from config import clock
from labs.models import Resource, Site, User

#: How many first free slots are offered where nothing is free as wanted.
MOST_SLOTS = 10


@login_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show what is free as wanted, or when something first is."""
    viewer = actor_of(request)
    wanted = FindForm.usual(clock.now()) | request.GET.dict()
    form = FindForm(wanted, sites=_sites(viewer))
    found = _found(request, viewer, form) if form.is_valid() else {}
    context = {"form": form, **found}
    return render(request, "booking/find.html", context, status=form.status)


def _sites(viewer: User) -> list[Site]:
    there = Resource.objects.visible_to(viewer).published()
    return list(Site.objects.filter(pk__in=there.values("site")))


def _found(request: HttpRequest, viewer: User, form: FindForm) -> dict[str, Any]:
    now, wish = clock.now(), form.wish()
    free = resources_free(form.resources(viewer), wish, now)
    page = page_of(request, free)
    people = form.cleaned_data["people"]
    offers = [
        (each, reserve_url(each.slug, _when(form, each.site.zone), people=people))
        for each in page
    ]
    slots = [] if free else _first_slots(viewer, form)
    return {
        "wish": wish,
        "is_over": wish.starts_at < now,
        "count": len(free),
        "page": page,
        "offers": offers,
        "slots": slots,
    }


def _when(form: FindForm, zone: ZoneInfo) -> dict[str, str]:
    given = form.cleaned_data
    return when_values(given["starts_at"], given["ends_at"], zone)


def _first_slots(viewer: User, form: FindForm) -> list[dict[str, Any]]:
    now, wish = clock.now(), form.wish()
    length = wish.ends_at - wish.starts_at
    rows = []
    for slot in first_free(form.resources(viewer), form.search(now), now)[:MOST_SLOTS]:
        site = form.sites[slot.site]
        ends_at = slot.starts_at + length
        when = when_values(slot.starts_at, ends_at, site.zone)
        url = reserve_url(slot.slug, when, people=wish.people)
        rows.append({"slot": slot, "site": site, "ends_at": ends_at, "url": url})
    return rows
