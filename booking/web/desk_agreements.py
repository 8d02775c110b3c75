"""The desk: agreements with guests, and what would hold by them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.models import Agreement
from booking.permissions import require
from booking.selectors.agreements import agreements_visible_to
from booking.selectors.policies import policy_explained
from booking.services.agreements import (
    agreement_add,
    agreement_change,
    agreement_end,
    agreement_preview,
    can_agree,
)
from booking.web import queue
from booking.web.desk_limits import Limits
from booking.web.explaining import explained_table
from booking.web.forms.agreements import AgreementForm, LookAtForm
from booking.web.requests import actor_of, page_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import User

PAGE = "booking/desk_agreement.html"


@login_required
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements of one's organisations; to hub staff all."""
    actor = actor_of(request)
    require(queue.decides(actor))
    page = page_of(request, agreements_visible_to(actor))
    context = {
        "page": page,
        "rows": [(each, can_agree(actor, each.host)) for each in page],
        "today": clock.today(),
    }
    return render(request, "booking/desk_agreements.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Agree with a guest."""
    actor = actor_of(request)
    require(queue.decides(actor))
    sent = request.POST if request.method == "POST" else None
    form = AgreementForm(sent, actor=actor)
    if form.is_valid():
        made = _taken(form, lambda: agreement_add(actor=actor, values=form.values()))
        if made is not None:
            messages.success(request, _("Agreed. It holds from its first day on."))
            return redirect("desk-agreement", made.pk)
    context = {"form": form, "failed": form}
    return render(request, PAGE, context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, agreement: int) -> HttpResponse:
    """Show and change one, with what holds by it now and would hold once saved."""
    actor = actor_of(request)
    shown = agreements_visible_to(actor).filter(pk=agreement).first()
    if shown is None:
        raise Missing
    require(can_agree(actor, shown.host))
    sent = request.POST if request.method == "POST" else None
    limits, deed = Limits(request, shown, sent), request.POST.get("deed", "")
    is_form = request.method == "POST" and deed in {"", "look"}
    form = AgreementForm(
        request.POST if is_form else None, actor=actor, agreement=shown
    )
    if limits.is_done(actor) or (deed != "look" and _saved(request, form, shown)):
        return redirect("desk-agreement", shown.pk)
    failed = limits.failed or form
    context = {"form": form, "failed": failed, "agreement": shown, **limits.context()}
    context |= _looked(request, actor, shown, form)
    return render(request, PAGE, context, status=failed.status)


def _saved(request: HttpRequest, form: AgreementForm, shown: Agreement) -> bool:
    if not form.is_valid():
        return False
    actor, values = actor_of(request), form.values()
    made = _taken(
        form,
        lambda: agreement_change(actor=actor, agreement_id=shown.pk, values=values),
    )
    if made is not None:
        messages.success(request, _("Saved. What is reserved already stays as it is."))
    return made is not None


def _taken(form: AgreementForm, service: Any) -> Any:
    try:
        return service()
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return None


def _looked(
    request: HttpRequest, actor: User, shown: Agreement, form: AgreementForm
) -> dict[str, Any]:
    """Return what holds for one of its guests, and with a form what would."""
    look = LookAtForm(request.POST if form.is_bound else None, shown)
    chosen = look.chosen()
    if chosen is None:
        return {"look": look}
    day = max(clock.today(), shown.valid_from)
    now, after = policy_explained(*chosen, day), None
    if form.is_bound and form.is_valid():
        after = _taken(
            form,
            lambda: agreement_preview(
                actor=actor,
                agreement_id=shown.pk,
                values=form.values(),
                resource=chosen[0],
                guest=chosen[1],
                day=day,
            ),
        )
    return {"look": look, "explained": explained_table(*chosen, now, after)}


@login_required
@require_POST
def end(request: HttpRequest, agreement: int) -> HttpResponse:
    """Forget an agreement; what is reserved stays."""
    agreement_end(actor=actor_of(request), agreement_id=agreement)
    messages.success(request, _("The agreement is ended. What is reserved stays."))
    return redirect("desk-agreements")
