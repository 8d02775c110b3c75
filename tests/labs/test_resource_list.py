from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.labs.conftest import Hub

RESOURCES = "/api/v1/resources/"


def found(hub: Hub, query: str) -> list[str]:
    response = hub.api(hub.booker).get(RESOURCES + query)
    assert response.status_code == 200, response.json()
    return [each["slug"] for each in response.json()["results"]]


@pytest.fixture
def catalogue(hub: Hub) -> Hub:
    hub.lab("XR lab", people=6, tags=["xr", "motion-capture"], name_bg="Очила")
    hub.lab("Dubbing booth", kind="premises", people=2, description_bg="Тиха СТАЯ")
    hub.lab("Camera kit", kind="equipment", description="Two cameras, 100% charged")
    hub.draft("Secret lab")
    return hub


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["camera-kit", "dubbing-booth", "xr-lab"]),
        ("?kind=premises", ["dubbing-booth"]),
        ("?people=3", ["xr-lab"]),
        ("?people=2", ["dubbing-booth", "xr-lab"]),
        ("?tag=xr", ["xr-lab"]),
        ("?tag=XR", ["xr-lab"]),
        ("?tag=nothing", []),
        ("?site=mill", ["camera-kit", "dubbing-booth", "xr-lab"]),
        ("?organisation=startup", []),
        ("?organisation=host&kind=laboratory", ["xr-lab"]),
        ("?q=LAB", ["xr-lab"]),
        ("?q=очила", ["xr-lab"]),
        ("?q=тиха стая", ["dubbing-booth"]),
        ("?q=capture", ["xr-lab"]),
        ("?q=xr очила", ["xr-lab"]),
        ("?q=xr стая", []),
        ("?q=100%25", ["camera-kit"]),
        ("?q=_", []),
        ("?q={", []),
        ("?listing=draft", []),
        ("?listing=published&page_size=1&page=2", ["dubbing-booth"]),
    ],
)
def test_resource_list__filter__finds(
    catalogue: Hub, query: str, slugs: list[str]
) -> None:
    assert found(catalogue, query) == slugs


def test_resource_list__manager__finds_own_drafts(catalogue: Hub) -> None:
    response = catalogue.api(catalogue.manager).get(RESOURCES + "?listing=draft")

    assert [each["slug"] for each in response.json()["results"]] == ["secret-lab"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=spaceship", "kind"),
        ("listing=hidden", "listing"),
        ("site=moon", "site"),
        ("organisation=none", "organisation"),
        ("people=many", "people"),
        ("people=0", "people"),
        ("people=-5", "people"),
        ("people=2.5", "people"),
        ("people=NaN", "people"),
        ("people=" + "9" * 5000, "people"),
        ("q=a%00b", "q"),
        ("q=" + "x" * 101, "q"),
        ("tag=a%00b", "tag"),
        ("kinds=premises", "kinds"),
    ],
)
def test_resource_list__bad_filter__400(hub: Hub, query: str, field: str) -> None:
    response = hub.api(hub.booker).get(f"{RESOURCES}?{query}")

    assert response.status_code == 400
    assert response.json()["fields"].keys() == {field}


def test_resource_list__organisation_that_left__is_unknown(hub: Hub) -> None:
    factories.organisation(slug="left", is_active=False)

    assert hub.api(hub.booker).get(RESOURCES + "?organisation=left").status_code == 400
    assert hub.api(hub.staff).get(RESOURCES + "?organisation=left").status_code == 200


def test_resource_list__no_such_page__404(hub: Hub) -> None:
    response = hub.api(hub.booker).get(RESOURCES + "?page=7")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_resource__retrieve__filters_do_not_hide_it(hub: Hub) -> None:
    hub.lab()

    response = hub.api(hub.booker).get(RESOURCES + "xr-lab/?kind=premises")

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["resources", "organisations", "sites"])
def test_list__more_rows__no_more_queries(hub: Hub, path: str) -> None:
    def queries() -> int:
        api = hub.api(hub.booker)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert api.get(f"/api/v1/{path}/").status_code == 200
        return len(captured)

    a_hall(hub, 1)
    with_few = queries()
    for number in range(2, 12):
        a_hall(hub, number)

    # Roles of the person, count, rows; for resources the parts of halls.
    assert queries() == with_few <= 4


def a_hall(hub: Hub, number: int) -> None:
    part = hub.lab(f"Half {number}")
    hub.lab(f"Hall {number}", covers=[part.slug])
    factories.organisation()
    factories.site()


def test_resource_list__parts_one_may_not_see__are_not_named(hub: Hub) -> None:
    half = hub.draft("Half")
    hub.lab("Hall", covers=[half.slug])

    def covers(who: str) -> list[str]:
        body = hub.api(getattr(hub, who)).get(RESOURCES + "hall/").json()
        assert body["units"] == 1
        return list(body["covers"])

    assert covers("manager") == ["half"]
    assert covers("booker") == []
