from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from labs.models import ApiToken, Letter, User
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.config.test_sign_in import PASSWORD, code_for, try_to

EVIL = "<script>alert(1)</script>"
TOKEN = {"token-name": "Door screen", "token-scope": "read", "token-days": "30"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana() -> User:
    cache.clear()
    return factories.person(factories.organisation(), email="ana@example.com")


def again(client: Client) -> None:
    """Say the password once more, as before a change of how one signs in."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def test_account__changed__is_kept(ana: User) -> None:
    client = signed_in(ana)
    sent = {"name": EVIL, "language": "bg", "time_zone": "Europe/London"}
    assert client.post("/account/", sent).status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.language, ana.time_zone) == (EVIL, "bg", "Europe/London")
    assert EVIL not in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 300}, "at most 120"),
        ({"name": "two\nlines"}, "on one line"),
        ({"time_zone": "Europe/Nowhere"}, "Select a valid choice"),
        ({"language": "xx"}, "Select a valid choice"),
    ],
)
def test_account__wrong__is_told_and_nothing_changed(
    ana: User, wrong: dict[str, str], said: str
) -> None:
    before = ana.name
    sent = {"name": "New", "language": "en", "time_zone": ""} | wrong
    page = signed_in(ana).post("/account/", sent)
    assert page.status_code == 400
    assert said in text_of(page)
    ana.refresh_from_db()
    assert ana.name == before


def test_token__issued__is_shown_once_and_works(ana: User) -> None:
    client = signed_in(ana)
    page = client.post("/account/tokens/", TOKEN)
    found = re.search(r"atr_[\w-]+", text_of(page))
    assert found
    bearer: dict[str, Any] = {"headers": {"Authorization": f"Bearer {found[0]}"}}
    assert Client().get("/api/v1/me/", **bearer).status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert found[0] not in client.get("/account/").content.decode()
    token = ApiToken.objects.get()
    assert token.scope == "read"
    stranger = signed_in(factories.person())
    assert stranger.post(f"/account/tokens/{token.pk}/end/").status_code == 404
    assert client.post(f"/account/tokens/{token.pk}/end/").status_code == 302
    assert Client().get("/api/v1/me/", **bearer).status_code == 401


def test_token__wrong__is_told(ana: User) -> None:
    page = signed_in(ana).post("/account/tokens/", TOKEN | {"token-name": "x" * 99})
    assert page.status_code == 400
    assert "at most 80" in text_of(page)
    assert not ApiToken.objects.exists()


def test_pages__signed_out__lead_to_sign_in() -> None:
    for path in ("/account/", "/my-organisations/", "/join/", "/hub/organisations/"):
        to = Client().get(path).headers["Location"]
        assert to == f"/sign-in/?next={path}"


def test_password__changed__after_the_present_one(ana: User) -> None:
    client = Client()
    try_to(client, ana.email, PASSWORD)
    fresh = "entirely fresh words"
    sent = {"oldpassword": "wrong", "password1": fresh, "password2": fresh}
    page = client.post("/account/password/change/", sent)
    assert "The password is not right." in text_of(page)
    done = client.post(
        "/account/password/change/", sent | {"oldpassword": PASSWORD}, follow=True
    )
    assert "The password is changed." in text_of(done)
    assert client.get("/account/").status_code == 200
    assert try_to(Client(), ana.email, fresh).status_code == 302
    assert "The password was changed." in Letter.objects.latest("pk").body


def test_email__changed__by_a_code_to_the_new_one(ana: User) -> None:
    client = Client()
    try_to(client, ana.email, PASSWORD)
    sent = {"email": "Neu@Example.com", "action_add": "1"}
    client.post("/account/email/", sent)
    again(client)
    client.post("/account/email/", sent)
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"
    code = code_for("neu@example.com")
    client.post("/account/confirm-email/", {"code": code})
    ana.refresh_from_db()
    assert ana.email == "neu@example.com"
    told = Letter.objects.get(to="ana@example.com")
    assert "neu@example.com" in told.body


def test_email__of_somebody_else__cannot_be_taken(ana: User, cast: Cast) -> None:
    client = Client()
    try_to(client, ana.email, PASSWORD)
    again(client)
    taken = cast.booker.email
    client.post("/account/email/", {"email": taken, "action_add": "1"})
    letters = Letter.objects.filter(to=taken)
    for letter in letters:
        code = re.search(r"^    (\S+)$", letter.body, re.MULTILINE)
        sent = {"code": code[1] if code else "X"}
        client.post("/account/confirm-email/", sent)
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_sessions__others__are_ended(ana: User) -> None:
    here, there = Client(), Client(headers={"user-agent": EVIL})
    for client in (here, there):
        try_to(client, ana.email, PASSWORD)
    page = here.get("/account/sessions/")
    assert "This browser" in text_of(page)
    assert EVIL not in page.content.decode()
    here.post("/account/sessions/")
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_second_factor__app__is_asked_for_at_the_next_sign_in(ana: User) -> None:
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    client = Client()
    try_to(client, ana.email, PASSWORD)
    again(client)
    page = client.get("/account/2fa/totp/activate/")
    secret = re.search(r'class="secret">(\w+)<', page.content.decode())
    assert secret

    def code() -> str:
        counter = next(iter(yield_hotp_counters_from_time()))
        return str(format_hotp_value(hotp_value(secret[1], counter)))

    page = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "This code is not right." in text_of(page)
    done = client.post("/account/2fa/totp/activate/", {"code": code()}, follow=True)
    assert "Recovery codes" in text_of(done)
    recovery = re.findall(r"<li>(\d{8})</li>", done.content.decode())
    assert len(recovery) == 10
    other = Client()
    to = try_to(other, ana.email, PASSWORD).headers["Location"]
    assert to == "/account/2fa/authenticate/"
    assert other.get("/find/").status_code == 302
    other.get(to)
    assert other.post(to, {"code": recovery[0]}).headers["Location"] == "/find/"
    third = Client()
    try_to(third, ana.email, PASSWORD)
    page = third.post(to, {"code": recovery[0]})
    assert "This code is not right." in text_of(page)
