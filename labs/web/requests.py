"""What every page reads of its request."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from labs.models import User

PAGE_ROWS = 50


def actor_of(request: HttpRequest) -> User:
    """Return who is signed in; for views behind `login_required`."""
    return cast(User, request.user)


def page_of(request: HttpRequest, rows: Any, size: int = PAGE_ROWS) -> Page[Any]:
    """Return the page of the rows that the address asks for; a wrong one, the first."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def way_back(request: HttpRequest, name: str, otherwise: str) -> str:
    """Return the path of ours that was sent with a form, to go on to."""
    to = request.POST.get(name, "")
    # With its slash: Django takes a bare word for the name of a page.
    is_path = to.startswith("/") and url_has_allowed_host_and_scheme(
        to, allowed_hosts=None
    )
    return to if is_path else otherwise
