from __future__ import annotations

import pytest

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
    [("booker", "Ring twice."), ("staff", "Ring twice."), ("stranger", None)],
)
def test_sites__access_notes__only_for_members(
    hub: Hub, who: str, notes: str | None
) -> None:
    api = hub.api(getattr(hub, who))

    assert api.get("/api/v1/sites/mill/").json()["access_notes"] == notes
    (row,) = api.get("/api/v1/sites/").json()["results"]
    assert row["access_notes"] == notes
    assert row["time_zone"] == "Europe/Sofia"


def test_sites__member_of_one_that_left__sees_no_access_notes(hub: Hub) -> None:
    left = factories.organisation(is_active=False)
    Membership.objects.create(user=hub.stranger, organisation=left)

    body = hub.api(hub.stranger).get("/api/v1/sites/mill/").json()

    assert body["access_notes"] is None


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
