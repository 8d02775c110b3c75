from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.models import WaitingEntry
from booking.models.waiting import WaitingQuerySet
from booking.selectors.lines import lines_visible_to
from booking.services.waiting import waiting_join, waiting_leave
from booking.web import queue
from booking.web.forms.finding import FindForm
from booking.web.forms.reserving import organisations_for
from booking.web.forms.waiting import JoinForm
from booking.web.listing import HOSTED, MINE, Tab
from booking.web.requests import actor_of, page_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User
from labs.selectors.resources import resource_list


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """List where one stands in line, or who stands in line for one's resources."""
    viewer = actor_of(request)
    tabs = [Tab(MINE, gettext_lazy("My waiting list"))]
    if queue.decides(viewer):
        tabs.append(Tab(HOSTED, gettext_lazy("Who waits for my resources")))
    of = request.GET.get("of", "")
    tab = next((each for each in tabs if each.of == of), tabs[0])
    page = page_of(request, _rows(viewer, tab.of))
    context = {"tabs": tabs, "tab": tab, "page": page}
    return render(request, "booking/waiting.html", context)


def _rows(viewer: User, of: str) -> WaitingQuerySet:
    """Return those who wait first, in their order; then what is over, the latest."""
    rows = lines_visible_to(viewer)
    if of == MINE:
        rows = rows.filter(person=viewer)
    elif not viewer.is_hub_staff:
        rows = rows.filter(resource__organisation_id__in=viewer.managed_ids)
    if of == HOSTED:
        return rows.waiting().order_by("window_starts_at", "created_at", "pk")
    return rows.order_by("-status", "-created_at", "-pk")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Get in line for a resource; with `look` a form of one time is taken over."""
    actor = actor_of(request)
    rows = resource_list(user=actor).select_related("effective_policy")
    resource = rows.filter(slug=slug).first()
    if resource is None:
        raise Missing
    known: dict[str, Any] = {
        "resource": resource,
        "organisations": organisations_for(actor),
    }
    if request.method != "POST" or "look" in request.GET:
        typed = request.POST.dict() if request.method == "POST" else request.GET.dict()
        form = JoinForm(initial=FindForm.usual(clock.now()) | typed, **known)
        return _page(request, resource, form)
    form = JoinForm(request.POST, **known)
    if form.is_valid() and (entry := _joined(actor, resource, form)):
        offers = entry.open_offers  # type: ignore[attr-defined]
        if offers:
            messages.success(request, _("It is free: it is held for you now."))
            return redirect("reservation", offers[0].reference)
        text = _("You are in line. You get a message when it is your turn.")
        messages.success(request, text)
        return redirect("waiting")
    return _page(request, resource, form)


def _page(request: HttpRequest, resource: Resource, form: JoinForm) -> HttpResponse:
    context = {"resource": resource, "form": form, "zone": resource.site.zone}
    return render(request, "booking/join.html", context, status=form.status)


def _joined(actor: User, resource: Resource, form: JoinForm) -> WaitingEntry | None:
    """Return the place in line, or None: the form then says why not."""
    try:
        return waiting_join(
            actor=actor,
            resource_slug=resource.slug,
            organisation_slug=form.organisation_slug(),
            want=form.want(),
            purpose=form.cleaned_data["purpose"],
        )
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
    return None


@login_required
@require_POST
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave the line, and say so."""
    try:
        waiting_leave(actor=actor_of(request), reference=reference)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, _("You have left the waiting list."))
    return redirect("waiting")
