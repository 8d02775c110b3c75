"""The screen beside a door, and the page where its host makes its address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from booking.expander import to_wall
from booking.selectors.doors import door_find
from booking.selectors.presence import Presence, State, Taken, presence_of
from booking.services.door_codes import door_code
from booking.visibility import names_guest_on_door
from booking.web.desk_page import managed
from booking.web.here import now_url
from booking.web.meta import absolute
from booking.web.qr import qr_path
from booking.web.requests import actor_of
from config import clock
from config.errors import Missing
from config.pages import render_part
from labs.models import Door
from labs.services.doors import door_renew, door_revoke, door_set

#: Of what comes next.
MOST_COMING = 2


@never_cache
@require_safe
def door(request: HttpRequest, secret: str) -> HttpResponse:
    """Show whether the room is free, to whoever stands before it; four queries."""
    found = door_find(secret)
    if found is None:
        raise Missing
    now = clock.now()
    resource = found.resource
    held = presence_of([resource], now)[resource.pk]
    context = {
        "resource": resource,
        "zone": resource.site.zone,
        "now": now,
        "today": to_wall(now, resource.site.zone).date(),
        "held": held,
        "who": _inside(held, found),
        "coming": [(each, _name(each, found)) for each in held.coming[:MOST_COMING]],
        "qr": qr_path(absolute(reverse("door-here", args=[door_code(found, now)]))),
        "now_url": now_url(resource, held, now),
    }
    response = render_part(request, "booking/door.html", "state", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _inside(held: Presence, door: Door) -> list[str]:
    if held.state not in {State.IN_USE, State.WAITING}:
        return []
    return [name for each in held.now if (name := _name(each, door))]


def _name(taken: Taken, door: Door) -> str:
    is_told = names_guest_on_door(taken.status, shows_names=door.shows_names)
    return taken.local_organisation if is_told else ""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the address of a resource's door page, renew it or end it."""
    shown, actor = managed(request, slug), actor_of(request)
    do = request.POST.get("do")
    context: dict[str, Any] = {"resource": shown}
    if do == "renew":
        secret = door_renew(actor=actor, slug=slug)
        address = absolute(reverse("door", args=[secret]))
        # Shown on this answer and never again: a redirect would have to keep it.
        context |= {"address": address, "qr": qr_path(address)}
    elif do == "names":
        door_set(actor=actor, slug=slug, shows_names="shows_names" in request.POST)
        messages.success(request, _("Saved."))
        return redirect("door-page", slug)
    elif do == "revoke":
        door_revoke(actor=actor, slug=slug)
        messages.success(request, _("The address no longer works."))
        return redirect("door-page", slug)
    context["door"] = Door.objects.filter(resource=shown).first()
    return render(request, "booking/door_page.html", context)
