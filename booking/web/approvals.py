from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.models import Reservation
from booking.permissions import require
from booking.selectors.reservations import reservation_get
from booking.web import queue
from booking.web.forms.base import PageForm
from booking.web.requests import actor_of, page_of
from booking.web.verbs import DECIDING, VERBS, taken, verb_named
from config import clock
from labs.models import User

Failed = tuple[Reservation, str, PageForm]


@login_required
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """List the requests that wait for this person's decision."""
    viewer = actor_of(request)
    require(queue.decides(viewer))
    return render(request, "booking/approvals.html", _context(request, viewer))


@login_required
def decide(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Decide from the queue and come back to it."""
    actor, step = actor_of(request), verb_named(verb, DECIDING)
    if request.method != "POST":
        return redirect("approvals")
    found = reservation_get(actor, reference)
    form = step.form_for(actor, found, request.POST)
    if taken(actor, found, step, form):
        what = {"what": found.resource.local_name, "done": step.done}
        messages.success(request, _("%(what)s: %(done)s") % what)
        return redirect("approvals")
    failed = (reservation_get(actor, reference), verb, form)
    context = _context(request, actor, failed)
    return render(request, "booking/approvals.html", context, status=form.status)


def _context(
    request: HttpRequest, viewer: User, failed: Failed | None = None
) -> dict[str, Any]:
    page = page_of(request, queue.waiting_for(viewer, clock.now()))
    rows = [_row(viewer, each, failed) for each in page]
    gone = failed if failed and failed[0].pk not in {each.pk for each in page} else None
    return {
        "page": page,
        "rows": rows,
        "failed": failed[2] if failed else None,
        "gone": gone[0] if gone else None,
    }


def _row(viewer: User, waiting: Reservation, failed: Failed | None) -> dict[str, Any]:
    steps = []
    for name in DECIDING:
        step: dict[str, Any] = {"verb": VERBS[name]}
        mine = failed is not None and failed[0].pk == waiting.pk and failed[1] == name
        if failed is not None and mine:
            step |= {"form": failed[2], "open": True}
        else:
            step["form"] = VERBS[name].form_for(viewer, waiting)
        steps.append(step)
    return {
        "reservation": waiting,
        "zone": waiting.resource.site.zone,
        "steps": steps,
        "is_failed": failed is not None and failed[0].pk == waiting.pk,
    }
