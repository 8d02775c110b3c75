from __future__ import annotations

from typing import Any

import pytest

from labs.models import Resource
from tests import factories
from tests.labs.conftest import Hub

RESOURCES = "/api/v1/resources/"
BODY = {
    "organisation": "host",
    "site": "mill",
    "kind": "laboratory",
    "name": "XR lab",
}
PEOPLE = ("manager", "staff", "colleague", "booker", "stranger", "nobody")


def test_resource__create__shows_everything(hub: Hub) -> None:
    given = {
        **BODY,
        "name_bg": "XR лаборатория",
        "description": "Head-mounted displays.",
        "description_bg": "Очила.",
        "people": 6,
        "tags": ["xr", "motion-capture"],
    }

    response = hub.api(hub.manager).post(RESOURCES, given)

    assert response.status_code == 201, response.json()
    assert response.json() == {
        **given,
        "slug": "xr-lab",
        "time_zone": "Europe/Sofia",
        "units": 1,
        "is_pool": False,
        "covers": [],
        "qualifications": [],
        "listing": "draft",
        "photo": None,
    }


# Who may do what to a resource that all may see.
ALLOWED = {
    "manager": 200,
    "staff": 200,
    "colleague": 403,  # of the same organisation, but only books
    "booker": 403,
    "stranger": 403,
    "nobody": 401,
}
VERBS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": ("post", RESOURCES, BODY),
    "change": ("patch", RESOURCES + "xr-lab/", {"name": "New name"}),
    "publish": ("post", RESOURCES + "xr-lab/publish/", {}),
    "archive": ("post", RESOURCES + "xr-lab/archive/", {}),
    "draft": ("post", RESOURCES + "xr-lab/draft/", {}),
    "no photo": ("delete", RESOURCES + "xr-lab/photo/", {}),
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("verb", VERBS)
def test_resource__every_verb__only_its_managers_and_staff(
    hub: Hub, who: str, verb: str
) -> None:
    hub.lab()
    method, path, body = VERBS[verb]
    before = list(Resource.objects.values())

    response = getattr(hub.api(getattr(hub, who, None)), method)(path, body)

    expected = ALLOWED[who] + (verb == "create" and ALLOWED[who] == 200)
    assert response.status_code == expected, response.json()
    if expected >= 400:
        assert list(Resource.objects.values()) == before
        assert response.json()["code"] in {"permission_denied", "not_authenticated"}


@pytest.mark.parametrize(
    ("who", "status"), [*zip(PEOPLE, (200, 200, 404, 404, 404, 401), strict=True)]
)
@pytest.mark.parametrize("listing", ["draft", "archived"])
def test_resource__not_published__hidden_from_others(
    hub: Hub, who: str, status: int, listing: str
) -> None:
    lab = hub.draft()
    Resource.objects.filter(pk=lab.pk).update(listing=listing)
    api = hub.api(getattr(hub, who, None))

    answers = [
        api.get(RESOURCES + "xr-lab/"),
        api.patch(RESOURCES + "xr-lab/", {"people": 2}),
        api.post(RESOURCES + "xr-lab/publish/"),
    ]

    assert [answer.status_code for answer in answers] == [status] * 3


def test_resource__of_an_organisation_that_left__only_for_staff(hub: Hub) -> None:
    hub.lab()
    type(hub.host).objects.update(is_active=False)

    statuses = {
        who: hub.api(getattr(hub, who)).get(RESOURCES + "xr-lab/").status_code
        for who in ("manager", "staff", "booker")
    }

    assert statuses == {"manager": 404, "staff": 200, "booker": 404}


def test_resource__listing__goes_round(hub: Hub) -> None:
    hub.draft()
    api = hub.api(hub.manager)
    seen = [
        api.post(f"{RESOURCES}xr-lab/{verb}/").json()["listing"]
        for verb in ("publish", "publish", "draft", "archive", "draft", "publish")
    ]

    published, archived = "published", "archived"
    assert seen == [published, published, "draft", archived, "draft", published]


def test_resource__publish_without_units__refused(hub: Hub) -> None:
    lab = hub.draft()
    lab.coverage.all().delete()

    response = hub.api(hub.manager).post(RESOURCES + "xr-lab/publish/")

    assert (response.status_code, response.json()["code"]) == (409, "no_units")


def test_resource__patch__leaves_the_rest(hub: Hub) -> None:
    lab = hub.lab(tags=["xr"], people=5)

    response = hub.api(hub.manager).patch(RESOURCES + "xr-lab/", {"name": "Друга"})

    body = response.json()
    assert (body["name"], body["slug"]) == ("Друга", "xr-lab")  # addresses stay
    assert (body["tags"], body["people"]) == (["xr"], 5)
    assert list(lab.coverage.values_list("unit", flat=True)) == [lab.units.get().pk]


