from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from labs.models import User
from tests import factories
from tests.booking.web.browser import signed_in, text_of

PASSWORD = "a good long password"


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return factories.person(email="ana@example.com", name="Ana <b>Anova</b>")


def try_to(client: Client, email: str, password: str, **fields: Any) -> Any:
    sent = {"login": email, "password": password, **fields}
    return client.post("/sign-in/", sent)


def test_sign_in__right__leads_to_find(person: User) -> None:
    client = Client()
    response = try_to(client, " Ana@Example.com ", PASSWORD)
    assert response.headers["Location"] == "/"
    page = client.get("/")
    assert "Ana <b>Anova</b>" in text_of(page)
    assert "<b>Anova" not in page.content.decode()


@pytest.mark.parametrize(
    ("next_url", "leads_to"),
    [
        ("/reservations/", "/reservations/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_sign_in__next__stays_here(person: User, next_url: str, leads_to: str) -> None:
    response = try_to(Client(), person.email, PASSWORD, next=next_url)
    assert response.headers["Location"] == leads_to


def test_sign_in__wrong__same_words_for_all(person: User) -> None:
    factories.person(email="gone@example.com", is_active=False)
    tries = [
        (person.email, "wrong"),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
    ]
    for email, password in tries:
        response = try_to(Client(), email, password)
        assert response.status_code == 400
        assert "E-mail and password do not belong together." in text_of(response)
        assert password not in response.content.decode()


def test_sign_in__too_many_tries__have_to_wait(
    person: User, settings: LazySettings
) -> None:
    settings.SIGN_IN_RATE = "3/hour"
    client = Client()
    for _try in range(3):
        assert try_to(client, person.email, "wrong").status_code == 400
    response = try_to(client, person.email.upper(), PASSWORD)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 3600
    assert "Too many tries." in text_of(response)
    assert "_auth_user_id" not in client.session
    # Another person and another address are not held up.
    assert try_to(client, "nobody@example.com", "wrong").status_code == 400
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    assert try_to(elsewhere, person.email, PASSWORD).status_code == 302


def test_sign_in__no_rate__never_waits(person: User, settings: LazySettings) -> None:
    settings.SIGN_IN_RATE = ""
    for _try in range(30):
        assert try_to(Client(), person.email, "wrong").status_code == 400


def test_sign_in__already__goes_on(person: User) -> None:
    assert signed_in(person).get("/sign-in/").headers["Location"] == "/"


def test_sign_out__by_post__is_out(person: User) -> None:
    client = signed_in(person)
    assert client.get("/sign-out/").status_code == 302
    assert client.get("/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_language__chosen__is_kept_for_the_person(person: User) -> None:
    client = signed_in(person)
    back = client.post("/language/", {"language": "bg", "next": "/reservations/"})
    assert back.headers["Location"] == "/reservations/"
    person.refresh_from_db()
    assert person.language == "bg"
    assert '<html lang="bg">' in client.get("/").content.decode()
    client.post("/language/", {"language": "xx", "next": "https://evil.example/"})
    person.refresh_from_db()
    assert person.language == "bg"


def test_language__nobody_signed_in__is_kept_in_the_browser(db: None) -> None:
    client = Client()
    away = client.post("/language/", {"language": "bg", "next": "//evil.example/"})
    assert away.headers["Location"] == "/"
    assert '<html lang="bg">' in client.get("/sign-in/").content.decode()


def test_csrf__form_out_of_date__says_what_happened(person: User) -> None:
    client = signed_in(person, enforce_csrf_checks=True)
    response = client.post("/sign-out/")
    assert response.status_code == 403
    assert "This form is out of date" in text_of(response)
    assert client.get("/").status_code == 200


def test_unknown_address__has_a_way_on(person: User) -> None:
    response = signed_in(person).get("/no/such/page")
    assert response.status_code == 404
    assert "Go to Find" in text_of(response)
    assert Client().get("/no/such/page").status_code == 404


def test_fault__of_ours__is_a_page_without_a_database(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("booking.web.find.resources_free", broken)
    client = signed_in(person, raise_request_exception=False)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong here" in text_of(response)


def test_pages__strict_policy__no_script_and_no_inline_style(person: User) -> None:
    response = signed_in(person).get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    content = response.content.decode()
    assert "<script" not in content
    assert "style=" not in content
    assert "<style" not in content
