from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from booking.expander import to_wall
from booking.periods import Period
from booking.web.forms.timeline import DateForm, TimelineForm
from booking.web.requests import page_of
from booking.web.timelines.grids import day_grids, week_grid, week_rows
from booking.web.timelines.overview import day_in_words
from booking.web.timelines.sources import (
    Source,
    Viewer,
    day_of,
    known_of,
    source_of_one,
    sources_of_all,
)
from config import clock
from config.errors import Missing
from config.pages import render_part
from labs.models import Organisation, Resource, Site

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
WEEKDAYS = range(7)
NAMED = ("slug", "name", "name_bg")
#: All that a row shows of a resource and what belongs to it: a page has fifty.
SHOWN = (
    *NAMED,
    "is_pool",
    "listing",
    *(f"site__{name}" for name in (*NAMED, "time_zone")),
    *(f"organisation__{name}" for name in (*NAMED, "is_active")),
    "effective_policy__start_grid_minutes",
    "effective_policy__min_duration_minutes",
    "effective_policy__max_duration_minutes",
)


@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """Show a day of all published resources, a page of them at a time."""
    context = _asked(request)
    if "page" in context:
        day, now = context["day"], clock.now()
        sources = sources_of_all(request.user, context["page"].object_list, day)
        known = known_of(request.user, sources, now)
        context |= {
            "grids": day_grids(sources, day, known, now),
            "previous": day - DAY,
            "next": day + DAY,
        }
    status = context["form"].status
    return render_part(request, "booking/timeline.html", "grid", context, status=status)


@require_safe
def timeline_week(request: HttpRequest) -> HttpResponse:
    """Show how much is free of each published resource on each day of a week."""
    context = _asked(request)
    if "page" in context:
        monday = _monday(context["day"])
        days, now = [monday + number * DAY for number in WEEKDAYS], clock.now()
        resources = context["page"].object_list
        sources = sources_of_all(request.user, resources, monday, len(days))
        rows = [(source.resource, _in_words(source, days, now)) for source in sources]
        context |= _week(monday) | {"days": days, "rows": rows}
    status = context["form"].status
    return render(request, "booking/timeline_week.html", context, status=status)


@require_safe
def resource_week(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a week of one resource, a column a day."""
    context = _asked_of_one(request, slug)
    resource, monday, now = context["resource"], _monday(context["day"]), clock.now()
    zone, days = resource.site.zone, [monday + number * DAY for number in WEEKDAYS]
    span = Period(day_of(days[0], zone).start, day_of(days[-1], zone).end)
    source = source_of_one(request.user, resource, span)
    grid = week_grid(source, days, known_of(request.user, [source], now), now)
    context |= _week(monday) | {"grid": grid, "rows": week_rows(grid), "zone": zone}
    status = context["form"].status
    page = "booking/resource_week.html"
    return render_part(request, page, "grid", context, status=status)


@require_safe
def resource_month(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a month of one resource: how much is free on each day."""
    context = _asked_of_one(request, slug)
    resource, first = context["resource"], context["day"].replace(day=1)
    zone, after = resource.site.zone, (first + 31 * DAY).replace(day=1)
    monday, last = _monday(first), _monday(after - DAY) + 6 * DAY
    days = [monday + number * DAY for number in range((last - monday).days + 1)]
    span = Period(day_of(monday, zone).start, day_of(last, zone).end)
    source = source_of_one(request.user, resource, span)
    shown = _in_words(source, days, clock.now())
    context |= {
        "month": first,
        "weeks": [shown[at : at + 7] for at in range(0, len(shown), 7)],
        "previous": first - DAY,
        "next": after,
        "zone": zone,
    }
    status = context["form"].status
    return render(request, "booking/resource_month.html", context, status=status)


def _monday(day: dt.date) -> dt.date:
    return day - day.weekday() * DAY


def _week(monday: dt.date) -> dict[str, dt.date]:
    return {
        "monday": monday,
        "sunday": monday + 6 * DAY,
        "previous": monday - WEEK,
        "next": monday + WEEK,
    }


def _in_words(source: Source, days: list[dt.date], now: dt.datetime) -> list[Any]:
    zone = source.resource.site.zone
    return [day_in_words(source, day, day_of(day, zone), now) for day in days]


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return the form, and where it is in order the day and a page of resources."""
    viewer: Viewer = request.user
    today = clock.today()
    published = Resource.objects.visible_to(viewer).published()
    form = TimelineForm(
        {"date": today.isoformat()} | request.GET.dict(),
        sites=list(Site.objects.filter(pk__in=published.values("site")).only(*NAMED)),
        organisations=list(
            Organisation.objects.filter(pk__in=published.values("organisation")).only(
                *NAMED
            )
        ),
    )
    context: dict[str, Any] = {"form": form, "today": today}
    if form.is_valid():
        shown = form.filtered(published).order_by("site__name", "site", "name", "pk")
        related = shown.select_related("site", "organisation", "effective_policy")
        context["page"] = page_of(request, related.only(*SHOWN))
        context["day"] = form.cleaned_data["date"]
        context["is_list"] = form.cleaned_data["view"] == "list"
    return context


def _asked_of_one(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return the resource and the day that is asked for; Missing (404)."""
    viewer: Viewer = request.user
    resource = (
        Resource.objects.visible_to(viewer)
        .select_related("site", "organisation", "effective_policy")
        .filter(slug=slug)
        .first()
    )
    if resource is None:
        raise Missing
    today = to_wall(clock.now(), resource.site.zone).date()
    form = DateForm({"date": today.isoformat()} | request.GET.dict())
    day = form.cleaned_data["date"] if form.is_valid() else today
    is_list = request.GET.get("view") == "list"
    return {
        "form": form,
        "resource": resource,
        "day": day,
        "today": today,
        "is_list": is_list,
    }