BAD = [
    ("unknown field", {"colour": "red"}, "colour"),
    ("the slug is ours", {"slug": "mine"}, "slug"),
    ("listing has its own verbs", {"listing": "published"}, "listing"),
    ("no name", {"name": ""}, "name"),
    ("blank name", {"name": "   "}, "name"),
    ("long name", {"name": "x" * 121}, "name"),
    ("two lines", {"name": "XR\nlab"}, "name"),
    ("NUL", {"name": "XR\0lab"}, "name"),
    ("wrong type", {"name": ["XR"]}, "name"),
    ("null", {"name": None}, "name"),
    ("long description", {"description": "x" * 4001}, "description"),
    ("unknown kind", {"kind": "spaceship"}, "kind"),
    ("unknown site", {"site": "moon"}, "site"),
    ("site is no slug", {"site": "../etc"}, "site"),
    ("no people", {"people": 0}, "people"),
    ("crowd", {"people": 10**30}, "people"),
    ("people in words", {"people": "many"}, "people"),
    ("people yes", {"people": True}, "people"),
    ("bad tag", {"tags": ["Motion Capture"]}, "tags"),
    ("tags are a list", {"tags": "xr"}, "tags"),
    ("many tags", {"tags": ["xr"] * 21}, "tags"),
    ("nested tags", {"tags": [["xr"]]}, "tags.0"),
    ("no units", {"units": 0}, "units"),
    ("units below none", {"units": -1}, "units"),
    ("too many units", {"units": 501, "is_pool": True}, "units"),
    ("units without pool", {"units": 3}, "units"),
    ("is_pool maybe", {"is_pool": "maybe"}, "is_pool"),
    ("covers nothing known", {"covers": ["moon"]}, "covers"),
]


@pytest.mark.parametrize(
    ("bad", "field"), [row[1:] for row in BAD], ids=[r[0] for r in BAD]
)
def test_resource__bad_input__says_which_field(
    hub: Hub, bad: dict[str, Any], field: str
) -> None:
    hub.draft("Other")
    before = list(Resource.objects.values())
    api = hub.api(hub.manager)

    responses = [
        api.post(RESOURCES, {**BODY, **bad}),
        api.patch(RESOURCES + "other/", bad),
    ]

    for response in responses:
        assert response.status_code == 400, response.json()
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "invalid"
        assert field in response.json()["fields"]
    assert list(Resource.objects.values()) == before


@pytest.mark.parametrize("body", [[], "text", 5, None, [BODY]])
def test_resource__body_is_no_object__400(hub: Hub, body: Any) -> None:
    response = hub.api(hub.manager).post(RESOURCES, body)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"name": ', "malformed"),
        (b'{"name": NaN}', "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"name": "\\ud800"}', "malformed"),
        (b'{"people": 1e400}', "invalid"),
    ],
)
def test_resource__malformed_json__400(hub: Hub, raw: bytes, code: str) -> None:
    api = hub.api(hub.manager)

    response = api.post(RESOURCES, raw, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, code)


def test_resource__all_faults_at_once(hub: Hub) -> None:
    bad = {**BODY, "tags": ["Bad Tag"], "units": 3, "name": "a\nb"}

    fields = hub.api(hub.manager).post(RESOURCES, bad).json()["fields"]

    assert set(fields) == {"tags", "units", "name"}


def test_resource__organisation_cannot_change(hub: Hub) -> None:
    hub.lab()

    response = hub.api(hub.staff).patch(
        RESOURCES + "xr-lab/", {"organisation": "startup"}
    )

    assert response.json()["fields"].keys() == {"organisation"}


def test_resource__create_for_an_unknown_organisation__400(hub: Hub) -> None:
    response = hub.api(hub.staff).post(RESOURCES, {**BODY, "organisation": "none"})

    assert response.json()["fields"].keys() == {"organisation"}


def test_resource__other_site__only_in_the_same_zone(hub: Hub) -> None:
    hub.lab()
    factories.site(slug="annexe")
    factories.site(slug="lisbon", time_zone="Europe/Lisbon")
    api = hub.api(hub.manager)

    near = api.patch(RESOURCES + "xr-lab/", {"site": "annexe"})
    far = api.patch(RESOURCES + "xr-lab/", {"site": "lisbon"})

    assert near.json()["site"] == "annexe"
    assert (far.status_code, far.json()["code"]) == (409, "site_zone_differs")
