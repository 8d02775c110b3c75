from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import Feed
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

PHONE = {"name": "phone", "shows": "busy"}


@pytest.mark.parametrize(
    ("who", "kind", "slug"),
    [
        ("booker", "person", None),
        ("manager", "organisation", "host"),
        ("manager", "resource", "lab"),
        ("staff", "site", "site"),
    ],
)
def test_feeds__made_and_ended__is_shown_once(
    cast: Cast, who: str, kind: str, slug: str | None
) -> None:
    slugs = {
        "host": cast.host.slug,
        "lab": cast.lab.slug,
        "site": cast.lab.site.slug,
    }
    page = reverse(f"feeds-{kind}", args=[slugs[slug]] if slug else [])
    client = signed_in(getattr(cast, who))
    made = client.post(page, PHONE)
    assert "no-store" in made["Cache-Control"]
    html = made.content.decode()
    (path,) = set(re.findall(r"/calendars/[\w-]{43}\.ics", html))
    assert f'href="webcal://localhost:8000{path}"' in html
    assert Client().get(path).status_code == 200

    again = client.get(page)
    assert path not in again.content.decode()
    assert "phone only when it is taken" in text_of(again)
    ended = client.post(reverse("feed-end", args=[Feed.objects.get().pk]), follow=True)
    assert ended.redirect_chain == [(page, 302)]
    assert Client().get(path).status_code == 404
    assert not Feed.objects.exists()


def test_feeds__bad_input__is_kept_and_nothing_made(cast: Cast) -> None:
    client, page = signed_in(cast.booker), reverse("feeds-person")
    for sent in ({"name": "x" * 81, "shows": "busy"}, {"name": "me", "shows": "all"}):
        refused = client.post(page, sent)
        assert refused.status_code == 400
        assert sent["name"] in refused.content.decode()
    assert not Feed.objects.exists()


def test_api__feed__its_address_is_said_once(cast: Cast) -> None:
    client = cast.api(cast.manager)
    sent = {"of": "resource", "slug": cast.lab.slug, "name": "screen"}
    made = client.post("/api/v1/calendars/", sent, format="json")
    assert made.status_code == 201
    assert made.data["shows"] == "busy"
    assert made.data["webcal"].startswith("webcal://")
    path = "/" + made.data["address"].split("/", 3)[3]
    assert Client().get(path).status_code == 200
    (listed,) = client.get("/api/v1/calendars/").data["results"]
    assert (listed["of"], listed["slug"]) == ("resource", cast.lab.slug)
    assert "address" not in listed
    gone = client.delete(f"/api/v1/calendars/{listed['id']}/")
    assert gone.status_code == 204
    assert Client().get(path).status_code == 404
