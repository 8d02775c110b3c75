from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from booking.models import Reservation
from booking.services.decisions import reservation_approve
from booking.services.favourites import favourite_set
from config import clock
from labs.models import Resource
from tests import factories
from tests.booking.web.browser import signed_in, text_of, when
from tests.cast import Cast

HTMX: Any = {"HTTP_HX_REQUEST": "true"}


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
    response = signed_in(cast.booker).get("/find/", when(10))
    page = text_of(response)
    assert "1 is free:" in page
    assert [card.resource for card in response.context["cards"]] == [cast.studio]
    assert "Needs approval" in page
    assert "Request Sound studio" in page
    assert "Free 00:00–24:00" in page
    assert "Times in Sofia (UTC+" in page


def test_find__filters__narrow_and_can_be_cleared(cast: Cast) -> None:
    cast.lab.tags = ["motion"]
    cast.lab.save()
    client = signed_in(cast.booker)
    for filters in (
        {"tag": "motion"},
        {"q": "MOTION lab"},
        {"at_once": "on"},
        {"site": cast.lab.site.slug, "organisation": cast.host.slug, "q": "motion"},
    ):
        response = client.get("/find/", when(10) | filters)
        assert [card.resource for card in response.context["cards"]] == [cast.lab]
        cleared = client.get(response.context["form"].cleared_url())
        assert cleared.context["count"] == 2


def test_find__favourite__comes_first(cast: Cast) -> None:
    favourite_set(actor=cast.booker, resource_slug=cast.studio.slug, kept=True)
    client = signed_in(cast.booker)
    cards = client.get("/find/", when(10)).context["cards"]
    assert [card.resource for card in cards] == [cast.studio, cast.lab]
    theirs = signed_in(cast.colleague).get("/find/", when(10)).context["cards"]
    assert [card.resource for card in theirs] == [cast.lab, cast.studio]


def test_find__decided_before__tells_how_long_it_usually_takes(cast: Cast) -> None:
    for hour in (12, 14, 16):
        asked = factories.reserve(cast.studio, cast.stranger, factories.wish(hour))
        Reservation.objects.filter(pk=asked.pk).update(
            created_at=clock.now() - 3 * factories.HOUR
        )
        reservation_approve(actor=cast.manager, reference=asked.reference)
    page = text_of(signed_in(cast.booker).get("/find/", when(10)))
    assert "Needs approval; usually decided in 3 h" in page


def test_find__had_before__is_offered_once_more_all_filled_in(cast: Cast) -> None:
    made = factories.reserve(
        cast.lab, cast.booker, factories.wish(10, 2, people=5), purpose="A pilot"
    )
    client = signed_in(cast.booker)
    response = client.get("/find/")
    (row,) = response.context["again"]
    week = when(10, 2, days=8)
    address = urlsplit(row["url"])
    assert address.path == f"/reserve/{cast.lab.slug}/"
    assert dict(parse_qsl(address.query)) == week | {
        "people": "5",
        "organisation": cast.startup.slug,
        "purpose": "A pilot",
    }
    assert "Once more" in text_of(response)
    # As many as last, and at the same site.
    assert response.context["form"].data["people"] == "5"
    assert "Same site as your last one" in text_of(response)
    # A part has not got it: it stays where it is.
    assert "again" not in client.get("/find/", when(10), **HTMX).context
    assert made.people == 5


def test_find__nobodys_member__may_look(cast: Cast) -> None:
    looking = signed_in(factories.person())
    for asked in (when(10), when(10) | {"people": "999"}):
        response = looking.get("/find/", asked)
        page = text_of(response)
        assert "To reserve, you need to be a member of an organisation" in page
        assert "/reserve/" not in response.content.decode()
    assert "Motion lab" in text_of(looking.get("/find/", when(10)))
    member = signed_in(cast.booker).get("/find/", when(10))
    assert "you need to be a member" not in text_of(member)


def test_find__empty_hub__says_what_it_is_for(cast: Cast) -> None:
    Resource.objects.update(listing="draft")
    page = text_of(signed_in(cast.booker).get("/find/"))
    assert "Nothing is published yet" in page
    assert "Add a resource" not in page
    assert "Add a resource" in text_of(signed_in(cast.manager).get("/find/"))


