from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, F, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from booking.models import Reservation
from booking.models.reservation import OCCUPYING, ReservationQuerySet, Status
from booking.selectors.reservations import reservation_get, reservations_visible_to
from booking.web import queue
from booking.web.forms.base import PageForm
from booking.web.requests import actor_of, page_of
from booking.web.verbs import VERBS, Verb, taken, verb_named
from config import clock
from labs.models import User
from labs.permissions import can_read_access_notes


@login_required
@require_safe
def reservations(request: HttpRequest) -> HttpResponse:
    """List one's own and one's organisations' reservations, or those one hosts."""
    viewer = actor_of(request)
    hosted = request.GET.get("of") == "resources" and queue.decides(viewer)
    rows = _hosted(viewer) if hosted else _own(viewer)
    context = {"page": page_of(request, _in_order(rows)), "hosted": hosted}
    return render(request, "booking/reservations.html", context)


def _own(viewer: User) -> ReservationQuerySet:
    mine = Q(organisation_id__in=viewer.roles) | Q(requested_by=viewer)
    return reservations_visible_to(viewer).filter(mine)


def _hosted(viewer: User) -> ReservationQuerySet:
    rows = reservations_visible_to(viewer)
    if viewer.is_hub_staff:
        return rows
    return rows.filter(resource__organisation_id__in=viewer.managed_ids)


def _in_order(rows: ReservationQuerySet) -> ReservationQuerySet:
    """What is to come, the soonest first; then what is over, the latest first."""
    to_come = Q(status__in=OCCUPYING, ends_at__gt=clock.now())
    is_over = Case(When(to_come, then=False), default=True)
    return rows.annotate(is_over=is_over).order_by(
        "is_over",
        Case(When(to_come, then=F("starts_at"))).asc(nulls_last=True),
        "-starts_at",
        "pk",
    )


@login_required
@require_safe
def reservation(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one reservation and what this person may do with it now."""
    viewer = actor_of(request)
    context = _context(viewer, reservation_get(viewer, reference))
    return render(request, "booking/reservation.html", context)


@login_required
def act(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Take a step of a reservation; whoever comes without a form sees its page."""
    actor, step = actor_of(request), verb_named(verb)
    if request.method != "POST":
        return redirect("reservation", reference)
    found = reservation_get(actor, reference)
    form = step.form_for(actor, found, request.POST)
    if taken(actor, found, step, form):
        messages.success(request, step.done)
        return redirect("reservation", reference)
    context = _context(actor, reservation_get(actor, reference), (step, form))
    return render(request, "booking/reservation.html", context, status=form.status)


def _context(
    viewer: User,
    shown: Reservation,
    failed: tuple[Verb, PageForm] | None = None,
) -> dict[str, Any]:
    now = clock.now()
    steps = {
        verb.name: {"verb": verb, "form": verb.form_for(viewer, shown)}
        for verb in VERBS.values()
        if verb.offered(viewer, shown, now)
    }
    if failed and failed[0].name in steps:
        steps[failed[0].name] = {"verb": failed[0], "form": failed[1], "open": True}
    return {
        "reservation": shown,
        "zone": shown.resource.site.zone,
        "history": shown.history.select_related("actor"),
        "steps": steps.values(),
        "failed": failed[1] if failed else None,
        "waits": shown.status == Status.PENDING,
        "holds": shown.occupies and can_read_access_notes(viewer),
    }
