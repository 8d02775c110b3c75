from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from booking.models import Reservation
from config import clock
from tests import factories
from tests.booking.web.browser import signed_in, text_of, when
from tests.cast import Cast


def test_find__nobody_signed_in__asks_to(db: None) -> None:
    response = Client().get("/find/?people=2")
    assert response.headers["Location"] == "/sign-in/?next=/find/%3Fpeople%3D2"


def test_find__without_values__has_sensible_ones(cast: Cast) -> None:
    response = signed_in(cast.booker).get("/find/")
    assert response.status_code == 200
    form = response.context["form"].data
    assert (form["hours"], form["people"], form["from"][2:]) == ("2", "1", ":00")


def test_find__free_and_taken__shows_what_is_free(cast: Cast) -> None:
    factories.reserve(cast.lab, cast.stranger)
    page = text_of(signed_in(cast.booker).get("/find/", when(10)))
    assert "1 is free:" in page
    assert "Sound studio" in page
    assert "Motion lab" not in page
    assert "Needs approval" in page
    assert "Request Sound studio" in page
    assert "Times in Sofia (UTC+" in page


def test_find__nothing_free__shows_when_it_first_is(cast: Cast) -> None:
    for lab in (cast.lab, cast.studio):
        factories.reserve(lab, cast.stranger)
    response = signed_in(cast.booker).get("/find/", when(10))
    assert "Nothing is free" in text_of(response)
    assert "11:00–12:00" in text_of(response)
    assert f"/reserve/{cast.lab.slug}/?" in response.content.decode()


def test_find__too_many_people__is_a_dead_end_with_a_way_out(cast: Cast) -> None:
    page = text_of(signed_in(cast.booker).get("/find/", when(10) | {"people": "999"}))
    assert "Try fewer people, fewer hours, or any kind." in page


def test_find__in_the_past__says_so(cast: Cast) -> None:
    page = text_of(signed_in(cast.booker).get("/find/", when(10, days=-1)))
    assert "That time has begun or is over" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2026-02-30"},
        {"day": "99999-01-01"},
        {"day": "0001-01-01"},
        {"day": "\x00"},
        {"from": "25:00"},
        {"from": "ten"},
        {"hours": "NaN"},
        {"hours": "-2"},
        {"hours": "1e400"},
        {"hours": "0.001"},
        {"people": "9" * 5000},
        {"people": ""},
        {"people": "0"},
        {"kind": "spaceship"},
        {"site": "'; DROP TABLE"},
        {"page": "last"},
    ],
    ids=str,
)
def test_find__bad_values__are_told(cast: Cast, wrong: dict[str, Any]) -> None:
    response = signed_in(cast.booker).get("/find/", when(10) | wrong)
    if "page" in wrong:
        assert response.status_code == 200
    else:
        assert response.status_code == 400
        assert "Please check the input" in text_of(response)


def test_find__in_the_hour_before_spring_skips_one__has_one_that_exists(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = dt.datetime(2027, 3, 28, 0, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    response = signed_in(cast.booker).get("/find/")
    assert response.status_code == 200
    form = response.context["form"].data
    assert (form["day"], form["from"]) == ("2027-03-28", "04:00")


def test_find__hour_that_spring_skips__is_refused(cast: Cast) -> None:
    spring = {"day": "2027-03-28", "from": "03:30", "hours": "1"}
    response = signed_in(cast.booker).get("/find/", spring)
    assert response.status_code == 400
    assert "this time does not exist" in text_of(response)


def test_find__hour_that_autumn_repeats__is_the_first_and_said(cast: Cast) -> None:
    autumn = {"day": "2027-10-31", "from": "03:30", "hours": "1"}
    response = signed_in(cast.booker).get("/find/", autumn)
    assert "the first one is meant" in text_of(response)
    assert response.context["wish"].starts_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_find__bulgarian__speaks_it(cast: Cast) -> None:
    cast.booker.language = "bg"
    cast.booker.save()
    day = {"day": "2027-01-25", "from": "10:00", "hours": "2"}
    response = signed_in(cast.booker).get("/find/", day)
    assert '<html lang="bg">' in response.content.decode()
    # `text_of` makes no-break spaces plain.
    assert "понеделник, 25 януари 2027 г., 10:00–12:00" in text_of(response)


def test_find__more_rows__same_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client = signed_in(cast.booker)
    # Expect 4: session, person, roles, the sites to choose from; then what is free.
    with django_assert_num_queries(5):
        client.get("/find/", when(10))
    for _each in range(20):
        factories.open_lab(organisation=cast.host, site=cast.lab.site)
    with django_assert_num_queries(5):
        response = client.get("/find/", when(10))
    assert "22 are free" in text_of(response)
    assert Reservation.objects.count() == 0
