"""Signing in and out, and the language that pages speak."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import i18n
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

from config import clock

logger = logging.getLogger(__name__)


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    # One text for a wrong password, an unknown e-mail and one that is switched off.
    error_messages = dict.fromkeys(
        ("invalid_login", "inactive"),
        _("E-mail and password do not belong together. Please try again."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""


class SignInRate:
    """Counts the tries of one e-mail from one address in a window of time.

    `settings.SIGN_IN_RATE` is as "10/min"; empty: as many as one likes. Counted by the
    cache's own increment, so that tries at the same moment are all counted.
    """

    def __init__(self, request: HttpRequest) -> None:
        rate = _Rate()
        self.most, self.seconds = rate.parse_rate(rate.rate)
        email = request.POST.get("username", "").strip().lower()
        who = f"{email} {rate.get_ident(request)}"  # type: ignore[arg-type]
        self.digest = hashlib.sha256(who.encode()).hexdigest()

    def wait_seconds(self) -> int:
        """Count a try; return 0, or how long to wait if it is one too many."""
        if not self.most or not self.seconds:
            return 0
        now = int(clock.now().timestamp())
        window, gone = divmod(now, self.seconds)
        key = f"sign-in:{self.digest}:{window}"
        try:
            cache.add(key, 0, timeout=self.seconds)
            tries = cache.incr(key)
        except RedisError as error:
            logger.warning("No tries are counted while Redis is away: %s", error)
            return 0
        return self.seconds - gone if tries > self.most else 0


class _Rate(SimpleRateThrottle):
    """Reads a rate and finds the caller's address behind our own proxies."""

    scope = "sign-in"

    def get_rate(self) -> str | None:
        return settings.SIGN_IN_RATE or None


class SignIn(views.LoginView):
    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := SignInRate(request).wait_seconds():
            return self._too_many(wait)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def _too_many(self, wait: int) -> HttpResponse:
        text = ngettext(
            "Too many tries. Please wait %(n)d second and try again.",
            "Too many tries. Please wait %(n)d seconds and try again.",
            wait,
        ) % {"n": wait}
        form = SignInForm(self.request, initial=self.request.POST.dict())
        context = self.get_context_data(form=form, too_many=text)
        headers = {"Retry-After": str(wait)}
        return self.render_to_response(context, status=429, headers=headers)


class SignOut(views.LogoutView):
    """By POST, as it changes something; a plain visit goes to the sign-in page."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return views.redirect_to_login(settings.LOGIN_REDIRECT_URL)


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Speak a language from now on: in this browser, and wherever one signs in."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response: HttpResponseBase = i18n.set_language(request)
    return response
