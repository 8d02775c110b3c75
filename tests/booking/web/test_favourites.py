from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from booking.models import Favourite
from labs.models import Resource
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

HTMX: Any = {"HTTP_HX_REQUEST": "true"}


def address(resource: Resource) -> str:
    return f"/find/favourites/{resource.slug}/"


def test_star__without_javascript__goes_back_to_the_page(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = {"keep": "yes", "next": "/find/?people=2"}
    response = client.post(address(cast.lab), sent)
    assert (response.status_code, response["Location"]) == (302, "/find/?people=2")
    assert Favourite.objects.filter(user=cast.booker, resource=cast.lab).exists()
    page = client.get("/find/?favourites=on")
    assert [card.resource for card in page.context["cards"]] == [cast.lab]
    client.post(address(cast.lab), sent | {"keep": "no"})
    assert not Favourite.objects.exists()


def test_star__by_htmx__is_the_star_alone(cast: Cast) -> None:
    client = signed_in(cast.booker)
    response = client.post(address(cast.lab), {"keep": "yes"}, **HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert 'aria-pressed="true"' in page
    assert 'value="no"' in page
    again = client.post(address(cast.lab), {"keep": "no"}, **HTMX)
    assert 'aria-pressed="false"' in again.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", ""])
def test_star__next_elsewhere__stays_here(cast: Cast, elsewhere: str) -> None:
    sent = {"keep": "yes", "next": elsewhere}
    response = signed_in(cast.booker).post(address(cast.lab), sent)
    assert response["Location"] == "/find/"


def test_star__unseen__is_a_404(cast: Cast) -> None:
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    client = signed_in(cast.booker)
    assert client.post(address(cast.lab), {"keep": "yes"}).status_code == 404
    assert not Favourite.objects.exists()
    host = signed_in(cast.manager).post(address(cast.lab), {"keep": "yes"})
    assert host.status_code == 302


def test_star__nobody_signed_in_or_no_form__is_led_on(cast: Cast) -> None:
    response = Client().post(address(cast.lab), {"keep": "yes"})
    assert response["Location"].startswith("/sign-in/?next=")
    plain = signed_in(cast.booker).get(address(cast.lab), follow=True)
    assert "Find what is free" in text_of(plain)


def test_star__next_that_is_no_address__goes_to_find(cast: Cast) -> None:
    client = signed_in(cast.booker)
    for wrong in ("nowhere", "//evil.example/", "https://evil.example/", "\0"):
        response = client.post(address(cast.lab), {"keep": "yes", "next": wrong})
        assert (response.status_code, response["Location"]) == (302, "/find/")
