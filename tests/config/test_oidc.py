"""Sign-in at an organisation's own provider, which here is a small server of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from config import env
from labs.models import Organisation, User
from tests import factories
from tests.booking.web.browser import text_of

LOGIN = "/account/oidc/oidc/login/"


class Provider(BaseHTTPRequestHandler):
    """Says who everybody is: whoever `person` describes."""

    person: dict[str, Any]

    def do_GET(self) -> None:
        origin = f"http://{self.headers['Host']}"
        known = {
            "/.well-known/openid-configuration": {
                "issuer": origin,
                "authorization_endpoint": f"{origin}/authorize",
                "token_endpoint": f"{origin}/token",
                "userinfo_endpoint": f"{origin}/userinfo",
            },
            "/userinfo": self.person,
        }
        self._answer(known[self.path])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"access_token": "a", "token_type": "Bearer"})

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Provider]]:
    cache.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    configure(settings, monkeypatch, f"http://127.0.0.1:{server.server_port}")
    Provider.person = {
        "sub": "42",
        "email": "ana@vuma.example",
        "email_verified": True,
        "name": "Ana Anova",
    }
    yield Provider
    server.shutdown()
    server.server_close()


def configure(settings: Settings, patch: pytest.MonkeyPatch, origin: str) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "NAME"):
        patch.setenv(f"OIDC_{name}", "Vuma")
    patch.setattr(env, "OIDC_SERVER_URL", origin)
    settings.SOCIALACCOUNT_PROVIDERS = env.oidc_providers()
    assert env.oidc_origin() == [origin]


def come_back(client: Client) -> Any:
    """Go to the provider, and come back with what it sends."""
    away = client.post(LOGIN)
    assert away.status_code == 302
    asked = urlsplit(away.headers["Location"])
    assert asked.path == "/authorize"
    sent = {"code": "c", "state": parse_qs(asked.query)["state"][0]}
    return client.get(f"{LOGIN}callback/", sent)


def test_off__unless_named(db: None) -> None:
    assert env.oidc_providers() == {}
    assert env.oidc_origin() == []
    assert Client().get(LOGIN).status_code == 404


def test_new_person__comes_in_and_is_a_member_of_nothing(
    provider: type[Provider],
) -> None:
    client = Client()
    assert "Sign in with Vuma" in text_of(client.get("/sign-in/"))
    assert client.get(LOGIN).status_code == 200  # it changes something only by POST
    assert come_back(client).headers["Location"] == "/my-organisations/"
    ana = User.objects.get()
    assert (ana.email, ana.name) == ("ana@vuma.example", "Ana Anova")
    assert not ana.has_usable_password()


def test_new_person__of_an_organisations_domain__is_in_at_once(
    provider: type[Provider],
) -> None:
    factories.organisation(email_domain="vuma.example")
    come_back(Client())
    assert User.objects.get().roles == {Organisation.objects.get().pk: "booker"}


def test_known_person__is_signed_in(provider: type[Provider]) -> None:
    ana = factories.person(factories.organisation(), email="ana@vuma.example")
    client = Client()
    assert come_back(client).headers["Location"] == "/find/"
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert User.objects.count() == 1


def test_email_not_verified_there__opens_nobodys_account(
    provider: type[Provider],
) -> None:
    provider.person = provider.person | {"email_verified": False}
    factories.person(email="ana@vuma.example")
    client = Client()
    come_back(client)
    assert "_auth_user_id" not in client.session


def test_refused_there__is_told(provider: type[Provider]) -> None:
    client = Client()
    away = client.post(LOGIN).headers["Location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    page = client.get(
        f"{LOGIN}callback/", {"error": "access_denied", "state": state}, follow=True
    )
    assert "Not signed in" in text_of(page)
    forged = client.get(f"{LOGIN}callback/", {"code": "c", "state": "forged"})
    assert forged.status_code in {302, 401}
    assert "_auth_user_id" not in client.session


def test_provider_away__is_told(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(settings, monkeypatch, "http://127.0.0.1:1")
    page = Client().post(LOGIN)
    assert page.status_code == 503
    assert "cannot be reached" in text_of(page)
