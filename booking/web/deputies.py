from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.models import Delegation
from booking.permissions import require
from booking.selectors.delegations import delegations_visible_to, deputies_for
from booking.services.delegations import delegation_end, delegation_make
from booking.web import queue
from booking.web.forms.deputies import DeputyForm
from booking.web.requests import actor_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Show who decides for whom, and name a deputy for a time."""
    actor = actor_of(request)
    require(queue.decides(actor))
    sent = request.POST if request.method == "POST" else None
    form = DeputyForm(sent, actor=actor) if queue.manages(actor) else None
    if form is not None and _made(request, actor, form):
        return redirect("deputies")
    context = {
        "form": form,
        "people": deputies_for(actor) if form else [],
        "delegations": [_row(actor, each) for each in delegations_visible_to(actor)],
    }
    status = form.status if form else 200
    return render(request, "booking/deputies.html", context, status=status)


@login_required
@require_POST
def deputy_end(request: HttpRequest, delegation: int) -> HttpResponse:
    """End a delegation, or call it off."""
    delegation_end(actor=actor_of(request), delegation_id=delegation)
    messages.success(request, _("Ended. What the deputy decided stands."))
    return redirect("deputies")


def _made(request: HttpRequest, actor: User, form: DeputyForm) -> bool:
    if not form.is_valid():
        return False
    try:
        made = delegation_make(actor=actor, **form.values())
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    text = _("%(name)s decides for you on these days.")
    messages.success(request, text % {"name": made.deputy.name})
    return True


def _row(actor: User, delegation: Delegation) -> Delegation:
    delegation.__dict__["holds"] = delegation.holds_on(clock.today())
    own = delegation.person_id == actor.pk
    delegation.__dict__["may_end"] = own or actor.is_hub_staff
    return delegation
