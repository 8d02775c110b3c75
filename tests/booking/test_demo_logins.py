from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from booking.demo import data
from booking.demo.places import hub_create
from labs.models import ApiToken, User
from tests import factories


@pytest.fixture
def hub(db: None) -> None:
    """The people of the example hub; whether anybody has reserved does not matter."""
    hub_create()


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    return tmp_path / "var" / "demo.json"


def load(logins: Path, address: str = "http://here.example") -> None:
    call_command("load_demo", "--address", address, "--logins", logins, verbosity=0)


def test_logins__new__let_all_four_in(hub: None, logins: Path) -> None:
    load(logins)
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600
    written = json.loads(logins.read_text())
    assert written["address"] == "http://here.example"
    assert list(written["users"]) == ["startup", "host", "staff", "stranger"]
    for part, login in written["users"].items():
        assert list(login) == ["email", "name", "password", "token"]
        user = User.objects.get(email=login["email"])
        assert user.check_password(login["password"])
        assert user.name == login["name"]
        assert user.is_hub_staff == (part == "staff")
        token = ApiToken.objects.get(user=user)
        assert token.hash == ApiToken.hash_of(login["token"])
        assert (token.scope, token.name) == ("write", "demo")


def test_logins__token__opens_the_api(hub: None, logins: Path) -> None:
    load(logins)
    login = json.loads(logins.read_text())["users"]["startup"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {login['token']}")
    answer: Any = client.get("/api/v1/me/")
    assert answer.status_code == 200
    assert answer.json()["email"] == login["email"]


def test_logins__again__keeps_secrets_and_renews_the_address(
    hub: None, logins: Path
) -> None:
    load(logins)
    before = json.loads(logins.read_text())
    load(logins, "http://there.example")
    after = json.loads(logins.read_text())
    assert after == before | {"address": "http://there.example"}


@pytest.mark.parametrize(
    "content", [None, "", "\xff", "{}", '{"users": {"host": 1}}', "[]"]
)
def test_logins__file_unusable__new_secrets_replace_the_old(
    hub: None, logins: Path, content: str | None
) -> None:
    load(logins)
    before = json.loads(logins.read_text())["users"]
    if content is None:
        logins.unlink()
    else:
        logins.write_text(content, "latin-1")
    load(logins)
    after = json.loads(logins.read_text())["users"]
    for part in data.demo_emails():
        assert after[part]["token"] != before[part]["token"]
        assert after[part]["password"] != before[part]["password"]
    assert ApiToken.objects.count() == 4


def test_logins__token_revoked__all_get_new_ones(hub: None, logins: Path) -> None:
    load(logins)
    before = logins.read_text()
    ApiToken.objects.filter(user__is_hub_staff=True).delete()
    load(logins)
    assert logins.read_text() != before
    assert ApiToken.objects.count() == 4


def test_logins__another_hub__has_none(db: None, logins: Path) -> None:
    factories.organisation()
    load(logins)
    assert ApiToken.objects.count() == 0
    written = json.loads(logins.read_text())
    assert written == {"address": "http://here.example", "users": {}}
