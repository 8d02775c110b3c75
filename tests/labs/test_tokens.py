from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from config import clock
from labs.models import ApiToken, User
from tests.labs.conftest import Hub

ME = "/api/v1/me/"


def issue(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("issue_token", *arguments, stdout=out, **options)
    return out.getvalue()


def client(secret: str) -> APIClient:
    return APIClient(headers={"authorization": f"Bearer {secret.strip()}"})


def test_issue_token__secret__works_and_is_not_kept(hub: Hub) -> None:
    printed = issue("Booker@Example.com", "--name", "my script")

    assert printed.startswith("atr_")
    assert len(printed.split()) == 1  # nothing but the secret
    assert client(printed).get(ME).json()["email"] == "booker@example.com"
    (row,) = ApiToken.objects.values()
    assert not any(printed.strip() in str(value) for value in row.values())
    assert (row["name"], row["scope"], row["expires_at"]) == (
        "my script",
        "write",
        None,
    )


def test_issue_token__twice__two_secrets(hub: Hub) -> None:
    assert issue("booker@example.com") != issue("booker@example.com")


def test_issue_token__read__only_reads(hub: Hub) -> None:
    api = client(issue("manager@example.com", "--scope", "read"))

    assert api.get(ME).status_code == 200
    refused = api.patch(ME, {"language": "bg"})
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only_token")
    written = client(issue("manager@example.com")).patch(ME, {"language": "bg"})
    assert written.status_code == 200


def test_issue_token__days__then_it_ends(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = client(issue("booker@example.com", "--days", "30"))
    now = clock.now()

    def statuses(days: float) -> int:
        later = now + dt.timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda: later)
        return int(api.get(ME).status_code)

    assert statuses(29.9) == 200
    assert statuses(30.1) == 401


def test_token__of_a_person_who_left__401(hub: Hub) -> None:
    api = client(issue("booker@example.com"))
    User.objects.filter(pk=hub.booker.pk).update(is_active=False)

    response = api.get(ME)

    assert (response.status_code, response.json()["code"]) == (401, "bad_token")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer atr_wrong",
        "Bearer a b",
        "bearer \xff\xfe",
        "Bearer " + "x" * 5000,
    ],
)
def test_token__unknown__401(hub: Hub, header: str) -> None:
    api = APIClient(headers={"authorization": header})

    response = api.get(ME)

    assert (response.status_code, response.json()["code"]) == (401, "bad_token")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody@example.com"], "No active person has this e-mail."),
        (["booker@example.com", "--days", "0"], "--days must lie between 1 and 3650."),
        (["booker@example.com", "--days", "9999999"], "--days must lie between"),
        (["booker@example.com", "--days", "soon"], "invalid int value"),
        (["booker@example.com", "--scope", "all"], "invalid choice"),
        (["booker@example.com", "--name", "x" * 81], "name: Ensure this value has"),
        (["booker@example.com", "--name", ""], "name: This field cannot be blank."),
    ],
)
def test_issue_token__wrong__one_line(
    hub: Hub, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        issue(*arguments)

    assert not ApiToken.objects.exists()


def test_issue_token__person_who_left__refused(hub: Hub) -> None:
    User.objects.filter(pk=hub.booker.pk).update(is_active=False)

    with pytest.raises(CommandError, match="No active person"):
        issue("booker@example.com")
