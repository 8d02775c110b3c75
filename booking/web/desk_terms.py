"""The host's desk: terms of use of a resource, and of all that a host offers."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.permissions import require
from booking.selectors.terms import terms_for, terms_of
from booking.services.terms import terms_publish
from booking.web.desk_page import desk_context, managed
from booking.web.forms.terms import TermsForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.models import Organisation, Resource
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import organisation_list


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every version of a resource's terms of use, and publish the next."""
    shown = managed(request, slug)
    versions = terms_of(shown)
    form = TermsForm.of(request.POST or None, versions)
    if _published(request, form, shown):
        return redirect("desk-terms", slug)
    context = desk_context(shown) | {"form": form, "failed": form}
    context |= {"versions": versions, "current": terms_for(shown)}
    return render(request, "booking/desk_terms.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_terms(request: HttpRequest, organisation: str) -> HttpResponse:
    """Show every version of a host's terms of use, and publish the next."""
    actor = actor_of(request)
    seen = organisation_list(user=actor).filter(slug=organisation).first()
    if seen is None:
        raise Missing
    require(can_manage_organisation(actor, seen.pk))
    versions = terms_of(seen)
    form = TermsForm.of(request.POST or None, versions)
    if _published(request, form, seen):
        return redirect("desk-organisation-terms", organisation)
    context = {"form": form, "failed": form, "versions": versions, "of": seen}
    context["zone"] = ZoneInfo(settings.TIME_ZONE)
    page = "booking/desk_organisation_terms.html"
    return render(request, page, context, status=form.status)


def _published(
    request: HttpRequest, form: TermsForm, of: Resource | Organisation
) -> bool:
    if not form.is_valid():
        return False
    try:
        terms_publish(actor=actor_of(request), of=of, **form.cleaned_data)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    messages.success(
        request, _("Published. Whoever reserves from now on is asked to accept them.")
    )
    return True
