"""The API as a whole: its schema, its error bodies, its probes, and a fuzzer at it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.throttling import UserRateThrottle

from config.problems import exception_handler
from tests import factories
from tests.cast import Cast, make_cast


def test_schema__renders_without_a_warning_as_openapi_3_1(tmp_path: Any) -> None:
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert file.read_text().startswith("openapi: 3.1")


@pytest.mark.django_db
def test_schema__asks_nothing_of_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        call_command("spectacular", "--file", os.devnull)


@pytest.mark.django_db
def test_docs__are_served_from_here(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    assert "swagger-ui" in page
    assert "//cdn" not in page


def test_error__unknown_to_us__is_a_fault_not_a_refusal() -> None:
    assert exception_handler(RuntimeError("a bug"), {}) is None


def test_fault__is_a_problem_without_its_cause(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("booking.api.finding.timeline_day", broken)
    client = cast.api(cast.booker)
    client.raise_request_exception = False
    answer = client.get("/api/v1/timeline/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_ready__says_which_part_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz/live").status_code == 200
    assert client.get("/healthz/ready").json() == {"database": "ok", "redis": "ok"}

    def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("config.health._cache", away)
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "ConnectionRefusedError"


def test_metrics__are_for_hub_staff(cast: Cast) -> None:
    factories.reserve(cast.lab, cast.booker)
    assert cast.api(None).get("/metrics").status_code == 401
    assert cast.api(cast.manager).get("/metrics").status_code == 403
    text = cast.api(cast.staff).get("/metrics").content.decode()
    assert 'atrium_reservations{state="approved"} 1.0' in text
    assert "atrium_messages_oldest_due_seconds" in text
    assert 'atrium_deliveries{state="given_up"} 0.0' in text
    assert "atrium_deliveries_oldest_due_seconds 0.0" in text


def test_pages_and_api__send_a_strict_policy(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.booker)
    for path in ("/", "/reservations/", "/api/v1/me/", "/nowhere/"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("language", ["en", "bg"])
def test_problem__speaks_the_callers_language(cast: Cast, language: str) -> None:
    answer = cast.api(cast.booker).get(
        "/api/v1/reservations/NOWHERE/", headers={"Accept-Language": language}
    )
    assert answer.json()["code"] == "not_found"
    cyrillic = any("а" <= letter <= "я" for letter in answer.json()["detail"])
    assert cyrillic == (language == "bg")


@pytest.mark.django_db
def test_redis_away__labs_stay_reservable_and_people_can_sign_in(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": given}
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "1/m/key"}
    cast = make_cast()
    body = {
        "resource": cast.lab.slug,
        "starts_at": factories.tomorrow_at(10).isoformat(),
        "ends_at": factories.tomorrow_at(11).isoformat(),
        "purpose": "Casting",
    }
    answer = cast.api(cast.booker).post("/api/v1/reservations/", body)
    assert answer.status_code == 201
    form = {"login": cast.booker.email, "password": "a good long password"}
    assert Client().post("/sign-in/", form).status_code == 302
    assert "while Redis is away" in caplog.text


@pytest.mark.django_db
def test_throttle__too_many__is_a_problem_that_says_when_to_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    cast = make_cast()
    client = cast.api(cast.booker)
    codes = [client.get("/api/v1/me/").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    answer = client.get("/api/v1/me/")
    assert answer.json()["code"] == "throttled"
    assert int(answer["Retry-After"]) > 0


def test_admin__sign_in__is_the_one_that_counts_tries() -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer.headers["Location"] == "/sign-in/?next=/admin/"
