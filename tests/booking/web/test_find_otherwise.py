"""Where nothing is free as wanted: what else there is, and what to change."""

from __future__ import annotations

from functools import partial

import pytest

from booking.weekly import DAYS, WeeklyHours
from labs.models import Resource
from tests import factories
from tests.booking.web.browser import signed_in, text_of, when
from tests.cast import Cast
from tests.statements import assert_flat, statements


def test_find__taken__is_offered_at_the_nearest_time_that_day(cast: Cast) -> None:
    factories.reserve(cast.lab, cast.stranger, factories.wish(9, 4))
    response = signed_in(cast.booker).get("/find/", when(10, 2))
    (card,) = response.context["near"]
    assert card.resource == cast.lab
    assert [each.astimezone(factories.SOFIA).hour for each in card.period] == [7, 9]
    page = text_of(response)
    assert "Taken then, free 07:00–09:00" in page
    assert "Reserve 07:00–09:00 Motion lab" in page
    assert "Open 00:00–24:00. Free 00:00–09:00, 13:00–24:00." in page


def test_find__closed_then__says_so(cast: Cast) -> None:
    week = (WeeklyHours(DAYS, 13 * 60, 18 * 60),)
    factories.publish(cast.lab, week)
    page = text_of(signed_in(cast.booker).get("/find/", when(10)))
    assert "Closed then, free 13:00–14:00" in page


def test_find__nothing_free__shows_when_it_first_is(cast: Cast) -> None:
    for lab in (cast.lab, cast.studio):
        factories.reserve(lab, cast.stranger)
    response = signed_in(cast.booker).get("/find/", when(10))
    assert "Nothing is free" in text_of(response)
    assert "11:00–12:00" in text_of(response)
    assert f"/reserve/{cast.lab.slug}/?" in response.content.decode()


def test_find__too_many_people__is_a_dead_end_with_a_way_out(cast: Cast) -> None:
    client = signed_in(cast.booker)
    response = client.get("/find/", when(10) | {"people": "999"})
    (looser,) = response.context["looser"]
    assert (looser["text"], looser["number"]) == ("for 8 people", 2)
    assert client.get(looser["url"]).context["count"] == 2
    Resource.objects.update(listing="draft")
    factories.resource()  # it has no hours
    page = text_of(client.get("/find/", when(10)))
    assert "Try fewer people, fewer hours, or any kind." in page


FILTERS: list[tuple[dict[str, str], str]] = [
    ({"kind": "equipment"}, "of any kind"),
    ({"site": "far"}, "at any site"),
    ({"organisation": "other"}, "of any organisation"),
    ({"tag": "laser"}, "with any tag"),
    ({"q": "nowhere"}, "without the words"),
    ({"favourites": "on"}, "not only favourites"),
    ({"at_once": "on"}, "with approval too"),
]


@pytest.mark.parametrize(("filters", "text"), FILTERS, ids=str)
def test_find__nothing_free__says_which_filter_to_loosen(
    cast: Cast, filters: dict[str, str], text: str
) -> None:
    """Each alone hides the studio; something else that fits it has no hours."""
    factories.resource(
        kind="equipment",
        tags=["laser"],
        site=factories.site(slug="far"),
        organisation=factories.organisation(slug="other"),
    )
    factories.reserve(cast.lab, cast.stranger)
    client = signed_in(cast.booker)
    response = client.get("/find/", when(10) | filters)
    assert response.context["count"] == 0
    rows = {row["text"]: row for row in response.context["looser"]}
    assert rows[text]["number"] == 1
    loosened = client.get(rows[text]["url"])
    assert [card.resource for card in loosened.context["cards"]] == [cast.studio]


def test_find__nothing_free__offers_a_shorter_and_another_time(cast: Cast) -> None:
    for lab in (cast.lab, cast.studio):
        factories.reserve(lab, cast.stranger, factories.wish(11, 4))
    client = signed_in(cast.booker)
    response = client.get("/find/", when(10, 2))
    found = {row["text"]: row["number"] for row in response.context["looser"]}
    assert found == {"from 09:00": 2, "for 1\u00a0h": 2}
    for row in response.context["looser"]:
        assert client.get(row["url"]).context["count"] == row["number"]


def test_find__most_to_show__at_most_fifteen_queries_however_many(
    cast: Cast,
) -> None:
    """A manager, with a count in the navigation, finds nothing and had something."""
    factories.reserve(cast.lab, cast.manager, factories.wish(20))
    client = signed_in(cast.manager)
    usual = client.get("/find/").context["wish"]

    def take(*resources: Resource) -> None:
        for each in resources:
            factories.reserve(each, cast.stranger, usual)

    def many() -> None:
        site = cast.lab.site
        take(*(factories.open_lab(site=site, people=2) for _each in range(10)))

    few = partial(take, cast.lab, cast.studio)
    assert_flat(client, "/find/", few=few, many=many)
    response, taken = statements(client, "/find/")
    assert len(taken) <= 15
    for name in ("again", "near", "looser", "days"):
        assert response.context[name], name
