from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.exceptions import IdempotencyKeyReused
from booking.expander import from_wall, to_wall
from booking.models import Reservation
from booking.models.reservation import Status
from booking.periods import Period
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, free_slots
from booking.services.reservations import reservation_reserve
from booking.web.forms.base import WhenForm
from booking.web.forms.finding import FindForm
from booking.web.forms.reserving import ReserveForm, form_key
from booking.web.links import find_url, reserve_url, when_values
from booking.web.requests import actor_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, Site, User
from labs.selectors.resources import resource_list


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a resource with the form that reserves it, and reserve."""
    actor = actor_of(request)
    resource = _resource(actor, slug)
    wanted = FindForm.usual(clock.now()) | request.GET.dict()
    posted = request.POST if request.method == "POST" else None
    form = ReserveForm(posted, initial=wanted, actor=actor, resource=resource)
    key = form_key(request.POST.get("key", ""))
    if posted is not None and form.is_valid():
        if made := _reserved(actor, resource, form, key):
            messages.success(request, _words(made))
            return redirect("reservation", made.reference)
        if isinstance(form.refusal, IdempotencyKeyReused):
            key = form_key("")
    context = _context(resource, form, key)
    return render(request, "booking/reserve.html", context, status=form.status)


def _resource(actor: User, slug: str) -> Resource:
    rows = resource_list(user=actor).select_related("effective_policy")
    resource = rows.filter(slug=slug).first()
    if resource is None:
        raise Missing
    return resource


def _reserved(
    actor: User, resource: Resource, form: ReserveForm, key: str
) -> Reservation | None:
    """Return what was made, or None: the form then says why not."""
    try:
        return reservation_reserve(
            actor=actor,
            resource_slug=resource.slug,
            organisation_slug=form.organisation_slug(),
            wish=form.wish(),
            purpose=form.cleaned_data["purpose"],
            idempotency=form.idempotency(key),
        )
    except IdempotencyKeyReused as refusal:
        # The person went back and changed what was sent already.
        refusal.detail = _(
            "You have sent this form before, and that reservation stands. Send it once "
            "more to make another one."
        )
        form.refuse(refusal)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
    return None


def _words(made: Reservation) -> str:
    if made.status == Status.PENDING:
        return _("Your request is sent. You get a message when it is decided.")
    return _("Reserved. You get a reminder before it starts.")


def _context(resource: Resource, form: ReserveForm, key: str) -> dict[str, Any]:
    # What the address asks for is judged as what is typed would be.
    when: WhenForm = form
    if not form.is_bound:
        when = WhenForm(form.initial, zone=resource.site.zone)
    wish = when.wish() if when.is_valid() or "ends_at" in when.cleaned_data else None
    return {
        "resource": resource,
        "policy": resource.effective_policy,
        "form": form,
        "when": when,
        "wish": wish,
        "free": _free_that_day(resource, wish) if wish else [],
        "alternatives": _alternatives(form),
        "key": key,
        "back": find_url(
            when_values(wish.starts_at, wish.ends_at, resource.site.zone)
            if wish
            else {}
        ),
    }


def _free_that_day(resource: Resource, wish: Wish) -> list[Period]:
    """Return when a reservation of that length can start and end on that day."""
    zone = resource.site.zone
    midnight = dt.datetime.combine(to_wall(wish.starts_at, zone), dt.time())
    day = (midnight, midnight + dt.timedelta(days=1))
    start, end = (from_wall(edge, zone) for edge in day)
    minutes = int((wish.ends_at - wish.starts_at).total_seconds() // 60)
    search = Search(start, end, minutes, wish.quantity)
    slots = free_slots(resource, search, clock.now())
    # Of a pool's, those within a longer one say nothing more.
    return [
        slot
        for slot in slots
        if not any(other != slot and other.contains(slot) for other in slots)
    ]


def _alternatives(form: ReserveForm) -> list[dict[str, Any]]:
    """Return what could be reserved instead, with links that keep what was typed."""
    rows = form.alternatives
    slugs = {row["resource"] for row in rows}
    sites = {
        each.slug: each.site
        for each in Resource.objects.filter(slug__in=slugs).select_related("site")
    }
    return [_alternative(row, sites[row["resource"]], form) for row in rows]


def _alternative(row: dict[str, Any], site: Site, form: ReserveForm) -> dict[str, Any]:
    when = when_values(row["starts_at"], row["ends_at"], site.zone)
    url = reserve_url(row["resource"], when, **form.kept())
    return {**row, "site": site, "url": url}
