"""Hub staff's page of organisations, and the answers to who asks to join."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.errors import Forbidden
from labs.models import Membership, User
from labs.selectors.organisations import join_requests_pending, organisation_search
from labs.services.joining import join_request_approve, join_request_decline
from labs.services.organisations import organisation_create, organisation_set_active
from labs.web.forms.joining import DeclineForm
from labs.web.forms.organisations import NewOrganisationForm
from labs.web.organisations import attempt
from labs.web.requests import actor_of, page_of, way_back


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hub_organisations(request: HttpRequest) -> HttpResponse:
    """List who waits and who is here, and create an organisation."""
    actor = _staff(request)
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and attempt(
        form, lambda: organisation_create(actor=actor, **form.cleaned_data)
    ):
        messages.success(request, _("Created. Invite its first manager below."))
        return redirect("hub-organisations")
    text = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    context = {
        "form": form,
        "q": text,
        "page": page_of(request, organisation_search(user=actor, text=text)),
        "waiting": join_requests_pending(user=actor),
        "decline": DeclineForm(),
        "roles": Membership.Role.choices,
    }
    return render(request, "labs/hub_organisations.html", context, status=form.status)


@login_required
@require_POST
def activate(request: HttpRequest, slug: str) -> HttpResponse:
    """Take an organisation into the hub or out of it."""
    is_active = request.POST.get("to") == "active"
    organisation_set_active(actor=actor_of(request), slug=slug, is_active=is_active)
    told = _("It is in the hub again.") if is_active else _("It is out of the hub.")
    messages.success(request, told)
    return redirect("my-organisation", slug)


@login_required
@require_POST
def approve(request: HttpRequest, asked: int) -> HttpResponse:
    """Let somebody in who asked."""
    role = request.POST.get("role") or Membership.Role.BOOKER
    done = join_request_approve(actor=actor_of(request), request_id=asked, role=role)
    values = {"name": done.user.name, "organisation": done.wanted}
    text = _("%(name)s is a member of %(organisation)s and hears of it by mail.")
    messages.success(request, text % values)
    return _back(request)


@login_required
@require_POST
def decline(request: HttpRequest, asked: int) -> HttpResponse:
    """Say no, and why."""
    reason = request.POST.get("reason", "")
    done = join_request_decline(
        actor=actor_of(request), request_id=asked, reason=reason
    )
    values = {"name": done.user.name}
    messages.success(request, _("Declined. %(name)s hears why by mail.") % values)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page that the answer was given on."""
    staff = actor_of(request).is_hub_staff
    usual = "hub-organisations" if staff else "my-organisations"
    return redirect(way_back(request, "next", usual))


def _staff(request: HttpRequest) -> User:
    actor = actor_of(request)
    if not actor.is_hub_staff:
        raise Forbidden(_("Only hub staff may do so."))
    return actor
