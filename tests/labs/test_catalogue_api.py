from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.models import Membership
from tests import factories
from tests.labs.conftest import Hub


def test_organisations__list__public_fields_of_active_ones(hub: Hub) -> None:
    factories.organisation(name="Left", slug="left", is_active=False)

    rows = hub.api(hub.stranger).get("/api/v1/organisations/").json()["results"]

    assert [row["slug"] for row in rows] == ["host", "startup"]
    assert set(rows[0]) == {
        "slug",
        "name",
        "name_bg",
        "description",
        "description_bg",
        "kind",
        "website",
    }


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("staff", 200)])
def test_organisations__one_that_left__only_for_staff(
    hub: Hub, who: str, status: int
) -> None:
    factories.organisation(slug="left", is_active=False)

    response = hub.api(getattr(hub, who)).get("/api/v1/organisations/left/")

    assert response.status_code == status


@pytest.mark.parametrize(
    ("who", "notes"),
    [
        ("manager", "Ring twice."),
        ("staff", "Ring twice."),
        ("colleague", None),
        ("booker", None),
        ("stranger", None),
    ],
)
def test_sites__access_notes__only_for_who_hosts_there(
    hub: Hub, who: str, notes: str | None
) -> None:
    hub.lab()
    api = hub.api(getattr(hub, who))

    assert api.get("/api/v1/sites/mill/").json()["access_notes"] == notes
    (row,) = api.get("/api/v1/sites/").json()["results"]
    assert row["access_notes"] == notes
    assert row["time_zone"] == "Europe/Sofia"


def test_sites__manager_of_one_that_left__sees_no_access_notes(hub: Hub) -> None:
    left = factories.organisation(is_active=False)
    factories.resource(organisation=left, site=hub.site)
    role = Membership.Role.MANAGER
    Membership.objects.create(user=hub.stranger, organisation=left, role=role)

    body = hub.api(hub.stranger).get("/api/v1/sites/mill/").json()

    assert body["access_notes"] is None


def test_sites__manager_who_hosts_elsewhere__sees_the_notes_of_there(hub: Hub) -> None:
    annexe = factories.site(slug="annexe", access_notes="Code 1234.")
    theirs = factories.resource(site=annexe).organisation
    factories.person(theirs, Membership.Role.MANAGER)
    hub.lab()

    rows = hub.api(hub.manager).get("/api/v1/sites/").json()["results"]

    notes = {row["slug"]: row["access_notes"] for row in rows}
    assert notes == {"mill": "Ring twice.", "annexe": None}


@pytest.mark.parametrize("listing", ["draft", "archived"])
def test_sites__manager_with_nothing_published_there__sees_no_access_notes(
    hub: Hub, listing: str
) -> None:
    # Any manager can make a draft at any site; that opens no door.
    factories.resource(organisation=hub.host, site=hub.site, listing=listing)

    body = hub.api(hub.manager).get("/api/v1/sites/mill/").json()

    assert body["access_notes"] is None


@pytest.mark.parametrize("who", ["manager", "staff", "booker"])
def test_sites__list__as_many_queries_for_many(
    hub: Hub, who: str, django_assert_num_queries: Any
) -> None:
    hub.lab()
    user = getattr(hub, who)
    with CaptureQueriesContext(connection) as of_one:
        hub.api(user).get("/api/v1/sites/")
    for _ in range(5):
        factories.resource(organisation=hub.host, site=factories.site())

    with django_assert_num_queries(len(of_one)):
        rows = hub.api(user).get("/api/v1/sites/").json()["results"]

    assert len(rows) == 6


@pytest.mark.parametrize("path", ["organisations", "sites", "resources"])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_catalogue__nobody__401(hub: Hub, path: str, method: str) -> None:
    response = getattr(hub.api(None), method)(f"/api/v1/{path}/")

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("path", ["organisations", "sites"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_catalogue__written_to__405(hub: Hub, path: str, method: str) -> None:
    for address in (f"/api/v1/{path}/", f"/api/v1/{path}/mill/"):
        assert getattr(hub.api(hub.staff), method)(address).status_code == 405


@pytest.mark.parametrize("method", ["put", "delete"])
def test_resource__neither_replaced_nor_deleted__405(hub: Hub, method: str) -> None:
    hub.lab()

    response = getattr(hub.api(hub.staff), method)("/api/v1/resources/xr-lab/")

    assert response.status_code == 405


@pytest.mark.parametrize("slug", ["none", "a%00b", "%D0%B0", "..", "x" * 3000])
@pytest.mark.parametrize("path", ["organisations", "sites", "resources"])
def test_catalogue__unknown_slug__404(hub: Hub, path: str, slug: str) -> None:
    assert hub.api(hub.staff).get(f"/api/v1/{path}/{slug}/").status_code == 404
