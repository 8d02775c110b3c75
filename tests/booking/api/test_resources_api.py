"""Hours, closures and policy through the API, by who may and by who may not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from booking.models import OpenPeriod
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, tomorrow_at, wish

OFFICE = {
    "weekly": [{"days": ["MO", "TU", "WE", "TH", "FR"], "from": "09:00", "to": "18:00"}]
}


def url(resource: Resource, rest: str = "") -> str:
    return f"/api/v1/resources/{resource.slug}/{rest}"


def window(days: int = 1) -> dict[str, str]:
    return {
        "from": tomorrow_at(0).isoformat(),
        "to": (tomorrow_at(0) + days * DAY).isoformat(),
    }


def test_resource__shows_whether_it_needs_approval(cast: Cast) -> None:
    client = cast.api(cast.booker)
    shown = {
        row["slug"]: row["needs_approval"]
        for row in client.get("/api/v1/resources/").json()["results"]
    }
    assert shown == {cast.lab.slug: False, cast.studio.slug: True}


def test_availability__shows_open_taken_and_free(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(10, 2))
    answer = cast.api(cast.stranger).get(url(cast.lab, "availability/"), window())
    found = answer.json()
    midnight = tomorrow_at(0).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [row["starts_at"] for row in found["open"]] == [midnight]
    [taken] = found["taken"]
    assert set(taken) == {"starts_at", "ends_at", "free_at", "quantity", "pending"}
    free = [(row["starts_at"], row["ends_at"]) for row in found["free"]]
    assert [free[0][1], free[1][0]] == [taken["starts_at"], taken["ends_at"]]


@pytest.mark.parametrize("who", ["booker", "colleague", "manager", "staff"])
def test_availability__the_parties_see_whose_it_is(cast: Cast, who: str) -> None:
    made = reserve(cast.lab, cast.booker, wish(10, 2))
    client = cast.api(getattr(cast, who))
    [taken] = client.get(url(cast.lab, "availability/"), window()).json()["taken"]
    assert taken["reference"] == made.reference
    assert taken["organisation"] == cast.startup.slug


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "x", "to": "y"},
        {"from": "2027-03-01T09:00:00", "to": "2027-03-02T09:00:00"},
        {"from": "2027-03-02T09:00:00Z", "to": "2027-03-01T09:00:00Z"},
        {"from": "2027-03-02T09:00:00Z", "to": "2028-03-01T09:00:00Z"},
        {"from": "2027-03-01T09:00:00Z", "to": "2027-03-02T09:00:00Z", "minutes": 1},
        {"from": "2027-03-01T09:00:00Z", "to": "2027-03-02T09:00:00Z", "page": 1},
    ],
)
def test_availability__bad_query__is_400(cast: Cast, query: dict[str, Any]) -> None:
    answer = cast.api(cast.booker).get(url(cast.lab, "availability/"), query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_opening_hours__publish_and_read_back(cast: Cast) -> None:
    client = cast.api(cast.manager)
    answer = client.put(url(cast.lab, "opening-hours/"), OFFICE)
    assert answer.json() == {"preview": False, "minutes_a_week": 2700, "hits": []}
    [season] = client.get(url(cast.lab, "opening-hours/")).json()["seasons"]
    assert season["weekly"] == OFFICE["weekly"]
    assert season["valid_until"] is None


def test_opening_hours__preview__lists_hits_and_changes_nothing(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(20))
    before = list(OpenPeriod.objects.values_list("during", flat=True))
    client = cast.api(cast.manager)
    answer = client.put(url(cast.lab, "opening-hours/?preview=1"), OFFICE)
    assert [row["reference"] for row in answer.json()["hits"]] == [made.reference]
    assert list(OpenPeriod.objects.values_list("during", flat=True)) == before


def test_opening_hours__by_others__is_refused(cast: Cast) -> None:
    for who in (cast.booker, cast.stranger):
        answer = cast.api(who).put(url(cast.lab, "opening-hours/"), OFFICE)
        assert answer.status_code == 403
    cast.lab.listing = "draft"
    cast.lab.save()
    answer = cast.api(cast.stranger).put(url(cast.lab, "opening-hours/"), OFFICE)
    assert answer.status_code == 404


def hours(**changes: Any) -> dict[str, Any]:
    return {"weekly": [OFFICE["weekly"][0] | changes]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (hours(days=["XX"]), "weekly.0.days.0"),
        (hours(days=[]), "weekly.0.days"),
        (hours(**{"from": "9"}), "weekly.0.from"),
        (hours(**{"from": "24:01"}), "weekly.0.from"),
        (hours(to="08:00"), "weekly.0.to"),
        (hours(to="09:60"), "weekly.0.to"),
        (hours(until="x"), "weekly.0.until"),
        ({"weekly": OFFICE["weekly"] * 2}, "weekly.1"),
        ({"weekly": "always"}, "weekly"),
        ({}, "weekly"),
        (OFFICE | {"valid_until": "2020-01-01"}, "valid_until"),
        (OFFICE | {"valid_from": "soon"}, "valid_from"),
    ],
)
def test_opening_hours__bad_body__is_400_and_named(
    cast: Cast, body: dict[str, Any], field: str
) -> None:
    answer = cast.api(cast.manager).put(url(cast.lab, "opening-hours/"), body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field]


def test_opening_date__closed_that_day_and_open_again(cast: Cast) -> None:
    day = tomorrow_at(12).astimezone(factories.SOFIA).date()
    client = cast.api(cast.manager)
    address = url(cast.lab, f"opening-hours/{day}/")
    assert client.put(address, {"hours": []}).status_code == 200
    guest = cast.api(cast.booker)
    shown = guest.get(url(cast.lab, "availability/"), window()).json()
    assert shown["open"] == []
    assert client.delete(address).status_code == 204
    assert guest.get(url(cast.lab, "availability/"), window()).json()["open"]
    bad = client.put(url(cast.lab, "opening-hours/2027-02-30/"), {"hours": []})
    assert bad.status_code == 400


def closure(**changes: Any) -> dict[str, Any]:
    return {
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(14).isoformat(),
        "reason": "maintenance",
    } | changes


def test_closure__lists_hits_and_refuses_new_reservations(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(13, 2))
    client = cast.api(cast.manager)
    preview = client.post(url(cast.lab, "closures/?preview=1"), closure())
    assert (preview.status_code, preview.json()["closure"]) == (200, None)
    assert client.get(url(cast.lab, "closures/")).json() == []
    answer = client.post(url(cast.lab, "closures/"), closure())
    assert answer.status_code == 201
    assert [row["reference"] for row in answer.json()["hits"]] == [made.reference]
    refused = cast.api(cast.booker).post(
        "/api/v1/reservations/",
        {
            "resource": cast.lab.slug,
            "starts_at": tomorrow_at(11).isoformat(),
            "ends_at": tomorrow_at(12).isoformat(),
            "purpose": "x",
        },
    )
    assert refused.json()["violations"][0]["code"] == "outside_opening_hours"
    made.refresh_from_db()
    assert made.status == "approved", "closing touches no reservation by itself"
    gone = client.delete(url(cast.lab, f"closures/{answer.json()['closure']['id']}/"))
    assert gone.status_code == 204
    assert reserve(cast.lab, cast.booker, wish(11)).status == "approved"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"ends_at": tomorrow_at(9).isoformat()}, "ends_at"),
        (
            {
                "starts_at": "2020-01-01T00:00:00Z",
                "ends_at": "2020-01-02T00:00:00Z",
            },
            "ends_at",
        ),
        ({"ends_at": "2150-01-01T00:00:00Z"}, "ends_at"),
        ({"who": "me"}, "who"),
    ],
)
def test_closure__bad_body__is_400(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    answer = cast.api(cast.manager).post(url(cast.lab, "closures/"), closure(**changes))
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_policy__set_by_the_host_and_taken_back(cast: Cast) -> None:
    client = cast.api(cast.manager)
    address = url(cast.lab, "policy/")
    values = {"min_duration_minutes": 60, "approval_path": "host_hub"}
    changed = client.patch(address, values)
    assert changed.json()["min_duration_minutes"] == 60
    again = client.patch(address, {"min_duration_minutes": None})
    assert again.json()["min_duration_minutes"] == 30, "the hub's value"
    assert cast.api(cast.booker).get(address).json()["needs_approval"] is True
    assert cast.api(cast.booker).patch(address, {}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start_grid_minutes": 7}, "start_grid_minutes"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"horizon_days": 100_000}, "horizon_days"),
        ({"max_duration_minutes": 10}, "max_duration_minutes"),
        ({"start_grid_minutes": 1440}, "start_grid_minutes"),
        ({"approval_path": "perhaps"}, "approval_path"),
        ({"needs_approval": True}, "needs_approval"),
        ({"price": 5}, "price"),
    ],
)
def test_policy__bad_value__is_400(
    cast: Cast, body: dict[str, Any], field: str
) -> None:
    answer = cast.api(cast.manager).patch(url(cast.lab, "policy/"), body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field]


def free_now(client: APIClient, **query: Any) -> list[str]:
    wanted = {
        "starts_at": tomorrow_at(10).isoformat(),
        "ends_at": tomorrow_at(11).isoformat(),
    } | query
    answer = client.get("/api/v1/free/", wanted)
    assert answer.status_code == 200, answer.content
    return [row["resource"] for row in answer.json()]


def test_free__leaves_out_what_is_taken(cast: Cast) -> None:
    client = cast.api(cast.stranger)
    assert set(free_now(client)) == {cast.lab.slug, cast.studio.slug}
    reserve(cast.lab, cast.booker, wish(10))
    assert free_now(client) == [cast.studio.slug]
    assert free_now(client, people=9) == []
    assert free_now(client, kind="equipment") == []


def test_first_free__is_reservable_and_soonest_first(cast: Cast) -> None:
    rows = cast.api(cast.booker).get("/api/v1/first-free/", {"minutes": 90}).json()
    assert [row["starts_at"] for row in rows] == sorted(r["starts_at"] for r in rows)
    assert {row["resource"] for row in rows} == {cast.lab.slug, cast.studio.slug}
    body = {name: rows[0][name] for name in ("resource", "starts_at", "ends_at")}
    answer = cast.api(cast.booker).post(
        "/api/v1/reservations/", body | {"purpose": "Casting"}
    )
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("free", {}),
        ("free", {"starts_at": "now", "ends_at": "then"}),
        ("first-free", {"minutes": "long"}),
        ("first-free", {"minutes": 60, "until": "2000-01-01T00:00:00Z"}),
        ("first-free", {"minutes": 60, "kind": "castle"}),
        ("timeline", {"date": "tomorrow"}),
        ("timeline", {"date": "9999-12-31"}),
        ("timeline", {"day": "2027-01-01"}),
    ],
)
def test_finding__bad_query__is_400(cast: Cast, path: str, query: Any) -> None:
    answer = cast.api(cast.booker).get(f"/api/v1/{path}/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_timeline__is_one_query_and_redacts(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    made = reserve(cast.lab, cast.booker, wish(10))
    reserve(cast.studio, cast.stranger, wish(12))
    day = tomorrow_at(12).astimezone(factories.SOFIA).date()
    client = cast.api(cast.booker)
    # Expect 1: the timeline; the viewer's roles are known since they reserved.
    with django_assert_num_queries(1):
        rows = client.get("/api/v1/timeline/", {"date": str(day)}).json()["resources"]
    by_slug = {row["resource"]: row for row in rows}
    [mine] = by_slug[cast.lab.slug]["taken"]
    [others] = by_slug[cast.studio.slug]["taken"]
    assert mine["reference"] == made.reference
    assert "organisation" not in others
    assert others["pending"] is True
    begin = dt.datetime.fromisoformat(by_slug[cast.lab.slug]["open"][0]["starts_at"])
    end = dt.datetime.fromisoformat(by_slug[cast.lab.slug]["open"][0]["ends_at"])
    assert end - begin == 24 * HOUR


def test_timeline__of_a_site__has_only_its_resources(cast: Cast) -> None:
    other = factories.open_lab()
    client = cast.api(cast.booker)
    rows = client.get("/api/v1/timeline/", {"site": other.site.slug}).json()
    assert [row["resource"] for row in rows["resources"]] == [other.slug]


def test_closure__why_the_host_closes__is_for_the_host(cast: Cast) -> None:
    private = closure(reason="private_use", note="Shoot for a secret client")
    cast.api(cast.manager).post(url(cast.lab, "closures/"), private)
    for who in (cast.manager, cast.staff):
        [shown] = cast.api(who).get(url(cast.lab, "closures/")).json()
        assert (shown["reason"], shown["note"]) == ("private_use", private["note"])
    [shown] = cast.api(cast.booker).get(url(cast.lab, "closures/")).json()
    assert (shown["reason"], shown["note"]) == ("other", "")


def test_availability__grid_wider_than_the_shortest__has_free_times(
    cast: Cast,
) -> None:
    factories.set_policy(cast.lab, start_grid_minutes=60)
    client = cast.api(cast.booker)
    assert client.get(url(cast.lab, "availability/"), window()).json()["free"]


def test_availability__draft__offers_nothing(cast: Cast) -> None:
    cast.lab.listing = "draft"
    cast.lab.save()
    shown = cast.api(cast.manager).get(url(cast.lab, "availability/"), window()).json()
    assert shown["open"]
    assert shown["free"] == []
