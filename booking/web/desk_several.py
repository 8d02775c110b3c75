"""The host's desk: one thing for several resources, each by its own service call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.expander import to_wall
from booking.permissions import require
from booking.services.availability import Outcome
from booking.web import queue
from booking.web.desk import LISTINGS
from booking.web.desk_change import Change, Run
from booking.web.desk_closures import close, closure_form, holidays_set
from booking.web.desk_hours import publish
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.forms.base import PageForm
from booking.web.forms.hours import HoursForm
from booking.web.forms.week import week_minutes
from booking.web.requests import actor_of
from config import clock
from config.pages import render_part
from labs.models import Resource

PAGE = "booking/desk_several.html"
MOST = 100


def deeds() -> dict[str, str]:
    """Return what can be done with several at once, and what its page is called."""
    return {
        "hours": _("Publish the same hours"),
        "close": _("Close for a while"),
        "holidays": _("Close on public holidays"),
        "publish": _("Publish the resources"),
        "archive": _("Archive the resources"),
    }


@login_required_keeping("desk-several")
@require_http_methods(["GET", "HEAD", "POST"])
def several(request: HttpRequest) -> HttpResponse:
    """Ask what is to be done with the ticked ones, show what it hits, and do it."""
    actor = actor_of(request)
    require(queue.manages(actor))
    sent = sent_or_kept(request)
    given = request.GET if sent is None else sent
    deed = given.get("deed", "")
    slugs = [each for each in given.getlist("r") if "\0" not in each][:MOST]
    own = Resource.objects.manageable_by(actor).filter(slug__in=slugs)
    chosen = list(own.select_related("organisation", "site"))
    if deed not in deeds() or not chosen:
        return redirect("desk")
    form = _form(sent, deed, chosen)
    context = {"deed": deed, "title": deeds()[deed], "chosen": chosen, "form": form}
    if isinstance(form, HoursForm):
        context["minutes"] = week_minutes(form.week)
    if request.method != "POST" or not form.is_bound:
        part = "week" if request.method == "POST" else "live"
        return render_part(request, PAGE, part, context)
    change = Change(request, chosen, form)
    is_done = change.is_done(_run(request, deed, form))
    context |= change.context() | {"is_done": is_done}
    if is_done:
        return render(request, PAGE, context)
    return render_part(request, PAGE, "live", context, status=change.status)


def _form(sent: QueryDict | None, deed: str, chosen: Sequence[Resource]) -> PageForm:
    if deed == "close":
        return closure_form(chosen[0], sent)
    if deed != "hours":
        return PageForm(sent)
    if sent is not None:
        return HoursForm.typed(sent, sent.get("do", ""))
    today = to_wall(clock.now(), chosen[0].site.zone).date()
    return HoursForm.published(None, today)


def _run(request: HttpRequest, deed: str, form: Any) -> Run:
    def run(each: Resource, preview: bool) -> Outcome:
        if deed == "hours":
            return publish(request, each, form, preview)
        if deed == "close":
            return close(request, each, form, preview)
        if deed == "holidays":
            return holidays_set(request, each, True, preview=preview)
        if not preview:
            LISTINGS[deed](actor=actor_of(request), slug=each.slug)
        return Outcome()

    return run
