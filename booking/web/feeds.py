"""Where the addresses for calendars are made, seen and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from booking.selectors.feeds import Owner, feed_addresses, feed_owner, feeds_of
from booking.services.feeds import feed_end, feed_make
from booking.web.desk_page import desk_context, managed
from booking.web.forms.feeds import FeedForm
from booking.web.requests import actor_of
from config.errors import Invalid
from labs.models import User


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest, kind: str, slug: str = "") -> HttpResponse:
    """Show what there is of oneself, an organisation or a site, and make another."""
    context = _context(request, Owner(kind, slug))
    context["back"] = _back(kind, slug)
    return render(request, "booking/feeds.html", context, status=context["form"].status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk_feeds(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of a resource, among the pages of its desk."""
    shown = managed(request, slug)
    context = desk_context(shown) | _context(request, Owner("resource", slug))
    status = context["form"].status
    return render(request, "booking/desk_feeds.html", context, status=status)


@login_required
@require_POST
def end(request: HttpRequest, feed: int) -> HttpResponse:
    owner = feed_end(actor=actor_of(request), feed_id=feed)
    messages.success(request, _("The address no longer works."))
    return redirect(f"feeds-{owner.kind}", *filter(None, [owner.slug]))


def _context(request: HttpRequest, owner: Owner) -> dict[str, Any]:
    actor = actor_of(request)
    of = feed_owner(actor, owner)
    form = FeedForm(request.POST or None, owner=owner)
    context: dict[str, Any] = {"form": form}
    # Shown on this answer and never again: a redirect would have to keep it.
    if request.method == "POST" and (secret := _made(actor, owner, form)):
        context |= feed_addresses(secret) | {"form": FeedForm(owner=owner)}
    context["failed"] = context["form"] if context["form"].errors else None
    return context | {"of": of, "kind": owner.kind, "feeds": list(feeds_of(of))}


def _made(actor: User, owner: Owner, form: FeedForm) -> str:
    if form.is_valid():
        try:
            return feed_make(actor=actor, owner=owner, **form.cleaned_data)[1]
        except Invalid as refusal:
            form.refuse(refusal)
    return ""


def _back(kind: str, slug: str) -> str:
    if kind == "person":
        return reverse("account")
    return reverse("site" if kind == "site" else "my-organisation", args=[slug])
