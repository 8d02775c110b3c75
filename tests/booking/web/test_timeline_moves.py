"""What is dragged on a timeline: moved, undone, or refused with a reason."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.permissions import can_change
from config import clock
from labs.models import Resource, User
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.booking.web.timelines import day
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish


def move(client: Client, made: Reservation, start: dt.datetime, **fields: Any) -> Any:
    sent = {
        "reference": made.reference,
        "version": made.version,
        "starts_at": start.isoformat(),
        "ends_at": (start + (made.ends_at - made.starts_at)).isoformat(),
        "back": "/timeline/?view=list",
    }
    headers = {"HX-Request": "true"}
    return client.post("/timeline/move/", sent | fields, headers=headers)


def test_move__free__moves_and_offers_undo(cast: Cast, bench: Resource) -> None:
    made = reserve(bench, cast.booker, wish(10))
    client = signed_in(cast.booker)
    response = move(client, made, tomorrow_at(14))
    assert response.status_code == 200
    assert "Moved: Bench," in text_of(response)
    assert response.headers["HX-Trigger"] == '{"timeline-changed": {}}'
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(14)
    html = response.content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
    assert client.post("/timeline/move/", fields).status_code == 302
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10)
    actions = made.history.values_list("action", flat=True)
    assert list(actions).count(History.Action.MOVED) == 2


@pytest.mark.parametrize(
    ("who", "named"), [("manager", "Elsewhere has"), ("booker", "somebody else has")]
)
def test_move__taken__names_the_clash_as_far_as_one_may_know(
    cast: Cast, bench: Resource, who: str, named: str
) -> None:
    made = reserve(bench, cast.booker, wish(10))
    reserve(bench, cast.stranger, wish(14))
    response = move(signed_in(getattr(cast, who)), made, tomorrow_at(14))
    assert response.status_code == 409
    assert f"Not moved: {named} Bench 14:00–15:00." in text_of(response)
    assert "13:00–14:00" in text_of(response)
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10)


def test_move__against_the_rules__says_which(cast: Cast, bench: Resource) -> None:
    made = reserve(bench, cast.booker, wish(10))
    response = move(signed_in(cast.booker), made, tomorrow_at(20))
    assert response.status_code == 422
    assert "Not moved: This is against the rules of the resource." in text_of(response)
    assert "It is closed" in text_of(response) or "open" in text_of(response)


def test_move__old_version__is_refused(cast: Cast, bench: Resource) -> None:
    made = reserve(bench, cast.booker, wish(10))
    response = move(signed_in(cast.booker), made, tomorrow_at(14), version=9)
    assert response.status_code == 409
    assert "Somebody changed this reservation meanwhile." in text_of(response)


def test_move__of_somebody_else__is_neither_offered_nor_done(
    cast: Cast, bench: Resource
) -> None:
    made = reserve(bench, cast.colleague, wish(10))
    # A colleague may see it but is not the one who asked; a stranger may not see it.
    for who, status in ((cast.booker, 403), (cast.stranger, 404)):
        client = signed_in(who)
        assert "data-reference" not in day(client).content.decode()
        response = move(client, made, tomorrow_at(14))
        assert response.status_code == status
        assert "Not moved:" in text_of(response)
    nobody = Client().post("/timeline/move/")
    assert nobody.headers["Location"].startswith("/sign-in/")
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10)
    html = day(signed_in(cast.manager)).content.decode()
    assert f'data-reference="{made.reference}"' in html


def movable(who: User, now: dt.datetime) -> set[Reservation]:
    rows = Reservation.objects.with_movable(who, now)
    return {each for each in rows if each.is_movable}  # type: ignore[attr-defined]


def test_movable__by_anybody__is_what_the_rule_allows(
    cast: Cast, bench: Resource
) -> None:
    elsewhere = factories.open_lab(organisation=factories.organisation())
    made = [
        reserve(bench, cast.booker, wish(10)),
        reserve(bench, cast.stranger, wish(12)),
        reserve(elsewhere, cast.booker, wish(10)),
        reserve(elsewhere, cast.stranger, wish(12)),
    ]
    now = clock.now()
    people = (cast.booker, cast.colleague, cast.manager, cast.staff, cast.stranger)
    for who in people:
        allowed = {each for each in made if can_change(who, each)}
        assert movable(who, now) == allowed, who.name
        assert not movable(who, tomorrow_at(23))
    made[0].status = Status.IN_USE
    made[0].save()
    assert made[0] not in movable(cast.staff, now)


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_at": "2027-03-01T10:00"},
        {"ends_at": "0001-01-01T00:00+14:00"},
        {"version": "x"},
        {"reference": ""},
    ],
)
def test_move__bad_input__is_refused(
    cast: Cast, bench: Resource, fields: dict[str, str]
) -> None:
    made = reserve(bench, cast.booker, wish(10))
    response = move(signed_in(cast.booker), made, tomorrow_at(14), **fields)
    assert response.status_code == 400


def test_move__without_htmx__goes_back_but_never_elsewhere(
    cast: Cast, bench: Resource
) -> None:
    made = reserve(bench, cast.booker, wish(10))
    client = signed_in(cast.booker)
    sent = {"reference": made.reference, "version": 9}
    sent |= dict.fromkeys(("starts_at", "ends_at"), tomorrow_at(14).isoformat())
    back = "/timeline/?kind=premises"
    response = client.post("/timeline/move/", sent | {"back": back})
    assert response.headers["Location"] == back
    for bad in ("https://elsewhere.example/", "//elsewhere.example", ""):
        response = client.post("/timeline/move/", sent | {"back": bad})
        assert response.headers["Location"] == "/timeline/"
    assert "Not moved:" in text_of(client.get("/timeline/"))


def test_move__guest_of_what_needs_approval__waits_again(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker, wish(10))
    Reservation.objects.filter(pk=made.pk).update(
        status=Status.APPROVED, lapses_at=None
    )
    made.refresh_from_db()
    response = move(signed_in(cast.booker), made, tomorrow_at(14))
    assert "It waits for approval again." in text_of(response)


def test_move__back_that_is_no_address__goes_to_the_timeline(
    cast: Cast, bench: Resource
) -> None:
    made = reserve(bench, cast.booker, wish(10))
    client = signed_in(cast.booker)
    sent = {"reference": made.reference, "back": "nowhere"}
    response = client.post("/timeline/move/", sent)
    assert (response.status_code, response["Location"]) == (302, "/timeline/")


@pytest.mark.parametrize("hour", [9, 10])
def test_move__end_not_after_the_start__is_refused(
    cast: Cast, bench: Resource, hour: int
) -> None:
    made = reserve(bench, cast.booker, wish(14))
    end = tomorrow_at(hour).isoformat()
    response = move(signed_in(cast.booker), made, tomorrow_at(10), ends_at=end)
    assert response.status_code == 400
    before = made.starts_at
    made.refresh_from_db()
    assert made.starts_at == before
