"""Offers, the waiting list and the board of who wants one time, as pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from booking.models import Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.services.offers import reservation_counter
from booking.web.links import when_values
from labs.models import User
from tests import factories
from tests.booking.test_contests import wants
from tests.cast import Cast
from tests.factories import SOFIA, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def when(hour: int, hours: int = 1) -> dict[str, str]:
    wanted = wish(hour, hours)
    return when_values(wanted.starts_at, wanted.ends_at, SOFIA)


@pytest.fixture
def rival(cast: Cast) -> User:
    return factories.person(factories.organisation(name="Rivals"), name="Rosen Rival")


def test_counter__decider_offers_and_guest_accepts(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    url = f"/reservations/{made.reference}/"
    assert "Offer another time" in text(as_(cast.manager).get(url))
    assert "Offer another time" not in text(as_(cast.booker).get(url))
    given = {**when(14), "resource": cast.lab.slug, "reason": "Busy", "version": 1}
    answer = as_(cast.manager).post(f"{url}counter/", given)
    assert answer.status_code == 302
    guest = text(as_(cast.booker).get(url))
    assert "Another offer" in guest
    assert "Hristo Host offers it." in guest
    assert f'action="{url}accept/"' in guest
    host = text(as_(cast.manager).get(url))
    assert "They have not answered yet." in host
    assert f'action="{url}accept/"' not in host
    assert as_(cast.booker).post(f"{url}accept/", {"version": 2}).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.resource) == (Status.APPROVED, cast.lab)


def test_counter__taken__keeps_what_was_typed_and_says_why(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reserve(cast.studio, cast.stranger, wish(14))
    given = {
        **when(14),
        "resource": cast.studio.slug,
        "reason": "The band",
        "version": 1,
    }
    url = f"/reservations/{made.reference}/counter/"
    answer = as_(cast.manager).post(url, given)
    assert answer.status_code == 409
    assert "The band" in text(answer)


def test_pass__request_goes_on(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    wanted = wish(14)
    reservation_counter(
        actor=cast.manager,
        reference=made.reference,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    url = f"/reservations/{made.reference}/"
    assert as_(cast.booker).post(f"{url}pass/", {"version": 2}).status_code == 302
    again = as_(cast.booker).post(f"{url}pass/", {"version": 9})
    assert again.status_code == 409
    assert "Another offer" not in text(as_(cast.booker).get(url)).split("History")[0]


def test_reserve__taken__leads_to_the_waiting_list_with_all_that_was_typed(
    cast: Cast,
) -> None:
    reserve(cast.lab, cast.stranger, wish(10, 2))
    guest = as_(cast.booker)
    page = guest.post(f"/reserve/{cast.lab.slug}/hold/", {**when(10), "people": "2"})
    assert f"/waiting/join/{cast.lab.slug}/?look=1" in text(page)
    typed = {**when(10), "people": "2", "purpose": "A pilot", "key": "x"}
    form = guest.post(f"/waiting/join/{cast.lab.slug}/?look=1", typed)
    assert 'value="A pilot"' in text(form)
    assert '<option value="11:00" selected>' in text(form)
    assert not WaitingEntry.objects.exists()


def given(**fields: str) -> dict[str, str]:
    """From ten until noon, any hour of it."""
    first, last = when(10), when(12)
    window = {"until_day": last["day"], "until": last["from"]}
    return {**first, **window, "people": "2", "purpose": "A pilot", **fields}


def test_join__taken__is_in_line_and_may_leave(cast: Cast, rival: User) -> None:
    reserve(cast.lab, cast.stranger, wish(10, 2))
    guest, url = as_(cast.booker), f"/waiting/join/{cast.lab.slug}/"
    assert guest.get(url).status_code == 200
    assert guest.post(url, given())["Location"] == "/waiting/"
    as_(rival).post(url, given())
    assert "First in line" in text(guest.get("/waiting/"))
    assert "Number 2 in line" in text(as_(rival).get("/waiting/"))
    seen = text(as_(cast.manager).get("/waiting/?of=resources"))
    assert "Rosen Rival" in seen
    assert "Rosen Rival" not in text(guest.get("/waiting/?of=resources"))
    again = guest.post(url, given())
    assert again.status_code == 409
    assert "You are waiting for that already." in text(again)
    entry = WaitingEntry.objects.get(person=cast.booker)
    leave = f"/waiting/{entry.reference}/leave/"
    assert as_(cast.stranger).post(leave).status_code == 404
    assert guest.post(leave).status_code == 302
    entry.refresh_from_db()
    assert entry.status == "left"
    assert guest.post(leave).status_code == 302


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"purpose": ""}, 400),
        ({"until": ""}, 400),
        ({"until": "09:00"}, 400),
        ({"until_day": "soon"}, 400),
        ({"people": "99"}, 422),
        ({"hours": "99999"}, 400),
    ],
)
def test_join__bad_input__is_kept_and_explained(
    cast: Cast, fields: dict[str, str], status: int
) -> None:
    url = f"/waiting/join/{cast.lab.slug}/"
    answer = as_(cast.booker).post(url, given(**fields))
    assert answer.status_code == status
    assert not WaitingEntry.objects.exists()


def test_join__free__leads_to_what_is_held(cast: Cast) -> None:
    guest, url = as_(cast.booker), f"/waiting/join/{cast.lab.slug}/"
    offer_url = guest.post(url, given())["Location"]
    page = text(guest.get(offer_url))
    assert "It is your turn" in page
    assert "Accept or pass" in text(guest.get("/waiting/"))
    assert "accept it or pass." in text(guest.get("/reservations/"))
    held = Reservation.objects.get(status=Status.HELD)
    done = guest.post(f"{offer_url}accept/", {"version": held.version})
    assert done.status_code == 302
    held.refresh_from_db()
    assert held.status == Status.APPROVED


def test_join__signed_out_or_unseen__is_refused(cast: Cast) -> None:
    url = f"/waiting/join/{cast.lab.slug}/"
    assert Client().get(url).status_code == 302
    assert as_(cast.booker).get("/waiting/join/no-such/").status_code == 404


def test_find__taken__leads_to_the_waiting_list(cast: Cast) -> None:
    reserve(cast.lab, cast.stranger, wish(10, 2))
    query = {**when(10), "people": "1"}
    assert f"/waiting/join/{cast.lab.slug}/?" in text(
        as_(cast.booker).get("/find/", query)
    )


@pytest.fixture
def contested(cast: Cast, rival: User) -> Reservation:
    made = reserve(cast.studio, cast.booker, wish(10, 2))
    wants(cast, rival)
    return made


def board(made: Reservation) -> str:
    return f"/approvals/{made.reference}/contest/"


def test_board__from_the_queue__shows_who_wants_it(
    cast: Cast, contested: Reservation
) -> None:
    queue = text(as_(cast.manager).get("/approvals/"))
    assert board(contested) in queue
    assert "2 want this time" in queue
    page = text(as_(cast.manager).get(board(contested)))
    assert "Rivals" in page
    assert "on your resources" in page
    assert "of what is theirs" not in page
    assert "of what is theirs" in text(as_(cast.staff).get(board(contested)))
    assert as_(cast.booker).get(board(contested)).status_code == 403
    assert as_(cast.stranger).get(board(contested)).status_code == 404


def test_board__approve__offers_the_ticked(cast: Cast, contested: Reservation) -> None:
    entry = WaitingEntry.objects.get()
    sent = {"do": "approve", "version": 1, "offer": [entry.reference]}
    answer = as_(cast.manager).post(board(contested), sent, follow=True)
    assert "Rivals: offered Motion lab" in text(answer)
    contested.refresh_from_db()
    assert contested.status == Status.APPROVED
    assert entry.offers.get().resource == cast.lab


def test_board__swap__needs_a_reason_then_offers_it(
    cast: Cast, contested: Reservation
) -> None:
    entry = WaitingEntry.objects.get()
    sent = {"do": "swap", "version": 1, "entry": entry.reference, "reason": ""}
    refused = as_(cast.manager).post(board(contested), sent)
    assert refused.status_code == 400
    sent["reason"] = "They have had none yet"
    assert as_(cast.manager).post(board(contested), sent).status_code == 302
    assert entry.offers.get().starts_at == contested.starts_at
    late = as_(cast.staff).post(board(contested), sent)
    assert late.status_code == 409
    assert "Declined" in text(late)


def test_board__statements__do_not_grow_with_rows(
    cast: Cast, contested: Reservation, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        wants(cast, factories.person(factories.organisation(name=f"Team {n}")))
    client = as_(cast.manager)
    with django_assert_max_num_queries(15):
        page = client.get(board(contested))
    assert "Team 4" in text(page)
