"""What was typed while the session ran out, kept until one has signed in again.

In the server's session, so that it works without JavaScript, whatever its length, and
leaves nothing in the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

DRAFT = "draft"
#: Encoded; more than all fields of any form allow, so that theirs is the last word.
LONGEST = 100_000
View = Callable[..., HttpResponse]


def login_required_keeping(page: str) -> Callable[[View], View]:
    """Require a session; what is sent without one is shown again by that page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **at: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request, reverse(page, kwargs=at))
            return view(request, **at)

        return guarded

    return decorate


def to_sign_in(request: HttpRequest, form_url: str) -> HttpResponseRedirect:
    """Send whoever is signed out to sign in, and then back to the form as it was."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    request.session[DRAFT] = {"url": form_url, "typed": typed.urlencode()[:LONGEST]}
    return redirect_to_login(form_url)


def draft_take(request: HttpRequest) -> QueryDict | None:
    """Return what was kept for this page, once, and say that it was not sent."""
    if request.session.get(DRAFT, {}).get("url") != request.path:
        return None
    typed = QueryDict(request.session.pop(DRAFT)["typed"])
    messages.warning(
        request,
        _("You were signed out meanwhile. What you typed is here, and not yet sent."),
    )
    return typed


def sent_or_kept(request: HttpRequest) -> QueryDict | None:
    """Return what a form is filled in with: what is sent, or what was kept."""
    return request.POST if request.method == "POST" else draft_take(request)
