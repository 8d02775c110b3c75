from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from config.env import sign_in_limits
from labs.models import Letter, User
from tests import factories
from tests.booking.web.browser import signed_in, text_of

PASSWORD = "a good long password"
WRONG = "E-mail and password do not belong together."


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return factories.person(
        factories.organisation(), email="ana@example.com", name="Ana <b>Anova</b>"
    )


def try_to(client: Client, email: str, password: str, **fields: Any) -> Any:
    sent = {"login": email, "password": password, **fields}
    return client.post("/sign-in/", sent)


def code_for(email: str) -> str:
    """The code in the newest letter to somebody."""
    letter = Letter.objects.filter(to=email).latest("pk")
    found = re.search(r"^    (\S+)$", letter.body, re.MULTILINE)
    assert found, letter.body
    return found[1]


def test_sign_in__right__leads_to_find(person: User) -> None:
    client = Client()
    response = try_to(client, " Ana@Example.com ", PASSWORD)
    assert response.headers["Location"] == "/find/"
    page = client.get("/find/")
    assert "Ana <b>Anova</b>" in text_of(page)
    assert "<b>Anova" not in page.content.decode()


def test_sign_in__leads_to_ones_work(person: User) -> None:
    staff = factories.staff()
    assert try_to(Client(), staff.email, PASSWORD).headers["Location"] == "/approvals/"
    alone = factories.person()
    to = try_to(Client(), alone.email, PASSWORD).headers["Location"]
    assert to == "/my-organisations/"


@pytest.mark.parametrize(
    ("next_url", "leads_to"),
    [
        ("/reservations/", "/reservations/"),
        ("https://evil.example/", "/find/"),
        ("//evil.example", "/find/"),
        ("javascript:alert(1)", "/find/"),
    ],
)
def test_sign_in__next__stays_here(person: User, next_url: str, leads_to: str) -> None:
    response = try_to(Client(), person.email, PASSWORD, next=next_url)
    assert response.headers["Location"] == leads_to


def test_sign_in__next__survives_a_mistake(person: User) -> None:
    client = Client()
    page = client.get("/sign-in/?next=/reservations/")
    assert 'name="next" value="/reservations/"' in page.content.decode()
    page = try_to(client, person.email, "wrong", next="/reservations/")
    assert 'name="next" value="/reservations/"' in page.content.decode()


def test_sign_in__wrong__same_words_for_all(person: User) -> None:
    factories.person(email="gone@example.com", is_active=False)
    tries = [
        (person.email, "not this one"),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
    ]
    for email, password in tries:
        response = try_to(Client(), email, password)
        assert response.status_code == 400
        assert WRONG in text_of(response)
        assert password not in response.content.decode()


def test_sign_in__too_many_tries__have_to_wait(
    person: User, settings: LazySettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/h/key"}
    client = Client()
    for _try in range(3):
        assert try_to(client, person.email, "wrong").status_code == 400
    response = try_to(client, person.email.upper(), PASSWORD)
    assert response.status_code == 429
    assert "Too many tries." in text_of(response)
    assert "_auth_user_id" not in client.session
    # Another person and another address are not held up.
    assert try_to(client, "nobody@example.com", "wrong").status_code == 400
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    assert try_to(elsewhere, person.email, PASSWORD).status_code == 302


def test_sign_in__too_many_from_one_address__have_to_wait(
    person: User, settings: LazySettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _try in range(2):
        assert try_to(Client(), person.email, "wrong").status_code == 400
    response = try_to(Client(), "somebody@example.com", "wrong")
    assert response.status_code == 429
    assert "Too many tries" in text_of(response)
    assert "<!doctype html>" in response.content.decode()


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ("10/min", {"login_failed": "10/m/key,50/h/key", "login": "100/m/ip"}),
        ("3/hour", {"login_failed": "3/h/key,15/h/key", "login": "30/h/ip"}),
        ("", False),
    ],
)
def test_rate__of_the_environment__as_allauth_spells_it(
    monkeypatch: pytest.MonkeyPatch, given: str, limits: object
) -> None:
    monkeypatch.setattr("config.env.SIGN_IN_RATE", given)
    assert sign_in_limits() == limits


