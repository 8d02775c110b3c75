"""What htmx gets: parts of pages, and whole pages only where they belong."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.middleware import BODY_LIMIT_BYTES
from tests.booking.web.browser import signed_in
from tests.cast import Cast
from tests.factories import reserve

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/approvals/?page=1"}


def approve(client: Client, cast: Cast, **headers: str) -> Any:
    made = reserve(cast.studio, cast.booker)
    url = f"/approvals/{made.reference}/approve/"
    return client.post(url, {"version": made.version}, headers=HTMX | headers)


def test_part__asked_by_htmx__is_no_page(cast: Cast) -> None:
    response = approve(signed_in(cast.manager), cast)
    content = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in content
    assert 'id="request-' in content
    assert "HX-Request" in response.headers["Vary"]


def test_part__on_the_way_back__is_the_page(cast: Cast) -> None:
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    response = signed_in(cast.manager).get("/approvals/", headers=restored)
    assert "<html" in response.content.decode()


def test_part__session_over__leads_to_sign_in_and_back_to_the_page(cast: Cast) -> None:
    response = approve(Client(), cast)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/sign-in/?next=/approvals/%3Fpage%3D1"
    assert not response.content


def test_part__refused_with_a_page__takes_the_place_of_the_content(cast: Cast) -> None:
    response = approve(signed_in(cast.stranger), cast)
    assert response.status_code == 404
    assert response.headers["HX-Retarget"] == "#content"
    assert response.headers["HX-Reselect"] == "#content > *"


@pytest.mark.django_db
def test_part__too_large__takes_the_place_of_the_content() -> None:
    body = b"x" * (BODY_LIMIT_BYTES + 1)
    response = Client().post("/approvals/", body, "text/plain", headers=HTMX)
    assert response.status_code == 413


def test_page__not_asked_by_htmx__has_no_such_headers(cast: Cast) -> None:
    response = signed_in(cast.stranger).get("/nowhere/")
    assert response.status_code == 404
    assert "HX-Retarget" not in response.headers