def test_find__night__proposes_when_it_usually_opens(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(5):
        factories.open_lab(site=cast.lab.site, hours=factories.OFFICE_HOURS)
    friday = factories.tomorrow_at(1)
    while friday.astimezone(factories.SOFIA).weekday() != 4:
        friday += factories.DAY
    client = signed_in(cast.booker)
    for now, day in ((friday, 0), (friday + 18 * factories.HOUR, 3)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        form = client.get("/find/").context["form"].data
        wanted = friday.astimezone(factories.SOFIA).date() + day * factories.DAY
        assert (form["day"], form["from"]) == (wanted.isoformat(), "09:00")


def test_find__by_htmx__is_the_results_and_the_address(cast: Cast) -> None:
    client = signed_in(cast.booker)
    shown: Any = {
        "HTTP_HX_CURRENT_URL": f"http://testserver/find/?{urlencode(when(10))}"
    }
    asked = when(10) | {"people": "1", "kind": "", "q": "", "site": ""}
    other_time = client.get("/find/", asked | when(12), **HTMX, **shown)
    page = other_time.content.decode()
    assert "<html" not in page
    assert 'id="results"' in page
    assert 'id="asked" hx-swap-oob="true"' in page
    assert '<p id="told" class="hidden" role="status"' in page
    tidy = urlencode(when(12) | {"people": "1"})
    assert other_time["HX-Push-Url"] == f"/find/?{tidy}"
    typed = client.get("/find/", asked | {"q": "mot"}, **HTMX, **shown)
    assert "HX-Push-Url" not in typed
    assert typed["HX-Replace-Url"].endswith("&q=mot")


def test_find__wrong_by_htmx__is_told_without_taking_the_focus(cast: Cast) -> None:
    client = signed_in(cast.booker)
    part = client.get("/find/", when(10) | {"people": ""}, **HTMX)
    assert part.status_code == 400
    assert "Please check the input" in text_of(part)
    assert "autofocus" not in part.content.decode()
    assert "autofocus" in client.get("/find/?people=").content.decode()


def test_find__some_wrong__keeps_the_rest(cast: Cast) -> None:
    response = signed_in(cast.booker).get("/find/?day=x&q=motion&hours=4")
    page = response.content.decode()
    assert response.status_code == 400
    assert 'name="q" value="motion"' in page
    assert '<option value="4" selected>' in page
    assert '<details class="wishes" open>' in page


def test_find__day__is_said_in_the_pages_language(cast: Cast) -> None:
    cast.booker.language = "bg"
    cast.booker.save()
    page = text_of(signed_in(cast.booker).get("/find/?day=2026-11-23"))
    assert "понеделник, 23 ноември Днес Утре" in page


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
    # Expect 9: session, person, roles, what to choose from, what one had; what is free
    # then and that day, the days' drawings with how long approval takes; whose deputy
    # the person is.
    with django_assert_num_queries(9):
        client.get("/find/", when(10))
    for _each in range(20):
        factories.open_lab(organisation=cast.host, site=cast.lab.site)
    with django_assert_num_queries(9):
        response = client.get("/find/", when(10))
    assert "22 are free" in text_of(response)
    assert Reservation.objects.count() == 0


@pytest.mark.parametrize(
    "shown",
    ["http://[bad", "", "https://elsewhere.example/?q=1", "\x00", "%ff?%ff=%00"],
)
def test_find__by_htmx_from_a_strange_address__still_finds(
    cast: Cast, shown: str
) -> None:
    strange: Any = {"HTTP_HX_CURRENT_URL": shown}
    part = signed_in(cast.booker).get("/find/", when(10), **HTMX, **strange)
    assert part.status_code == 200
    assert "2 are free" in text_of(part)


@pytest.mark.parametrize(
    "strange",
    ["q=%00", "q=" + "x" * 101, "tag=x", "organisation=%00", "q=%25%27%22%5C_", "q=+"],
)
def test_find__strange_words__are_told_or_looked_for(cast: Cast, strange: str) -> None:
    response = signed_in(cast.booker).get(f"/find/?{strange}")
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert "Please check the input" in text_of(response)
