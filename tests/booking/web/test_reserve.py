from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest

from booking.models import Reservation
from booking.models.reservation import Status
from booking.templatetags.booking import moment
from labs.models import Membership, Resource
from tests import factories
from tests.booking.web.browser import TAGS, ask_for, hidden, signed_in, text_of, when
from tests.cast import Cast

NASTY = '"><script>alert(1)</script>'


def test_reserve__form__shows_who_decides_and_what_is_free(cast: Cast) -> None:
    factories.reserve(cast.studio, cast.stranger)
    response = signed_in(cast.booker).get(f"/reserve/{cast.studio.slug}/", when(14))
    page = text_of(response)
    assert f"{cast.host.name} or hub staff; each within 72 working hours" in page
    assert "00:00–10:00, 11:00–24:00" in page
    assert "Send request" in page
    assert 'name="organisation"' not in response.content.decode()


def test_reserve__of_a_pool__asks_for_one_and_says_each_time_once(cast: Cast) -> None:
    pool = factories.open_lab(units=2, organisation=cast.host)
    factories.reserve(pool, cast.stranger, factories.wish(10))
    response = signed_in(cast.booker).get(f"/reserve/{pool.slug}/", when(14))
    assert response.context["form"]["quantity"].value() == 1
    page = text_of(response)
    assert "00:00–24:00" in page
    assert "11:00–24:00" not in page


def test_reserve__no_approval__is_approved(cast: Cast) -> None:
    response = ask_for(signed_in(cast.booker), cast.lab)
    made = Reservation.objects.get()
    assert response.headers["Location"] == f"/reservations/{made.reference}/"
    assert (made.status, made.people) == (Status.APPROVED, 2)
    assert (made.purpose, made.organisation) == ("Recording a pilot", cast.startup)


def test_reserve__lost_while_typing__keeps_input_and_offers(cast: Cast) -> None:
    client = signed_in(cast.booker)
    factories.reserve(cast.lab, cast.stranger)
    response = ask_for(client, cast.lab, purpose=NASTY, people=3)
    page, content = text_of(response), response.content.decode()
    assert response.status_code == 409
    assert "Somebody else has this time already." in page
    assert f"Somebody else has it until {at_eleven()}." in page
    assert NASTY not in content
    form = response.context["form"]
    assert (form["purpose"].value(), form["people"].value()) == (NASTY, "3")
    for group in ("The nearest time here", "Another day here", "Like it, at that time"):
        assert group in page
    why = {"nearest_time": cast.lab, "other_day": cast.lab, "same_kind": cast.studio}
    for choice in response.context["choices"]:
        assert choice["resource"] == why[choice["why"]].slug
        sent = when(10) | {"people": "3", "purpose": NASTY}
        follow = client.post(choice["url"], sent)
        assert follow.status_code == 200
        given = follow.context["form"]
        assert (given["purpose"].value(), given["people"].value()) == (NASTY, "3")
        assert NASTY not in follow.content.decode()
        assert follow.context["wish"].starts_at == choice["starts_at"]
        assert follow.context["held"].resource.slug == choice["resource"]


def at_eleven() -> str:
    """Tomorrow's eleven o'clock as a page says it."""
    zone = factories.SOFIA
    return text_of_time(moment(factories.tomorrow_at(11), zone, short=True))


def text_of_time(shown: str) -> str:
    return html.unescape(TAGS.sub("", shown)).replace("\u00a0", " ")


def test_reserve__lost_to_ones_own_organisation__says_so(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.colleague)
    response = ask_for(signed_in(cast.booker), cast.lab)
    assert response.status_code == 409
    assert f"Startup has it until {at_eleven()} : {made.reference}" in text_of(response)
    stranger = text_of(ask_for(signed_in(cast.stranger), cast.lab))
    assert "Startup" not in stranger
    assert made.reference not in stranger


def test_reserve__against_rules__lists_each(cast: Cast) -> None:
    client = signed_in(cast.booker)
    response = ask_for(client, cast.lab, people=999, hours="9.1")
    page = text_of(response)
    assert response.status_code == 422
    assert "It holds 8 people." in page
    assert "A reservation takes at most 480 minutes." in page
    assert "Starts and ends fall on every 15 minutes" in page
    assert not Reservation.objects.exists()