def test_sign_in__no_rate__never_waits(person: User, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    for _try in range(30):
        assert try_to(Client(), person.email, "wrong").status_code == 400


def test_sign_in__already__goes_on(person: User) -> None:
    assert signed_in(person).get("/sign-in/").headers["Location"] == "/find/"


def test_sign_in__changes_the_session(person: User) -> None:
    client = Client()
    client.get("/sign-in/")
    client.session.save()
    planted = str(client.session.session_key)
    client.cookies["sessionid"] = planted
    try_to(client, person.email, PASSWORD)
    assert client.session.session_key != planted


def test_sign_in__forged_form__is_refused(person: User) -> None:
    response = try_to(Client(enforce_csrf_checks=True), person.email, PASSWORD)
    assert response.status_code == 403
    assert "This form is out of date" in text_of(response)


# By a code in a mail


def test_code__right__signs_in_once(person: User) -> None:
    client = Client()
    asked = client.post("/account/login/code/", {"email": person.email.upper()})
    assert asked.headers["Location"] == "/account/login/code/confirm/"
    page = client.get(asked.headers["Location"])
    assert person.email in text_of(page)
    code = code_for(person.email)
    done = client.post("/account/login/code/confirm/", {"code": code.lower()})
    assert done.headers["Location"] == "/find/"
    assert client.get("/find/").status_code == 200
    # In another browser, and after it was used, it opens nothing.
    other = Client()
    refused = other.post("/account/login/code/confirm/", {"code": code})
    assert refused.status_code == 302
    assert "_auth_user_id" not in other.session


def test_code__wrong_three_times__is_over(person: User) -> None:
    client = Client()
    client.post("/account/login/code/", {"email": person.email})
    code = code_for(person.email)
    for _try in range(2):
        page = client.post("/account/login/code/confirm/", {"code": "WRONG"})
        assert "This code is not right" in text_of(page)
    client.post("/account/login/code/confirm/", {"code": "WRONG"})
    client.post("/account/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in client.session


def test_code__nobody_has_the_email__looks_the_same(person: User) -> None:
    known, unknown = Client(), Client()
    answers = []
    for client, email in ((known, person.email), (unknown, "nobody@example.com")):
        asked = client.post("/account/login/code/", {"email": email})
        page = client.get(asked.headers["Location"])
        answers.append((asked.status_code, text_of(page).replace(email, "")))
    assert answers[0] == answers[1]
    letter = Letter.objects.get(to="nobody@example.com")
    assert "There is no account" in letter.subject


def test_forgotten__by_code__sets_a_new_password(person: User) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": person.email})
    confirm = "/account/password/reset/confirm/"
    assert client.get(confirm).status_code == 200
    client.post(confirm, {"code": code_for(person.email)})
    fresh = {"password1": "entirely fresh words", "password2": "entirely fresh words"}
    done = client.post("/account/password/reset/complete/", fresh, follow=True)
    assert done.status_code == 200
    assert try_to(Client(), person.email, PASSWORD).status_code == 400
    ok = try_to(Client(), person.email, fresh["password1"])
    assert ok.status_code == 302


def test_mail__somebody_the_hub_wrote_down__needs_no_confirmation(
    person: User,
) -> None:
    assert not EmailAddress.objects.exists()
    assert try_to(Client(), person.email, PASSWORD).status_code == 302
    assert EmailAddress.objects.get().verified
    assert not Letter.objects.exists()


# Hub staff


def test_second_factor__staff_without__can_only_set_one_up(
    person: User, settings: LazySettings
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    staff = factories.staff()
    client = Client()
    try_to(client, staff.email, PASSWORD)
    for path in ("/approvals/", "/find/", "/hub/organisations/", "/account/"):
        assert client.get(path).headers["Location"] == "/account/2fa/", path
    page = client.get("/account/2fa/")
    assert "Set one up to go on." in text_of(page)
    assert client.get("/healthz/live").status_code == 200
    refused = client.get("/api/v1/me/")
    assert refused.status_code == 403
    assert refused.json()["code"] == "second_factor_required"
    assert client.post("/sign-out/").status_code == 302
    # Members need none.
    assert signed_in(person).get("/find/").status_code == 200


def test_second_factor__superuser_at_the_back_office__needs_one(
    db: None, settings: LazySettings
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    root = User.objects.create_superuser("root@example.com", PASSWORD, name="Root")
    client = signed_in(root)
    assert client.get("/admin/").headers["Location"] == "/account/2fa/"
    settings.STAFF_SECOND_FACTOR = False
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "back_office.css" in page.content.decode()


def test_expired_session__part_of_a_page__goes_to_sign_in_as_a_whole(
    person: User,
) -> None:
    client = Client()
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/find/?people=2",
    }
    response = client.get("/find/?people=3", headers=headers)
    to = response.headers["HX-Redirect"]
    assert to == "/sign-in/?next=/find/%3Fpeople%3D2"
    sent = {"login": person.email, "password": PASSWORD, "next": "/find/?people=2"}
    back = client.post("/sign-in/", sent)
    assert back.headers["Location"] == "/find/?people=2"


PAGES = (
    "/sign-in/",
    "/sign-up/",
    "/account/login/code/",
    "/account/password/reset/",
    "/account/inactive/",
    "/account/3rdparty/login/error/",
    "/account/3rdparty/login/cancelled/",
)
OWN_PAGES = (
    "/account/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/webauthn/",
    "/account/sessions/",
    "/account/reauthenticate/",
    "/account/3rdparty/",
)


@pytest.mark.parametrize("path", PAGES + OWN_PAGES)
def test_pages_of_allauth__look_like_ours(person: User, path: str) -> None:
    client = signed_in(person) if path in OWN_PAGES else Client()
    page = client.get(path)
    assert page.status_code in {200, 401}
    content = page.content.decode()
    assert 'class="brand"' in content
    assert "style=" not in content
    for script in re.findall("<script[^>]*>", content):
        assert "src=" in script or 'type="application/json"' in script
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_sign_out__by_post__is_out(person: User) -> None:
    client = signed_in(person)
    assert client.get("/sign-out/").status_code == 302
    assert client.get("/find/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/find/").status_code == 302


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

    monkeypatch.setattr("booking.web.find.choices_for", broken)
    client = signed_in(person, raise_request_exception=False)
    response = client.get("/find/")
    assert response.status_code == 500
    assert "Something went wrong here" in text_of(response)


def test_pages__strict_policy__no_script_and_no_inline_style(person: User) -> None:
    response = signed_in(person).get("/find/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    content = response.content.decode()
    assert all("src=" in each for each in re.findall("<script[^>]*>", content))
    assert "style=" not in content
    assert "<style" not in content
