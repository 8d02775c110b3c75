"""How a view answers: with a page, or with the part of it that htmx asked for."""

from __future__ import annotations

from typing import IO, Any

from django.contrib.messages import get_messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; on Back it restores the whole page."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.history_restore_request)


def render_part(
    request: HttpRequest,
    page: str,
    part: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render `page`, or for htmx its `{% partialdef part %}` and what is to be told.

    The part's place on the page must have the part's name as its id.
    """
    asked = wants_part(request)
    name = f"{page}#{part}" if asked else page
    response = render(request, name, context, status=status)
    if asked and len(get_messages(request)):
        told = render_to_string("toasts.html", {"out_of_band": True}, request)
        response.write(told)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to a page, whether it or htmx asked."""
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(address)
    return HttpResponse(status=302, headers={"Location": address})


def attachment(file: IO[bytes], name: str, content_type: str) -> FileResponse:
    """Send a file of somebody's, to be kept rather than shown, whatever is in it."""
    response = FileResponse(
        file, as_attachment=True, filename=name, content_type=content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
