"""What a phone opens that scanned the code on a door's screen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from booking.exceptions import StaleCode
from booking.models import Reservation
from booking.models.reservation import Status
from booking.permissions import can_change
from booking.selectors.doors import inside_of
from booking.selectors.presence import Presence, State, presence_of
from booking.selectors.reservations import reservation_get
from booking.services.door_codes import door_of_code
from booking.services.lifecycle import CHECK_IN_EARLY
from booking.web.links import reserve_url, when_values
from booking.web.requests import actor_of
from booking.web.verbs import VERBS, Verb, taken, verb_named
from config import clock
from labs.models import Resource, User

PAGE = "booking/here.html"
SOON_MINUTES = 30
#: By where it stands; the page offers one step, that which comes next.
NEXT = {Status.APPROVED: "check-in", Status.IN_USE: "check-out"}


@dataclass(frozen=True, slots=True)
class Row:
    """`verb` is what the viewer may do with it now, if anything."""

    reservation: Reservation
    verb: Verb | None


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def here(request: HttpRequest, code: str) -> HttpResponse:
    """Let who stands before a door check in or out; looking changes nothing."""
    actor, now = actor_of(request), clock.now()
    try:
        found = door_of_code(code, now)
    except StaleCode as refusal:
        return render(request, PAGE, {"stale": refusal}, status=refusal.status)
    rows = [
        Row(each, _next(actor, each, now))
        for each in inside_of(found, actor, now, CHECK_IN_EARLY)
    ]
    form = None
    if request.method == "POST":
        chosen = reservation_get(actor, request.POST.get("reference", ""))
        verb = verb_named(request.POST.get("do", ""), NEXT.values())
        form = verb.form_for(actor, chosen, request.POST)
        if taken(actor, chosen, _with_code(verb, code), form):
            messages.success(request, verb.done)
            return redirect("door-here", code)
    context = _context(found.resource, rows, now) | {"failed": form}
    return render(request, PAGE, context, status=form.status if form else 200)


def _context(resource: Resource, rows: list[Row], now: dt.datetime) -> dict[str, Any]:
    held = presence_of([resource], now)[resource.pk]
    return {
        "resource": resource,
        "zone": resource.site.zone,
        "now": now,
        "rows": rows,
        "held": held,
        "now_url": now_url(resource, held, now),
    }


def _next(actor: User, reservation: Reservation, now: dt.datetime) -> Verb | None:
    begun = reservation.status == Status.APPROVED or reservation.starts_at < now
    can = begun and can_change(actor, reservation)
    return VERBS[NEXT[Status(reservation.status)]] if can else None


def _with_code(verb: Verb, code: str) -> Verb:
    if verb.name == NEXT[Status.IN_USE]:
        return verb
    return replace(verb, service=partial(verb.service, code=code))


def now_url(resource: Resource, held: Presence, now: dt.datetime) -> str:
    """Return the form's address for half an hour from now; empty where it is taken.

    From the next start that the rules allow, and for as long as they want at least.
    """
    policy = resource.effective_policy
    if held.state != State.FREE or policy.notice_minutes:
        return ""
    zone, grid = resource.site.zone, policy.start_grid_minutes * 60
    wall = now.astimezone(zone)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    start = now.replace(microsecond=0) + dt.timedelta(seconds=grid - seconds % grid)
    end = start + dt.timedelta(minutes=policy.length_near(SOON_MINUTES * 60))
    if held.until is not None and end > held.until:
        return ""
    return reserve_url(resource.slug, when_values(start, end, zone))
