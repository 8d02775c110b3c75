from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from booking.models import Reservation
from booking.permissions import require
from booking.selectors.approving import asked_and_answered
from booking.selectors.contests import wanting
from booking.selectors.deciding import (
    briefs_for,
    decisions_bring,
    taken_by,
    with_rules,
)
from booking.selectors.reservations import reservation_get, reservations_visible_to
from booking.services.bulk_decisions import (
    MOST_AT_ONCE,
    Result,
    Wanted,
    reservations_decide,
)
from booking.services.decisions import TAKE_BACK
from booking.web import queue
from booking.web.deciding_words import away_of, path_steps
from booking.web.forms.base import PageForm
from booking.web.requests import actor_of, page_of
from booking.web.verbs import DECIDING, FROM_QUEUE, VERBS, taken, verb_named
from config import clock
from config.pages import render_part, wants_part
from labs.models import User

PAGE = "booking/approvals.html"
#: A reference, and the version that was seen.
TICK = re.compile(r"([-\w]+):(\d{1,9})", re.ASCII)
Failed = tuple[Reservation, str, PageForm]


@login_required
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """List the requests that wait for this person's decision."""
    viewer = actor_of(request)
    require(queue.decides(viewer))
    return render(request, PAGE, _context(request, viewer))


@login_required
def decide(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Decide from the queue and come back to it; htmx gets the row as it is then."""
    actor, step = actor_of(request), verb_named(verb, FROM_QUEUE)
    if request.method != "POST":
        return redirect("approvals")
    found = reservation_get(actor, reference)
    form = step.form_for(actor, found, request.POST)
    done = taken(actor, found, step, form)
    now = reservation_get(actor, reference)
    if wants_part(request):
        return _row_after(request, actor, now, None if done else (now, verb, form))
    if done:
        what = {"what": found.resource.local_name, "done": step.done}
        messages.success(request, _("%(what)s: %(done)s") % what)
        return redirect("approvals")
    context = _context(request, actor, (now, verb, form))
    return render(request, PAGE, context, status=form.status)


def _row_after(
    request: HttpRequest, actor: User, now: Reservation, failed: Failed | None
) -> HttpResponse:
    """Show what became of one: what was decided, or the row with its refusal."""
    rows_now = with_rules(queue.waiting_for(actor, clock.now()))
    waiting = list(rows_now.filter(pk=now.pk))
    decisions_bring(waiting)
    rows = _rows(actor, waiting, failed)
    status = failed[2].status if failed else 200
    if rows:
        return render_part(request, PAGE, "row", {"row": rows[0]}, status=status)
    decided = _decided(actor, now)
    return render_part(request, PAGE, "decided", {"row": decided}, status=status)


@login_required
@require_POST
def approve_many(request: HttpRequest) -> HttpResponse:
    """Approve what was ticked, each on its own; say of each that could not be, why."""
    actor = actor_of(request)
    require(queue.decides(actor))
    ticked = _ticked(request, actor)
    items = [Wanted(each.reference, version) for each, version in ticked]
    results = reservations_decide(actor=actor, items=items)
    names = {each.reference: each.resource.local_name for each, _version in ticked}
    tell_approved(request, results, names)
    return redirect("approvals")


def tell_approved(
    request: HttpRequest, results: list[Result], names: dict[str, str]
) -> None:
    """Say of each that could not be approved why, and how many were."""
    for result in results:
        if result.refusal:
            name = names.get(result.wanted.reference, result.wanted.reference)
            what = {"what": name, "why": result.refusal.detail}
            messages.error(request, _("%(what)s: %(why)s") % what)
    approved = sum(result.refusal is None for result in results)
    if approved:
        text = ngettext(
            "%(n)d request is approved. They are told in a moment.",
            "%(n)d requests are approved. They are told in a moment.",
            approved,
        )
        messages.success(request, text % {"n": approved})
    else:
        messages.warning(request, _("Nothing was approved."))


def _ticked(request: HttpRequest, actor: User) -> list[tuple[Reservation, int]]:
    """Return what was ticked, as the person saw it; what is not theirs is not there."""
    given = request.POST.getlist("chosen")[:MOST_AT_ONCE]
    ticked = [found for each in given if (found := TICK.fullmatch(each))]
    versions = {found[1]: found[2] for found in ticked}
    visible = reservations_visible_to(actor).filter(reference__in=versions)
    return [(each, int(versions[each.reference])) for each in visible]


def _context(
    request: HttpRequest, viewer: User, failed: Failed | None = None
) -> dict[str, Any]:
    now = clock.now()
    page = page_of(request, with_rules(queue.waiting_for(viewer, now)))
    decided = list(taken_by(viewer, now - TAKE_BACK))
    decisions_bring([*page, *decided])
    rows = _rows(viewer, list(page), failed)
    gone = failed if failed and failed[0].pk not in {each.pk for each in page} else None
    return {
        "page": page,
        "zone": ZoneInfo(settings.TIME_ZONE),
        "rows": rows,
        "unflagged": [row for row in rows if not row["brief"].flags],
        "failed": failed[2] if failed else None,
        "gone": gone[0] if gone else None,
        "decided": [_decided(viewer, each) for each in decided],
    }


def _rows(
    viewer: User, waiting: list[Reservation], failed: Failed | None
) -> list[dict[str, Any]]:
    briefs = briefs_for(viewer, waiting, clock.now())
    wanted = wanting(waiting)
    said = asked_and_answered(briefs)
    return [
        _row(viewer, each, failed)
        | {
            "brief": briefs[each.pk],
            "wanting": wanted.get(each.pk),
            "thread": said.get(each.pk, []),
        }
        for each in waiting
    ]


def _row(viewer: User, waiting: Reservation, failed: Failed | None) -> dict[str, Any]:
    steps = []
    for name in DECIDING:
        step: dict[str, Any] = {"verb": VERBS[name], "key": queue.KEYS[name]}
        mine = failed is not None and failed[0].pk == waiting.pk and failed[1] == name
        if failed is not None and mine:
            step |= {"form": failed[2], "open": True}
        else:
            step["form"] = VERBS[name].form_for(viewer, waiting)
        steps.append(step)
    is_failed = failed is not None and failed[0].pk == waiting.pk
    return {
        "reservation": waiting,
        "zone": waiting.resource.site.zone,
        "is_elsewhere": waiting.resource.site.time_zone != settings.TIME_ZONE,
        "steps": steps,
        "path": path_steps(waiting),
        "away": away_of(viewer, waiting),
        "is_failed": is_failed,
        "fault": failed[2] if failed and is_failed else None,
    }


def _decided(viewer: User, decided: Reservation) -> dict[str, Any]:
    """Return a row that waits no more, with the way back while there is one."""
    undo = VERBS["take-back"]
    standing = decided.standing
    last = standing[-1] if standing else None
    return {
        "reservation": decided,
        "zone": decided.resource.site.zone,
        "undo": undo if undo.offered(viewer, decided, clock.now()) else None,
        "last": last,
        "until": last.at + TAKE_BACK if last else None,
        "is_mine": last is not None and last.by_id == viewer.pk,
        "path": path_steps(decided),
    }
