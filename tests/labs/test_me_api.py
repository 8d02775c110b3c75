from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.models import Membership, User
from tests import factories
from tests.labs.conftest import Hub

ME = "/api/v1/me/"


def test_me__get__who_and_where(hub: Hub) -> None:
    also = factories.organisation(slug="also", name="Also")
    left = factories.organisation(is_active=False)
    for organisation in (also, left):
        Membership.objects.create(user=hub.manager, organisation=organisation)

    with CaptureQueriesContext(connection) as captured:
        response = hub.api(hub.manager).get(ME)

    assert response.json() == {
        "email": "manager@example.com",
        "name": hub.manager.name,
        "language": "en",
        "time_zone": "",
        "is_hub_staff": False,
        "organisations": [
            {"slug": "also", "name": "Also", "role": "booker"},
            {"slug": "host", "name": "Host", "role": "manager"},
        ],
    }
    assert len(captured) == 2  # the test's own look at the person, and memberships


def test_me__nobody__401_with_a_hint(hub: Hub) -> None:
    response = hub.api(None).get(ME)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="Atrium"'


def test_me__patch__changes_what_is_given(hub: Hub) -> None:
    given = {"language": "bg", "time_zone": "Europe/Lisbon", "name": "Мария"}

    response = hub.api(hub.booker).patch(ME, given)

    assert {key: response.json()[key] for key in given} == given
    hub.booker.refresh_from_db()
    assert hub.booker.language == "bg"
    assert hub.api(hub.booker).patch(ME, {"time_zone": ""}).json()["time_zone"] == ""
    assert hub.api(hub.booker).patch(ME, {}).json()["name"] == "Мария"


@pytest.mark.parametrize(
    "bad",
    [
        {"language": "fr"},
        {"language": None},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../etc/passwd"},
        {"name": ""},
        {"name": "Two\nlines"},
        {"name": "x" * 121},
        {"email": "other@example.com"},
        {"is_hub_staff": True},
        {"organisations": []},
        {"password": "x"},
    ],
)
def test_me__patch_bad__400_and_nothing_changed(hub: Hub, bad: dict[str, Any]) -> None:
    response = hub.api(hub.booker).patch(ME, bad)

    assert response.status_code == 400
    assert response.json()["fields"].keys() == bad.keys()
    (now,) = User.objects.filter(pk=hub.booker.pk).values()
    assert now == {name: getattr(hub.booker, name) for name in now}


def test_me__put__not_allowed(hub: Hub) -> None:
    assert hub.api(hub.booker).put(ME, {}).status_code == 405
