"""The language that pages speak."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views import i18n


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Speak a language from now on: in this browser, and wherever one signs in."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response: HttpResponseBase = i18n.set_language(request)
    return response
