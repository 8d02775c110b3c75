"""The form's hold at the pages, and what goes wrong while somebody types."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.holds import HOLD
from config import clock
from labs.models import Resource
from tests import factories
from tests.booking.examples import at
from tests.booking.web.browser import hidden, signed_in, text_of, when
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish

HTMX: Any = {"HTTP_HX_REQUEST": "true"}
PURPOSE = "Запис на стъпки 👣"


def opened(client: Client, of: Resource, hour: int = 10) -> dict[str, str]:
    """Open the form; return what it would send."""
    page = client.get(f"/reserve/{of.slug}/", when(hour))
    sent = {"people": "2", "purpose": PURPOSE, "key": hidden(page, "key")}
    return when(hour) | sent


def post(client: Client, of: Resource, what: str, sent: Any) -> Any:
    return client.post(f"/reserve/{of.slug}/{what}", sent, **HTMX)


def test_get__any_number__holds_nothing(cast: Cast) -> None:
    client = signed_in(cast.booker)
    page = client.get(f"/reserve/{cast.lab.slug}/", when(10))
    assert 'hx-trigger="load' in page.content.decode()
    assert "Free at that time." in text_of(page)
    client.get(f"/reserve/{cast.lab.slug}/", when(10) | {"look": "1"})
    for what in ("hold", "release"):
        assert client.get(f"/reserve/{cast.lab.slug}/{what}/").status_code == 405
    assert not Reservation.objects.exists()


def test_hold__open_form__says_until_when_and_every_rule(cast: Cast) -> None:
    client = signed_in(cast.booker)
    factories.set_policy(cast.studio, needs_approval=True, notice_minutes=60)
    part = post(client, cast.studio, "hold/", opened(client, cast.studio))
    held = Reservation.objects.get()
    until = held.lapses_at and held.lapses_at.astimezone(factories.SOFIA)
    text = text_of(part)
    assert part.status_code == 200
    assert "<!doctype" not in part.content.decode()
    assert f"Held for you until {until:%H:%M}" in text
    assert 'data-seconds="' in part.content.decode()
    for line in (
        "1 h long: from 30 min to 8 h is allowed.",
        "Early enough: 1 h of notice is needed.",
        "Open for the whole of that time.",
        "Room for 8 people.",
        f"Who decides: {cast.host.name} or hub staff; by ",
        "Hold on to it",
    ):
        assert line in text


def test_hold__changed_form__follows_without_being_sent(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "hold/", sent)
    moved = post(client, cast.lab, "hold/", sent | when(14, 2))
    assert "14:00–16:00" in text_of(moved)
    assert Reservation.objects.get().starts_at == tomorrow_at(14)
    crowd = post(client, cast.lab, "hold/", sent | when(15) | {"people": "99"})
    assert "No: It holds 8 people." in text_of(crowd)
    assert "Held for you" not in text_of(crowd)
    wrong = post(client, cast.lab, "hold/", sent | {"day": "soon", "people": "many"})
    assert "People: Enter a whole number." in text_of(wrong)
    assert Reservation.objects.get().starts_at == tomorrow_at(14), "as it was"


def test_hold__without_a_purpose__is_held_all_the_same(cast: Cast) -> None:
    client = signed_in(cast.booker)
    post(client, cast.lab, "hold/", opened(client, cast.lab) | {"purpose": ""})
    assert Reservation.objects.get().status == Status.HELD


def test_hold__taken__says_by_whom_and_what_else(cast: Cast) -> None:
    reserve(cast.lab, cast.stranger)
    client = signed_in(cast.booker)
    page = client.get(f"/reserve/{cast.lab.slug}/", when(10))
    part = post(client, cast.lab, "hold/", opened(client, cast.lab))
    host = signed_in(cast.manager)
    for shown in (page, part):
        assert "Somebody else has it until" in text_of(shown)
        assert "The nearest time here" in text_of(shown)
        assert "Elsewhere" not in text_of(shown)
    theirs = post(host, cast.lab, "hold/", opened(host, cast.lab))
    assert "Elsewhere has it until" in text_of(theirs)
    assert not Reservation.objects.held_by(cast.booker).exists()


def test_hold__longer__once(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "hold/", sent)
    longer = post(client, cast.lab, "hold/?longer=1", sent)
    assert "Hold on to it" not in text_of(longer)
    again = post(client, cast.lab, "hold/?longer=1", sent)
    assert "It can be held on to only once." in text_of(again)
    held = Reservation.objects.get()
    assert held.lapses_at == held.created_at + 2 * HOLD


def test_hold__without_htmx__is_the_whole_page_as_it_was(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    page = client.post(f"/reserve/{cast.lab.slug}/hold/", sent)
    assert page.context["form"]["purpose"].value() == PURPOSE
    assert hidden(page, "key") == sent["key"]
    assert "Held for you until" in text_of(page)


def test_send__held__is_what_was_held(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "hold/", sent)
    held = Reservation.objects.get()
    done = post(client, cast.lab, "", sent)
    assert done.headers["HX-Redirect"] == f"/reservations/{held.reference}/"
    twice = client.post(f"/reserve/{cast.lab.slug}/", sent)
    assert twice.headers["Location"] == f"/reservations/{held.reference}/"
    held.refresh_from_db()
    assert (held.status, held.purpose) == (Status.APPROVED, PURPOSE)


def test_back__after_sending__says_that_it_was_sent(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "", sent)
    made = Reservation.objects.get()
    back = post(client, cast.lab, "hold/", sent)
    assert "You have sent this form." in text_of(back)
    assert f"/reservations/{made.reference}/" in back.content.decode()
    # Where the browser asks for the page anew, the form has another key.
    anew = text_of(client.get(f"/reserve/{cast.lab.slug}/", when(10)))
    assert "Startup has it until" in anew
    assert made.reference in anew


def test_two_tabs__of_one_form__the_newer_holds_and_both_can_send(cast: Cast) -> None:
    client = signed_in(cast.booker)
    first, second = opened(client, cast.lab), opened(client, cast.lab)
    for tab in (first, second):
        assert "Held for you" in text_of(post(client, cast.lab, "hold/", tab))
    assert Reservation.objects.get().idempotency_key == second["key"]
    assert "HX-Redirect" in post(client, cast.lab, "", first)
    lost = post(client, cast.lab, "", second)
    assert lost.status_code == 409
    assert Reservation.objects.count() == 1


def test_release__left_or_cancelled__frees_it(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    for extra, status in (({"left": "1"}, 204), ({}, 302)):
        post(client, cast.lab, "hold/", sent)
        assert Reservation.objects.exists()
        gone = client.post(f"/reserve/{cast.lab.slug}/release/", sent | extra)
        assert gone.status_code == status
        assert not Reservation.objects.exists()
    assert gone.headers["Location"].startswith("/find/?day=")


def test_release__without_the_token__is_refused(cast: Cast) -> None:
    client = signed_in(cast.booker, enforce_csrf_checks=True)
    key = {"key": "0" * 8}
    for what in ("hold", "release"):
        response = client.post(f"/reserve/{cast.lab.slug}/{what}/", key)
        assert response.status_code == 403


def test_release__of_what_was_sent__changes_nothing(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "", sent)
    client.post(f"/reserve/{cast.lab.slug}/release/", sent | {"left": "1"})
    assert Reservation.objects.get().status == Status.APPROVED


def test_signed_out__while_typing__finds_it_again(cast: Cast) -> None:
    client = signed_in(cast.booker)
    long = "Дълга цел. " * 40
    sent = opened(client, cast.lab, 14) | {"people": "3", "purpose": long}
    client.cookies.pop("sessionid")
    part = post(client, cast.lab, "hold/", sent)
    assert part.status_code == 401
    assert "You are signed out. What you typed stays" in text_of(part)
    url = f"/reserve/{cast.lab.slug}/"
    gone = client.post(url, sent)
    assert gone.headers["Location"] == f"/sign-in/?next={url}"
    by_htmx = client.post(url, sent, **HTMX)
    assert by_htmx.headers["HX-Redirect"] == f"/sign-in/?next={url}"
    person = {"login": cast.booker.email, "password": "a good long password"}
    back = client.post(gone.headers["Location"], person)
    assert back.headers["Location"] == url
    form = client.get(url).context["form"]
    names = ("day", "from", "hours", "people", "purpose")
    typed = {name: form[name].value() for name in names}
    assert typed == when(14) | {"people": "3", "purpose": long}
    other = client.get(f"/reserve/{cast.studio.slug}/").context["form"]
    assert other["purpose"].value() is None
    client.post(url, sent)
    assert client.get(url).context["form"]["purpose"].value() is None, "it was sent"


def test_signed_out__plain_visit__comes_back_to_the_same_address(cast: Cast) -> None:
    visit = Client().get(f"/reserve/{cast.lab.slug}/", {"day": "2030-01-01"})
    assert visit.status_code == 302
    assert "day%3D2030-01-01" in visit.headers["Location"]


def test_lapsed__while_typing__can_still_be_sent_while_free(cast: Cast) -> None:
    client = signed_in(cast.booker)
    sent = opened(client, cast.lab)
    post(client, cast.lab, "hold/", sent)
    with at(clock.now() + HOLD + dt.timedelta(seconds=1)):
        gone = post(client, cast.lab, "hold/?longer=1", sent)
        assert "It is not held for you any more." in text_of(gone)
        assert "HX-Redirect" in post(client, cast.lab, "", sent)


def test_member_of_nothing__holds_nothing(cast: Cast) -> None:
    client = signed_in(factories.person())
    part = post(client, cast.lab, "hold/", when(10) | {"people": "1"})
    assert part.status_code == 200
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("taken", [False, True])
def test_page__statements__are_few(
    cast: Cast, taken: bool, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.booker)
    if taken:
        reserve(cast.lab, cast.stranger, wish(10))
    with django_assert_max_num_queries(15):
        client.get(f"/reserve/{cast.lab.slug}/", when(10))
