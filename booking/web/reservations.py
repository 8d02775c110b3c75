from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from booking.expander import to_wall
from booking.ics.events import calendar_of
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.qualifying import expiring
from booking.selectors.again import again_slots
from booking.selectors.attendance import confirmation_in
from booking.selectors.deciding import decisions_bring
from booking.selectors.offers import offer_of
from booking.selectors.qualifying import needs_by_id
from booking.selectors.questions import answer_file_open
from booking.selectors.reservations import reservation_get
from booking.selectors.waiting import usual_waiting
from booking.services.lifecycle import needs_code
from booking.web.deciding_words import names_of, path_steps, rule_text
from booking.web.forms.base import PageForm
from booking.web.links import when_values
from booking.web.listing import again_url, listed
from booking.web.nevertheless import overridable
from booking.web.requests import actor_of
from booking.web.verbs import ANSWERS, VERBS, Verb, taken, verb_named
from config import clock
from config.pages import attachment, render_part
from labs.models import User
from labs.permissions import can_read_access_notes
from labs.services.proofs import TYPES

SAID = {History.Action.ASKED, History.Action.ANSWERED}


@login_required
@require_safe
def reservations(request: HttpRequest) -> HttpResponse:
    """List one's own reservations, one's organisations', or those one hosts."""
    context = listed(request, actor_of(request), clock.now())
    return render_part(request, "booking/reservations.html", "list", context)


@login_required
@require_safe
def reservation(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one reservation and what this person may do with it now."""
    viewer = actor_of(request)
    context = _context(viewer, reservation_get(viewer, reference))
    return render(request, "booking/reservation.html", context)


@login_required
@require_safe
def calendar_file(request: HttpRequest, reference: str) -> HttpResponse:
    """Download one reservation for a calendar."""
    found = reservation_get(actor_of(request), reference)
    response = HttpResponse(
        calendar_of([found], clock.now()), content_type="text/calendar; charset=utf-8"
    )
    name = f"{found.reference}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_safe
def answer_file(request: HttpRequest, reference: str, key: str) -> FileResponse:
    """Send a file among the answers to who may see them."""
    name, kind, file = answer_file_open(actor_of(request), reference, key)
    return attachment(file, name, TYPES[kind])


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
    decisions_bring([shown])
    offer = offer_of(shown)  # before the steps, some of which ask for it
    steps = {
        verb.name: {"verb": verb, "form": verb.form_for(viewer, shown)}
        for verb in VERBS.values()
        if verb.offered(viewer, shown, now)
    }
    if failed and failed[0].name in steps:
        steps[failed[0].name] = {"verb": failed[0], "form": failed[1], "open": True}
    own = shown.requested_by_id == viewer.pk or shown.organisation_id in viewer.roles
    repeats = own and not shown.is_offer
    again = again_slots([shown], now).get(shown.pk) if repeats else None
    zone = shown.resource.site.zone
    history = list(shown.history.select_related("actor"))
    waits = shown.status == Status.PENDING
    checks_in = shown.status == Status.APPROVED
    policy = shown.resource.effective_policy if checks_in else None
    ahead = shown.occupies and shown.ends_at > now
    needs = needs_by_id([shown], now)[shown.pk] if ahead else ()
    return {
        "reservation": shown,
        "zone": zone,
        "again": again,
        "again_url": again_url(shown, again),
        "usual": usual_waiting([shown.resource]).get(shown.resource_id)
        if waits
        else None,
        "instead": _instead(failed[1], shown) if failed else [],
        "overridable": overridable(viewer, failed[1]) if failed else [],
        "offer": offer,
        "answers": [steps.pop(name) for name in ANSWERS if name in steps],
        "history": history,
        "confirmed": confirmation_in(history) if checks_in else None,
        "thread": [row for row in history if row.action in SAID],
        "path": path_steps(shown),
        "rule": rule_text(shown.rule, names_of([shown.rule])) if shown.rule else "",
        "level": shown.get_level_display() if waits and shown.level else "",
        "steps": steps.values(),
        "can_cancel": "cancel" in steps,
        "failed": failed[1] if failed else None,
        "waits": waits,
        "at_door": checks_in and needs_code(viewer, shown),
        "check_in_by": policy.check_in_by(shown) if policy else None,
        "is_ahead": ahead and not shown.is_offer,
        "lacking": [need for need in needs if not need.then],
        "expiring": [
            need
            for need in expiring(needs, to_wall(shown.ends_at, zone).date())
            if need.then
        ],
        "holds": shown.occupies
        and not shown.is_offer
        and can_read_access_notes(viewer),
    }


def _instead(failed: PageForm, shown: Reservation) -> list[dict[str, Any]]:
    """Return where it could be moved instead, as the form of a move sends it."""
    zone = shown.resource.site.zone
    return [
        row | {"when": when_values(row["starts_at"], row["ends_at"], zone)}
        for row in failed.alternatives
        if row["resource"] == shown.resource.slug
    ]
