from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from booking.expander import from_wall
from booking.models import Reservation
from booking.selectors.again import last_reservations
from booking.selectors.choosing import choices_for, usual_hour
from booking.web.finding import again_rows, findings
from booking.web.forms.finding import USUAL_MINUTES, FindForm
from booking.web.requests import actor_of
from booking.web.wall import next_full_hour
from config import clock
from config.pages import render_part, wants_part

#: How many of one's last resources are offered once more.
MOST_AGAIN = 3


@login_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show what is free as wanted, or what to change so that something is."""
    viewer, now = actor_of(request), clock.now()
    choices = choices_for(viewer)
    last = last_reservations(viewer, MOST_AGAIN)
    form = FindForm(
        _wanted(request, last, now), viewer=viewer, choices=choices, now=now
    )
    part = wants_part(request)
    context: dict[str, Any] = {"form": form, "choices": choices, "follows": part}
    context["may_reserve"] = viewer.is_hub_staff or bool(viewer.roles)
    if not part:
        context["again"] = again_rows(last, now)
    if form.is_valid() and not choices.is_empty:
        context |= findings(request, viewer, form, last[:1])
    response = render_part(
        request, "booking/find.html", "results", context, status=form.status
    )
    return _at_its_address(request, form, response) if part else response


def _wanted(
    request: HttpRequest, last: list[Reservation], now: dt.datetime
) -> dict[str, str]:
    """Return what the address asks for; the rest as it usually is, as many as last."""
    given = request.GET.dict()
    start = None
    if not {"day", "from"} <= given.keys():
        zone = ZoneInfo(settings.TIME_ZONE)
        first = from_wall(next_full_hour(now, zone), zone)
        start = usual_hour(first, dt.timedelta(minutes=USUAL_MINUTES))
    usual = FindForm.usual(now, start)
    if last:
        usual["people"] = str(last[0].people)
    return usual | given


def _at_its_address(
    request: HttpRequest, form: FindForm, response: HttpResponse
) -> HttpResponse:
    """Let the browser's address follow; letters typed are no pages to go back to."""
    shown = request.htmx.current_url or ""  # type: ignore[attr-defined]
    before = QueryDict(shown.partition("#")[0].partition("?")[2]).dict()
    if form.is_typing_since(before):
        return replace_url(response, form.url())
    return push_url(response, form.url())
