from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.selectors.facts import Wish
from booking.services.holds import reservation_hold
from booking.services.lifecycle import reservation_check_in
from config import clock
from labs.models import Door, Resource
from labs.services.doors import door_renew, door_set
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast


@pytest.fixture
def door(cast: Cast) -> str:
    """The address of the lab's door page."""
    return reverse("door", args=[door_renew(actor=cast.manager, slug=cast.lab.slug)])


def at(monkeypatch: pytest.MonkeyPatch, hour: int, minute: int = 0) -> None:
    """Let it be that time tomorrow."""
    then = factories.tomorrow_at(hour, minute)
    monkeypatch.setattr(clock, "now", lambda: then)


def test_door__day_of_a_lab__is_told_in_words(
    cast: Cast, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.lab, turnaround_minutes=30)
    factories.publish(cast.lab, (factories.OFFICE_HOURS[0],))
    factories.publish(cast.lab)
    mine = factories.reserve(cast.lab, cast.booker, factories.wish(10))
    factories.reserve(cast.lab, cast.booker, factories.wish(13))
    moments = [factories.tomorrow_at(*each) for each in ((9, 0), (10, 5), (11, 10))]

    def said(number: int) -> str:
        monkeypatch.setattr(clock, "now", lambda: moments[number])
        return text_of(Client().get(door))

    free = said(0)
    assert "Free until 10:00" in free
    assert "09:00" in free
    assert "10:00–11:00 reserved 13:00–14:00 reserved" in free
    assert "Times in Sofia" in free
    assert "Waiting for check-in until 11:00" in said(1)
    reservation_check_in(actor=cast.booker, reference=mine.reference)
    assert "In use until 11:00" in said(1)
    assert "Being prepared until 11:30" in said(2)


def test_door__closed__says_when_it_opens(cast: Cast, door: str) -> None:
    factories.publish(cast.lab, ())
    text = text_of(Client().get(door))
    assert "Closed" in text
    assert "Nothing in the next seven days." in text


def test_door__pool__counts_what_is_free(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = factories.open_lab(units=3, organisation=cast.host)
    url = reverse("door", args=[door_renew(actor=cast.manager, slug=pool.slug)])
    wish = factories.wish(10)
    two = Wish(wish.starts_at, wish.ends_at, quantity=2)
    factories.reserve(pool, cast.booker, two)
    at(monkeypatch, 10, 30)
    assert "1 of 3 free" in text_of(Client().get(url))


def test_door__names__only_where_the_host_shows_them(
    cast: Cast, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.reserve(cast.lab, cast.booker, factories.wish(10), purpose="Secret pilot")
    factories.reserve(cast.lab, cast.booker, factories.wish(12))
    at(monkeypatch, 10, 5)
    for client in (Client(), signed_in(cast.manager), signed_in(cast.staff)):
        assert "Startup" not in text_of(client.get(door))
    door_set(actor=cast.manager, slug=cast.lab.slug, shows_names=True)
    text = text_of(Client().get(door))
    assert "Startup · until 11:00" in text
    assert "12:00–13:00 Startup" in text
    assert "Secret pilot" not in text
    assert "Boyana" not in text


def test_door__request__names_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = door_renew(actor=cast.manager, slug=cast.studio.slug)
    door_set(actor=cast.manager, slug=cast.studio.slug, shows_names=True)
    factories.reserve(cast.studio, cast.booker, factories.wish(10))
    at(monkeypatch, 9)
    text = text_of(Client().get(reverse("door", args=[secret])))
    assert "10:00–11:00 requested" in text
    assert "Startup" not in text


def test_door__hold__is_no_request(
    cast: Cast, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish, soon = factories.wish(10), factories.tomorrow_at(9, 55)
    begun = factories.tomorrow_at(10, 1)
    monkeypatch.setattr(clock, "now", lambda: soon)
    reservation_hold(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug=cast.startup.slug,
        wish=wish,
        key="form",
    )
    said = text_of(Client().get(door))
    assert "10:00–11:00 being reserved" in said
    assert "requested" not in said
    monkeypatch.setattr(clock, "now", lambda: begun)
    said = text_of(Client().get(door))
    assert "Being reserved until 11:00" in said
    assert "Requested" not in said


def test_door__wrong_or_old_secret__404(cast: Cast, door: str) -> None:
    wrong = door.removesuffix("/")[:-1] + "/"
    assert Client().get(wrong).status_code == 404
    assert Client().get(reverse("door", args=["x" * 43])).status_code == 404
    hashed = Door.objects.get().hash
    assert Client().get(reverse("door", args=[hashed])).status_code == 404
    door_renew(actor=cast.manager, slug=cast.lab.slug)
    assert Client().get(door).status_code == 404


def test_door__answer__is_kept_nowhere_and_cheap(
    cast: Cast, door: str, django_assert_num_queries: Any
) -> None:
    factories.reserve(cast.lab, cast.booker)
    # The door, what is taken, when it is open, how many units.
    with django_assert_num_queries(4):
        response = Client().get(door)
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    html = response.content.decode()
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in html
    assert "<nav" not in html
    assert not response.cookies


def test_door__htmx__gets_the_state_alone(cast: Cast, door: str) -> None:
    part = Client().get(door, headers={"hx-request": "true"})
    assert part.content.strip().startswith(b'<div id="state"')


# Where its address is made


def page_of(resource: Resource) -> str:
    return reverse("door-page", args=[resource.slug])


def test_door_page__manager__makes_shows_once_renews_and_ends_it(cast: Cast) -> None:
    client, url = signed_in(cast.manager), page_of(cast.lab)
    assert "There is no address yet." in text_of(client.get(url))
    made = client.post(url, {"do": "renew"})
    assert "no-store" in made["Cache-Control"]
    (path,) = set(re.findall(r"/door/[\w-]{43}/", made.content.decode()))
    assert made.context["address"].endswith(path)
    assert Client().get(path).status_code == 200
    assert path not in client.get(url).content.decode()

    client.post(url, {"do": "names", "shows_names": "1"})
    assert Door.objects.get().shows_names is True
    client.post(url, {"do": "names"})
    assert Door.objects.get().shows_names is False

    client.post(url, {"do": "revoke"})
    assert Client().get(path).status_code == 404
    assert client.post(url, {"do": "names"}).status_code == 404


@pytest.mark.parametrize("who", ["booker", "colleague", "stranger"])
def test_door_page__who_does_not_manage__is_refused(
    cast: Cast, door: str, who: str
) -> None:
    client, url = signed_in(getattr(cast, who)), page_of(cast.lab)
    assert client.get(url).status_code == 403
    for do in ("renew", "names", "revoke"):
        assert client.post(url, {"do": do}).status_code == 403
    assert Client().get(door).status_code == 200
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("listing", [Resource.Listing.DRAFT, Resource.Listing.ARCHIVED])
def test_door__of_what_is_not_published__is_not_there(
    cast: Cast, door: str, listing: str
) -> None:
    assert Client().get(door).status_code == 200
    Resource.objects.filter(pk=cast.lab.pk).update(listing=listing)
    assert Client().get(door).status_code == 404
