"""The page behind a link in a mail: looking changes nothing, its button does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from booking.models import Reservation
from booking.models.reservation import Status
from booking.permissions import can_see
from booking.web.verbs import VERBS, taken
from config import clock
from labs.models import User
from notifications.links import Link, link_fits, link_read, link_used
from notifications.models import Message
from notifications.times import moment_text

PAGE = "notifications/link.html"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a link does nothing now; `is_done` where its person has done it."""

    text: str
    status: int = 409
    is_done: bool = False


# A browser that tells no page where it came from sends `Origin: null`, too, which is
# refused. There is nothing to forge: whoever knows the address could open it as well.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask whether to take the step of a link in a mail; by POST, take it."""
    opened = link_read(secret)
    message = get_object_or_404(Message, pk=opened.message_id)
    person = get_object_or_404(User, pk=opened.person_id)
    with translation.override(person.language):
        # The version first: what is done after this look is refused by it.
        found = _reservation(message)
        response = _answer(request, opened, person, found)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _reservation(message: Message) -> Reservation:
    rows = Reservation.objects.select_related(
        "resource__site",
        "resource__organisation",
        "organisation",
        "requested_by",
        "decided_by",
    )
    return get_object_or_404(rows, pk=message.reservation_id)


def _answer(
    request: HttpRequest, opened: Link, person: User, found: Reservation
) -> HttpResponse:
    verb, now = VERBS[opened.verb], clock.now()
    fault = fault_of(opened, person, found, now)
    must_sign_in = _must_sign_in(request, person)
    context: dict[str, Any] = {
        "person": person,
        "is_seen": person.is_active and can_see(person, found),
        "reservation": found,
        "zone": found.resource.site.zone,
        "verb": verb,
        "fault": fault,
        "must_sign_in": must_sign_in,
    }
    if fault or must_sign_in:
        status = fault.status if fault else 200
        if must_sign_in and request.method == "POST":
            status = 403
        return render(request, PAGE, context, status=status)
    data = request.POST if request.method == "POST" else None
    form = verb.form_for(person, found, data)
    if data is not None and taken(person, found, verb, form):
        messages.success(request, verb.done)
        return redirect(request.path)
    # A refusal may be that things have changed: then its page says how.
    again = form.refusal and fault_of(opened, person, _fresh(found), now)
    context |= {"form": form, "fault": again or None}
    return render(request, PAGE, context, status=form.status)


def _fresh(found: Reservation) -> Reservation:
    return Reservation.objects.select_related(
        "resource__site", "resource__organisation", "decided_by"
    ).get(pk=found.pk)


def _must_sign_in(request: HttpRequest, person: User) -> bool:
    """Staff need their second factor: what came by mail alone is none."""
    is_staff = person.is_hub_staff or person.is_superuser
    return settings.STAFF_SECOND_FACTOR and is_staff and request.user != person


def fault_of(
    opened: Link, person: User, found: Reservation, now: dt.datetime
) -> Fault | None:
    """Return why the link does nothing, the nearest reason first."""
    if not (person.is_active and can_see(person, found)):
        return Fault(_("You may not do this any more."), 403)
    if used := link_used(opened, found):
        when = moment_text(used.at, found.resource.site.zone)
        text = _("This is done: %(what)s, %(when)s. The link works once.")
        said = {"what": used.get_action_display(), "when": when}
        return Fault(text % said, 200, is_done=True)
    if opened.is_expired:
        return Fault(_("This link has expired. Sign in to do it."), 410)
    can = VERBS[opened.verb].offered(person, found, now)
    if can and link_fits(opened, found):
        return None
    return Fault(_why_not(found, now, can=can))


def _why_not(found: Reservation, now: dt.datetime, *, can: bool) -> str:
    """Say what became of a reservation that a link fits no more."""
    if found.lapses_at is not None and found.lapses_at <= now:
        return _("Its time has run out: nobody decided or answered.")
    if can or found.status == Status.PENDING:
        return _("It was moved, changed or decided in part since this mail.")
    if found.decided_at and found.status != Status.HELD:
        return _decided(found, moment_text(found.decided_at, found.resource.site.zone))
    text = _("That is not possible any more: it is “%(status)s” now.")
    return text % {"status": found.get_status_display()}


def _decided(found: Reservation, when: str) -> str:
    said = {"status": found.get_status_display(), "when": when}
    if found.decided_by is None:
        return _("It is decided already: “%(status)s”, %(when)s.") % said
    text = _("It is decided already: “%(status)s”, by %(name)s, %(when)s.")
    return text % (said | {"name": found.decided_by.name})
