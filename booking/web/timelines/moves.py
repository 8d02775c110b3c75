"""What was dragged: the same service as everywhere, answered in a toast."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from booking.exceptions import SlotTaken
from booking.models import Reservation
from booking.selectors.reservations import reservation_get
from booking.selectors.timeline import timeline_of
from booking.services.reservations import reservation_move
from booking.web.forms.timeline import MoveOnTimelineForm
from booking.web.requests import actor_of, way_back
from config.errors import DomainError, Invalid
from config.pages import wants_part
from labs.models import Organisation, User


@login_required
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move a reservation to where it was dragged; the toast can undo it."""
    form = MoveOnTimelineForm(request.POST)
    try:
        context = _moved(actor_of(request), form)
    except DomainError as error:
        context = _refused(actor_of(request), form, error)
    context["back"] = back = way_back(request, "back", reverse("timeline"))
    if not wants_part(request):
        _tell(request, context)
        return redirect(back)
    refusal = context.get("refusal")
    status = refusal.status if refusal else 200
    response = render(request, "booking/moved.html", context, status=status)
    return trigger_client_event(response, "timeline-changed")


def _moved(actor: User, form: MoveOnTimelineForm) -> dict[str, Any]:
    if not form.is_valid():
        raise Invalid({name: [*map(str, texts)] for name, texts in form.errors.items()})
    given = dict(form.cleaned_data)
    given.pop("back")
    before = reservation_get(actor, given["reference"])
    moved = reservation_move(actor=actor, **given)
    return {"before": before, "moved": moved, "zone": moved.resource.site.zone}


def _refused(
    actor: User, form: MoveOnTimelineForm, refusal: DomainError
) -> dict[str, Any]:
    context: dict[str, Any] = {"refusal": refusal}
    if not isinstance(refusal, SlotTaken):
        return context
    given = form.cleaned_data
    wanted = reservation_get(actor, given["reference"])
    return context | {
        "wanted": wanted,
        "zone": wanted.resource.site.zone,
        "clash": _clash(actor, wanted, given["starts_at"], given["ends_at"]),
        "others": [
            row
            for row in refusal.extra["alternatives"]
            if row["resource"] == wanted.resource.slug
        ],
    }


def _clash(
    actor: User, wanted: Reservation, starts_at: dt.datetime, ends_at: dt.datetime
) -> dict[str, Any] | None:
    """Return who has it and when, as far as the actor may know."""
    # With the turnaround: the next one's start may be all that is in the way.
    until = ends_at + (wanted.free_at - wanted.ends_at)
    rows = timeline_of(actor, wanted.resource, starts_at, until)["taken"]
    others = [row for row in rows if row.get("reference") != wanted.reference]
    if not others:
        return None
    first = others[0]
    name = ""
    if "organisation" in first:
        name = Organisation.objects.get(slug=first["organisation"]).local_name
    return {
        "name": name,
        "starts_at": dt.datetime.fromisoformat(first["starts_at"]),
        "ends_at": dt.datetime.fromisoformat(first["ends_at"]),
    }


def _tell(request: HttpRequest, context: dict[str, Any]) -> None:
    if refusal := context.get("refusal"):
        text = _("Not moved: %(why)s") % {"why": refusal.detail}
        messages.error(request, text)
    else:
        messages.success(request, _("Moved."))