def test_reserve__double_click__makes_one(cast: Cast) -> None:
    client = signed_in(cast.booker)
    url = f"/reserve/{cast.lab.slug}/"
    sent = when(10) | {"people": "2", "purpose": "Pilot"}
    sent["key"] = hidden(client.get(url), "key")
    first, second = client.post(url, sent), client.post(url, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Reservation.objects.count() == 1


def test_reserve__back_and_changed__asks_once_more(cast: Cast) -> None:
    client = signed_in(cast.booker)
    url = f"/reserve/{cast.lab.slug}/"
    sent = when(10) | {"people": "2", "purpose": "Pilot"}
    sent["key"] = hidden(client.get(url), "key")
    client.post(url, sent)
    again = client.post(url, sent | when(14))
    assert again.status_code == 422
    assert "You have sent this form before" in text_of(again)
    sent["key"] = hidden(again, "key")
    assert client.post(url, sent | when(14)).status_code == 302
    assert Reservation.objects.count() == 2


def test_reserve__pool__takes_a_quantity(cast: Cast) -> None:
    pool = factories.open_lab(organisation=cast.host, site=cast.lab.site, units=4)
    client = signed_in(cast.booker)
    assert ask_for(client, pool, quantity=3).status_code == 302
    assert Reservation.objects.get().occupancy.count() == 3
    assert ask_for(client, pool, quantity=2).status_code == 409


def test_reserve__several_organisations__one_is_chosen(cast: Cast) -> None:
    other = factories.organisation(name="Second")
    Membership.objects.create(user=cast.booker, organisation=other)
    client = signed_in(cast.booker)
    assert ask_for(client, cast.lab).status_code == 400
    assert ask_for(client, cast.lab, organisation=cast.host.slug).status_code == 400
    assert ask_for(client, cast.lab, organisation=other.slug).status_code == 302
    assert Reservation.objects.get().organisation == other


def test_reserve__staff__for_anyone(cast: Cast) -> None:
    client = signed_in(cast.staff)
    asked = ask_for(client, cast.lab, organisation=cast.startup.slug)
    assert asked.status_code == 302


def test_reserve__member_of_nothing__is_told(cast: Cast) -> None:
    page = signed_in(factories.person()).get(f"/reserve/{cast.lab.slug}/")
    assert "You are not a member of any organisation yet" in text_of(page)


def test_reserve__draft_of_another__is_missing(cast: Cast) -> None:
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    url = f"/reserve/{cast.lab.slug}/"
    assert signed_in(cast.booker).get(url).status_code == 404
    assert signed_in(cast.manager).get(url).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "soon"},
        {"from": "9"},
        {"hours": "Infinity"},
        {"people": "many"},
        {"organisation": "nobody"},
        {"key": "no uuid"},
        {"purpose": "\x00"},
    ],
    ids=str,
)
def test_reserve__bad_address__is_never_a_fault(
    cast: Cast, wrong: dict[str, str]
) -> None:
    response = signed_in(cast.booker).get(f"/reserve/{cast.lab.slug}/", wrong)
    assert response.status_code == 200
    if wrong.keys() & {"day", "from", "hours"}:
        assert "Please check the input" in text_of(response)


def test_reserve__spring_night__is_refused(cast: Cast) -> None:
    spring: dict[str, Any] = {"day": "2027-03-28", "from": "03:30"}
    response = ask_for(signed_in(cast.booker), cast.lab, **spring)
    assert response.status_code == 400
    assert "this time does not exist" in text_of(response)


@pytest.mark.parametrize(
    "purpose", ["a" * 10_000, "לידה של חלל", "Шумове 👣🏽 и гласове", NASTY]
)
def test_reserve__any_purpose__is_kept(cast: Cast, purpose: str) -> None:
    client = signed_in(cast.booker)
    response = ask_for(client, cast.lab, purpose=purpose)
    if len(purpose) > 500:
        assert response.status_code == 400
        assert "at most 500 characters" in text_of(response)
        assert response.context["form"]["purpose"].value() == purpose
        assert response.context["held"].status == Status.HELD
        return
    assert response.status_code == 302
    page = client.get(response.headers["Location"]).content.decode()
    assert f"<bdi>{html.escape(purpose)}</bdi>".replace("&#x27;", "&#39;") in page


def test_reserve__turnaround__is_not_offered(cast: Cast) -> None:
    factories.set_policy(cast.lab, turnaround_minutes=30)
    factories.reserve(cast.lab, cast.stranger)
    response = signed_in(cast.booker).get(f"/reserve/{cast.lab.slug}/", when(14))
    starts = [slot.start for slot in response.context["free"]]
    assert factories.tomorrow_at(11) + dt.timedelta(minutes=30) in starts
