"""At the door with a phone: what the code on its screen opens."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.services.door_codes import door_code
from booking.services.no_shows import reservations_miss_absent
from config import clock
from labs.models import Door
from labs.services.doors import door_renew
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast

Here = Callable[[float], str]


@pytest.fixture
def here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Here:
    """The address that the lab's door shows so many minutes after ten."""
    door_renew(actor=cast.manager, slug=cast.lab.slug)
    ten = factories.tomorrow_at(10)

    def go(minutes: float) -> str:
        then = ten + dt.timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda: then)
        door = Door.objects.get(resource=cast.lab)
        return reverse("door-here", args=[door_code(door, then)])

    return go


@pytest.fixture
def made(cast: Cast) -> Reservation:
    return factories.reserve(cast.lab, cast.booker)


def press(client: Client, url: str, made: Reservation, do: str) -> Any:
    made.refresh_from_db()
    sent = {"reference": made.reference, "version": made.version, "do": do}
    return client.post(url, sent)


def test_here__guest__checks_in_and_out_with_one_click_each(
    cast: Cast, here: Here, made: Reservation
) -> None:
    client, url = signed_in(cast.booker), here(0)
    page = text_of(client.get(url))
    assert "Check in" in page
    assert "Check out" not in page
    made.refresh_from_db()
    assert made.status == Status.APPROVED
    assert press(client, url, made, "check-in").status_code == 302
    made.refresh_from_db()
    assert made.status == Status.IN_USE
    last = made.history.last()
    assert last is not None
    assert last.changes == {"door": [None, cast.lab.slug]}
    url = here(20)
    assert "Check out" in text_of(client.get(url))
    assert press(client, url, made, "check-out").status_code == 302
    made.refresh_from_db()
    assert (made.status, made.free_at) == (Status.COMPLETED, clock.now())


def test_here__twice_the_same_click__is_done_once(
    cast: Cast, here: Here, made: Reservation
) -> None:
    client, url = signed_in(cast.booker), here(0)
    sent = {"reference": made.reference, "version": made.version, "do": "check-in"}
    assert [client.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert made.history.filter(action=History.Action.CHECKED_IN).count() == 1


def test_here__signed_out__signs_in_first(here: Here, made: Reservation) -> None:
    url = here(0)
    for answer in (Client().get(url), press(Client(), url, made, "check-in")):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/") or (
            "next=" in answer["Location"]
        )
    made.refresh_from_db()
    assert made.status == Status.APPROVED


def test_here__stranger__is_told_and_cannot(
    cast: Cast, here: Here, made: Reservation
) -> None:
    client, url = signed_in(cast.stranger), here(0)
    page = text_of(client.get(url))
    assert "You have no reservation here now" in page
    assert made.reference not in page
    assert "Startup" not in page
    assert press(client, url, made, "check-in").status_code == 404
    made.refresh_from_db()
    assert made.status == Status.APPROVED


def test_here__colleague__is_told_who_can(
    cast: Cast, here: Here, made: Reservation
) -> None:
    client, url = signed_in(factories.person(cast.startup)), here(0)
    page = text_of(client.get(url))
    assert "Boyana Booker or a manager of your organisation can check in here" in page
    assert press(client, url, made, "check-in").status_code == 403
    assert press(signed_in(cast.colleague), url, made, "check-in").status_code == 302


@pytest.mark.parametrize("minutes", [10, 24 * 60])
def test_here__code_of_before__says_so(
    cast: Cast, here: Here, made: Reservation, minutes: int
) -> None:
    old = here(0)
    here(minutes)
    client = signed_in(cast.booker)
    for answer in (client.get(old), press(client, old, made, "check-in")):
        assert answer.status_code == 422
        assert "This code is from earlier" in text_of(answer)
    made.refresh_from_db()
    assert made.status == Status.APPROVED


def test_here__code_needed__is_here_and_not_on_the_reservations_page(
    cast: Cast, here: Here, made: Reservation
) -> None:
    factories.set_policy(cast.lab, check_in_needs_code=True, no_show_after_minutes=15)
    client, url = signed_in(cast.booker), here(0)
    page = client.get(f"/reservations/{made.reference}/")
    assert f"/reservations/{made.reference}/check-in/" not in page.content.decode()
    assert "scan the code on the screen beside the door" in text_of(page)
    assert "Who has not checked in loses it:" in text_of(page)
    assert press(client, url, made, "check-in").status_code == 302
    made.refresh_from_db()
    assert made.status == Status.IN_USE


def test_here__nobody_in__offers_half_an_hour_that_can_be_had(
    cast: Cast, here: Here
) -> None:
    next_one = factories.wish(11)
    client, url = signed_in(cast.booker), here(7)
    html = client.get(url).content.decode()
    (href,) = re.findall(r'href="(/reserve/[^"]+)"', html)
    form = client.get(href.replace("&amp;", "&"))
    assert form.status_code == 200
    assert "10:15" in text_of(form)
    factories.reserve(cast.lab, cast.stranger, next_one)
    assert "Book 30 minutes now" in text_of(client.get(here(25)))
    assert "Book 30 minutes now" not in text_of(client.get(here(31)))


def test_door__screen__shows_the_code_of_now(
    cast: Cast, made: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = door_renew(actor=cast.manager, slug=cast.lab.slug)
    url, codes, nine = reverse("door", args=[secret]), [], factories.tomorrow_at(9)
    for minutes in (0, 4, 5):
        then = nine + dt.timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda then=then: then)
        codes.append(Client().get(url).context["qr"].path)
    assert codes[0] == codes[1] != codes[2]
    assert "Book 30 minutes now" in text_of(Client().get(url))


def test_reservation__no_show__host_puts_it_right(
    cast: Cast, here: Here, made: Reservation
) -> None:
    factories.set_policy(cast.lab, no_show_after_minutes=15)
    here(16)
    reservations_miss_absent()
    url = f"/reservations/{made.reference}/"
    for person, can in ((cast.booker, False), (cast.manager, True)):
        shown = text_of(signed_in(person).get(url))
        assert ("They were there" in shown) == can
    made.refresh_from_db()
    sent = {"version": made.version}
    assert signed_in(cast.manager).post(f"{url}was-there/", sent).status_code == 302
    made.refresh_from_db()
    assert made.status == Status.IN_USE
