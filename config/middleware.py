"""What every request passes through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import (
    HttpResponseClientRedirect,
    reselect,
    reswap,
    retarget,
)

from config.errors import DomainError, from_integrity_error
from config.problems import problem_response

Handler = Callable[[HttpRequest], HttpResponse]

#: A form or JSON body; generous for text, small enough that nobody can fill memory.
BODY_LIMIT_BYTES = 2_500_000
#: A request with a photo in it.
UPLOAD_LIMIT_BYTES = 10_000_000


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Show a refusal in the manner of the door that the request came through."""
    if is_api(request):
        return problem_response(error)
    return render(request, "error.html", {"error": error}, status=error.status)


class BodyLimitMiddleware:
    """Refuses a body that is too large before anything reads it.

    Django checks this only where `request.body` is read; DRF reads the stream itself.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        multipart = (request.content_type or "").startswith("multipart/")
        limit = UPLOAD_LIMIT_BYTES if multipart else BODY_LIMIT_BYTES
        if length.isdigit() and int(length) > limit:
            error = DomainError(
                _("Send at most %(limit)s MB.") % {"limit": limit / 1_000_000},
                code="too_large",
            )
            error.status, error.title = 413, _("Too large")
            return refusal(request, error)
        return self.get_response(request)


class LocalMiddleware:
    """Pages speak the language that the person chose; the API's times are UTC."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_api(request):
            with timezone.override(dt.UTC):
                return self.get_response(request)
        language = getattr(request.user, "language", None)
        if not language:
            return self.get_response(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers["Content-Language"] = language
        return response


class PartsMiddleware:
    """Answers htmx so that no page is ever shown inside of another one.

    What sends a browser elsewhere (the session is over, the work is done) sends it
    there as a whole; a refusal that is a page of its own takes the content's place.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "htmx", None):
            return response
        if response.status_code == 302:
            return HttpResponseClientRedirect(self._for_page(request, response))
        if response.status_code >= 400 and b"<!doctype html>" in response.content[:99]:
            response = retarget(reswap(response, "innerHTML"), "#content")
            return reselect(response, "#content > *")
        return response

    def _for_page(self, request: HttpRequest, response: HttpResponse) -> str:
        """Return where to; signing in leads back to the page, not to the part."""
        to = response.headers["Location"]
        shown = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
        if shown and to == redirect_to_login(request.get_full_path()).url:
            return redirect_to_login(shown).url
        return to


class DomainErrorMiddleware:
    """Shows a refusal that a page let through as a page, never as a 500."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        known = (
            from_integrity_error(error) if isinstance(error, IntegrityError) else error
        )
        if isinstance(known, DomainError):
            return refusal(request, known)
        return None
