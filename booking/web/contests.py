from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.expander import to_wall
from booking.models import Reservation
from booking.periods import Period
from booking.permissions import can_decide, require
from booking.selectors.contests import entries_against, fairness_of, requests_beside
from booking.selectors.reservations import reservation_get
from booking.services.contests import Offered, contest_approve, contest_swap
from booking.web.forms.base import PageForm
from booking.web.forms.contests import ApproveForm, SwapForm
from booking.web.requests import actor_of
from booking.web.wall import minutes_of
from booking.words import clock_text, date_text
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import User

PAGE = "booking/contest.html"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, reference: str) -> HttpResponse:
    """Show who wants one time, with what is fair to weigh; give it to one of them."""
    actor = actor_of(request)
    shown = reservation_get(actor, reference)
    require(can_decide(actor, shown))
    if request.method != "POST":
        return render(request, PAGE, _context(actor, shown))
    swaps = request.POST.get("do") == "swap"
    form = _form(request.POST) if swaps else ApproveForm(request.POST)
    if form.is_valid() and _decided(request, actor, shown, form):
        return redirect("approvals")
    context = _context(actor, reservation_get(actor, reference), form)
    return render(request, PAGE, context, status=form.status)


def _form(data: Any = None, entry: str = "") -> SwapForm:
    return SwapForm(data, initial={"entry": entry}, auto_id=f"swap-{entry}-%s")


def _decided(
    request: HttpRequest, actor: User, shown: Reservation, form: PageForm
) -> bool:
    """Take the step and say what became of it, or let the form say why not."""
    try:
        if isinstance(form, SwapForm):
            contest_swap(actor=actor, reference=shown.reference, **form.values())
            text = _("Declined, and offered to the one who waits. Both are told.")
            messages.success(request, text)
            return True
        values = form.cleaned_data
        _made, others = contest_approve(
            actor=actor,
            reference=shown.reference,
            version=values["version"],
            offer_to=request.POST.getlist("offer"),
        )
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Approved. They are told in a moment."))
    _tell(request, others)
    return True


def _tell(request: HttpRequest, others: Iterable[Offered]) -> None:
    for each in others:
        who = each.to.organisation.local_name
        if each.resource is None or each.period is None:
            why = each.refusal.detail if each.refusal else ""
            what = {"what": who, "why": why}
            messages.warning(request, _("%(what)s: %(why)s") % what)
            continue
        words = {
            "who": who,
            "what": each.resource.local_name,
            "when": _when(each.period, each.resource.site.zone),
        }
        text = _("%(who)s: offered %(what)s, %(when)s.")
        messages.success(request, text % words)


def _when(period: Period, zone: ZoneInfo) -> str:
    start, end = (to_wall(edge, zone) for edge in period)
    clocks = "–".join(clock_text(minutes_of(each)) for each in (start, end))
    return f"{date_text(start.date(), short=True)}, {clocks}"


def _context(
    viewer: User, shown: Reservation, failed: PageForm | None = None
) -> dict[str, Any]:
    entries = list(entries_against(viewer, shown))
    others = list(requests_beside(viewer, shown))
    ids = {shown.organisation_id}
    ids |= {each.organisation_id for each in entries}
    ids |= {each.organisation_id for each in others}
    facts = fairness_of(viewer, ids, clock.now())
    rows = []
    for each in entries:
        is_failed = failed is not None and failed.data.get("entry") == each.reference
        form = failed if is_failed else _form(entry=each.reference)
        fair = facts[each.organisation_id]
        rows.append({"entry": each, "fair": fair, "form": form, "open": is_failed})
    return {
        "reservation": shown,
        "zone": shown.resource.site.zone,
        "fair": facts[shown.organisation_id],
        "waits": shown.status == Reservation.Status.PENDING,
        "rows": rows,
        "others": [
            {"reservation": each, "fair": facts[each.organisation_id]}
            for each in others
        ],
        "failed": failed,
    }
