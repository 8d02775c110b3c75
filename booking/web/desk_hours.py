"""The host's desk: the week's hours, and dates with hours of their own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.expander import to_wall
from booking.selectors.hours import dates_of, hours_version
from booking.services import availability
from booking.services.availability import Outcome
from booking.web.desk_change import Change
from booking.web.desk_page import desk_context, managed
from booking.web.drafts import draft_take, login_required_keeping
from booking.web.forms.closing import DateForm
from booking.web.forms.hours import HoursForm
from booking.web.forms.week import week_minutes
from booking.web.requests import actor_of
from config import clock
from config.errors import Missing
from config.pages import render_part
from labs.models import Resource

PAGE = "booking/desk_hours.html"


@login_required_keeping("desk-hours")
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the week's hours, what a change of them would hit, and publish them."""
    shown = managed(request, slug)
    if request.method != "POST":
        return render(request, PAGE, _opened(request, shown))
    form = HoursForm.typed(request.POST, request.POST.get("do", ""))
    if not form.is_bound:
        return render_part(request, PAGE, "week", _page(shown, form))
    change = Change(request, [shown], form)
    if change.is_done(lambda each, preview: publish(request, each, form, preview)):
        change.results[0].tell(request, _("The hours are published."))
        return redirect("desk-hours", slug)
    context = _page(shown, form) | change.context()
    return render_part(request, PAGE, "live", context, status=change.status)


def publish(
    request: HttpRequest, each: Resource, form: HoursForm, preview: bool
) -> Outcome:
    """Publish what the form says for one resource, or show what that would hit."""
    values = form.values()
    if preview:
        # A look may come in after the publishing that it was to be a look at.
        values["seen"] = None
    return availability.opening_hours_publish(
        actor=actor_of(request), resource_slug=each.slug, preview=preview, **values
    )


def _published(request: HttpRequest, shown: Resource) -> HoursForm:
    """Return the form of the season that the address names, else the first one."""
    seasons = desk_context(shown)["seasons"]
    wanted = request.GET.get("season", "")
    named = [each for each in seasons if str(each["valid_from"]) == wanted]
    season = next(iter([*named, *seasons]), None)
    today = to_wall(clock.now(), shown.site.zone).date()
    return HoursForm.published(season, today, hours_version(shown))


def _opened(request: HttpRequest, shown: Resource) -> dict[str, Any]:
    """Return the page with what is published, or was typed before signing in again."""
    kept = draft_take(request)
    if kept is not None and "valid_from" in kept:
        return _page(shown, HoursForm.typed(kept, kept.get("do", "")))
    context = _page(shown, _published(request, shown))
    return context if kept is None else context | {"date_form": DateForm(kept)}


def _page(shown: Resource, form: HoursForm) -> dict[str, Any]:
    context = desk_context(shown)
    form.newest = hours_version(shown)
    return context | {
        "form": form,
        "minutes": week_minutes(form.week),
        "dates": dates_of(shown),
        "date_form": DateForm(),
    }


@login_required_keeping("desk-hours")
@require_POST
def date(request: HttpRequest, slug: str) -> HttpResponse:
    """Give one date hours of its own, or show what that would hit."""
    shown = managed(request, slug)
    form = DateForm(request.POST)
    change = Change(request, [shown], form)

    def run(each: Resource, preview: bool) -> Outcome:
        return availability.opening_date_set(
            actor=actor_of(request),
            resource_slug=each.slug,
            preview=preview,
            **form.values(),
        )

    if change.is_done(run):
        change.results[0].tell(request, _("That date has hours of its own now."))
        return redirect("desk-hours", slug)
    context = _page(shown, _published(request, shown)) | change.context()
    context |= {"date_form": form, "of_date": True}
    return render_part(request, PAGE, "date-live", context, status=change.status)


@login_required
@require_POST
def date_forget(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    """Let the week's hours hold on a date again."""
    try:
        on = dt.date.fromisoformat(day)
    except ValueError:
        raise Missing from None
    availability.opening_date_forget(
        actor=actor_of(request), resource_slug=slug, day=on
    )
    messages.success(request, _("The week’s hours hold on that date again."))
    return redirect("desk-hours", slug)
