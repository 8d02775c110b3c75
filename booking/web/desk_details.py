"""The host's desk: what a resource is, and its photo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.web.desk_page import desk_context, managed
from booking.web.drafts import login_required_keeping, sent_or_kept
from booking.web.forms.desk import DetailsForm, PhotoForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Missing
from labs.selectors.resources import tags_published
from labs.services.photos import resource_remove_photo, resource_set_photo
from labs.services.resources import resource_update


@login_required_keeping("desk-details")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change what the resource is."""
    shown, actor = managed(request, slug), actor_of(request)
    form = DetailsForm.of(shown, actor, sent_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            resource_update(actor=actor, slug=slug, **form.changes())
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk-details", slug)
    context = desk_context(shown) | {"form": form, "failed": form}
    context["known_tags"] = tags_published()
    return render(request, "booking/desk_details.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the photo; put another in its place, or take it away."""
    shown = managed(request, slug)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PhotoForm(*posted)
    if posted and "remove" in request.POST:
        resource_remove_photo(actor=actor_of(request), slug=slug)
        messages.success(request, _("The photo is removed."))
        return redirect("desk-photo", slug)
    if form.is_valid() and _photo_set(request, slug, form):
        messages.success(request, _("That is the photo now."))
        return redirect("desk-photo", slug)
    context = desk_context(shown) | {"form": form, "failed": form}
    return render(request, "booking/desk_photo.html", context, status=form.status)


def _photo_set(request: HttpRequest, slug: str, form: PhotoForm) -> bool:
    file: Any = form.cleaned_data["photo"]
    try:
        resource_set_photo(
            actor=actor_of(request), slug=slug, file=file, size=file.size
        )
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True
