from __future__ import annotations

from typing import Any

import pytest

from booking.models import Reservation, Series
from tests import factories
from tests.booking.api.test_reservations_api import assert_refused
from tests.booking.test_series import in_weeks
from tests.cast import Cast
from tests.factories import SOFIA, reserve, tomorrow_at

URL = "/api/v1/series/"


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "resource": cast.lab.slug,
        "purpose": "Every week",
        "first_on": str(tomorrow_at(10).astimezone(SOFIA).date()),
        "from": "10:00",
        "minutes": 60,
        "repeats": "weekly",
        "count": 4,
    } | changes


def made(cast: Cast, **changes: Any) -> dict[str, Any]:
    answer = cast.api(cast.booker).post(URL, body(cast, **changes), format="json")
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_create__all_free__has_its_dates_and_they_their_series(cast: Cast) -> None:
    found = made(cast)
    assert [date["status"] for date in found["dates"]] == ["approved"] * 4
    assert [date["number"] for date in found["dates"]] == [1, 2, 3, 4]
    assert (found["from"], found["version"]) == ("10:00", 1)
    one = found["dates"][2]["reservation"]
    seen = cast.api(cast.booker).get(f"/api/v1/reservations/{one}/").json()
    assert seen["series"] == found["reference"]
    again = cast.api(cast.manager).get(f"{URL}{found['reference']}/")
    assert again.json() == found
    assert again["ETag"] == '"1"'
    assert cast.api(cast.booker).get(URL).json()["count"] == 1
    stranger = cast.api(cast.stranger)
    assert stranger.get(URL).json()["count"] == 0
    assert_refused(stranger.get(f"{URL}{found['reference']}/"), 404, "not_found")


def test_create__a_date_taken__is_409_with_it_or_kept_as_wanted(cast: Cast) -> None:
    reserve(cast.lab, cast.stranger, in_weeks(2))
    client = cast.api(cast.booker)
    problem = assert_refused(
        client.post(URL, body(cast), format="json"), 409, "series_clash"
    )
    (date,) = problem["dates"]
    assert (date["state"], date["code"]) == ("taken", "slot_taken")
    assert Reservation.objects.count() == 1
    kept = made(cast, keep=True)
    assert [date["state"] for date in kept["dates"]][2] == "wanted"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("from", {"from": "25:00"}),
        ("first_on", {"first_on": "9999-12-31"}),
        ("picked.0", {"picked": ["0001-01-01"]}),
        ("repeats", {"repeats": "hourly"}),
        ("until", {"count": None}),
        ("days", {"repeats": "monthly", "week": 2}),
        ("picked.0", {"picked": ["soon"]}),
        ("colour", {"colour": "blue"}),
        ("purpose", {"purpose": ""}),
    ],
)
def test_create__bad_input__is_said_of_its_field(
    cast: Cast, field: str, changes: dict[str, Any]
) -> None:
    client = cast.api(cast.booker)
    answer = client.post(URL, body(cast, **changes), format="json")
    assert list(assert_refused(answer, 400, "invalid")["fields"]) == [field]
    assert not Series.objects.exists()


def test_preview__of_52_dates__one_call_and_nothing_written(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    factories.set_policy(cast.lab, horizon_days=540)
    reserve(cast.lab, cast.stranger, in_weeks(2))
    client = cast.api(cast.booker)
    # roles, the resource; the organisation; facts, who is there
    with django_assert_num_queries(5):
        answer = client.post(
            f"{URL}?preview=1", body(cast, count=52, purpose=""), format="json"
        )
    found = answer.json()
    assert answer.status_code == 200, found
    assert (found["free"], len(found["dates"])) == (51, 52)
    assert found["dates"][2]["state"] == "taken"
    assert "organisation" not in found["dates"][2]["taken"][0]
    assert not Series.objects.exists()


def test_change__this_and_following__with_if_match(cast: Cast) -> None:
    found = made(cast)
    client, url = cast.api(cast.booker), f"{URL}{found['reference']}/change/"
    change = {"which": "following", "number": 3, "shift_minutes": 60, "people": 2}
    stale = client.post(url, change, format="json", headers={"If-Match": '"9"'})
    assert_refused(stale, 409, "changed_meanwhile")
    answer = client.post(url, change, format="json", headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == '"2"'
    before = [date["starts_at"] for date in found["dates"]]
    after = [date["starts_at"] for date in answer.json()["dates"]]
    assert [one == other for one, other in zip(before, after, strict=True)] == [
        True,
        True,
        False,
        False,
    ]
    assert_refused(client.post(url, {"which": "this"}, format="json"), 400, "invalid")


def test_cancel__all__and_by_others_not(cast: Cast) -> None:
    found = made(cast)
    url = f"{URL}{found['reference']}/cancel/"
    refused = cast.api(cast.stranger).post(url, {"which": "all"}, format="json")
    assert_refused(refused, 404, "not_found")
    answer = cast.api(cast.booker).post(url, {"which": "all"}, format="json")
    assert {date["status"] for date in answer.json()["dates"]} == {"cancelled"}


def test_approve__whole__a_result_for_each_date(cast: Cast) -> None:
    found = made(cast, resource=cast.studio.slug)
    url = f"{URL}{found['reference']}/approve/"
    assert_refused(cast.api(cast.booker).post(url), 403, "permission_denied")
    results = cast.api(cast.manager).post(url).json()["results"]
    assert [each["reservation"]["status"] for each in results] == ["approved"] * 4
    assert {each["status"] for each in results} == {200}
