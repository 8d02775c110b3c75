"""The pages and letters about people, as a Bulgarian reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from labs.services.letters import letter_write
from tests.booking.web.browser import signed_in
from tests.cast import Cast
from tests.config.bulgarian import english_in, hub, require_bulgarian
from tests.config.test_translations import ROOT

__all__ = ["hub"]


@pytest.fixture(autouse=True)
def _no_rates() -> None:
    cache.clear()


AT_THE_DOOR = (
    "/sign-up/",
    "/account/login/code/",
    "/account/password/reset/",
    "/account/inactive/",
    "/account/3rdparty/login/error/",
)


def test_pages_at_the_door__in_bulgarian__have_no_english_left(db: None) -> None:
    client = Client(headers={"accept-language": "bg"})
    wrong = {"email": "x", "new_website": "x", "password1": "1", "name": "я" * 121}
    wrong |= {"password1": "password"}
    for url in AT_THE_DOOR:
        require_bulgarian(client.get(url).content.decode(), url)
    for url in AT_THE_DOOR[:3]:
        require_bulgarian(client.post(url, wrong).content.decode(), url)


def pages_of_people(cast: Cast, client: Client) -> Iterator[Any]:
    ours = f"/my-organisations/{cast.host.slug}/"
    for url in (
        "/account/",
        "/account/email/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/2fa/",
        "/account/2fa/webauthn/",
        "/my-organisations/",
        "/join/",
        ours,
    ):
        yield url, client.get(url)
    yield "password", client.post("/account/password/change/", {"password1": "123"})
    yield "email", client.post("/account/email/", {"email": "x", "action_add": "1"})
    yield "token", client.post("/account/tokens/", {"token-name": "я" * 99})
    yield "invite", client.post(f"{ours}invite/", {"email": "x"})
    wrong = {"website": "x", "name": "я" * 121, "email_domain": "gmail.com"}
    yield "profile", client.post(f"{ours}profile/", wrong)
    yield "join", client.post("/join/", {"organisation": "няма"})


@pytest.mark.parametrize("who", ["manager", "staff"])
def test_pages_of_people__in_bulgarian__have_no_english_left(
    hub: Cast, who: str
) -> None:
    client = signed_in(getattr(hub, who))
    for what, page in pages_of_people(hub, client):
        require_bulgarian(page.content.decode(), f"{who}, {what}")
    if who == "staff":
        for page in (
            client.get("/hub/organisations/"),
            client.post("/hub/organisations/", {}),
        ):
            require_bulgarian(page.content.decode(), "hub")


def test_letters__in_bulgarian__have_no_english_left(hub: Cast) -> None:
    folder = ROOT / "labs/templates/labs/letters"
    written = ("actor", "name", "organisation", "reason", "answer")
    told = dict.fromkeys(written, "Боряна")
    told |= {"code": "2222", "days": "14", "change": "Промяна.", "ip": "::1"}
    told |= {"user_agent": "Браузър", "address": "b@example.com", "link": "https://x"}
    for template in sorted(folder.glob("*.txt")):
        letter = letter_write(name=template.stem, to=hub.booker, context=told)
        assert not english_in(letter.subject), template.name
        assert not english_in(letter.body), template.name
