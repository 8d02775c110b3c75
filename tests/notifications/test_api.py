from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Reservation
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.selectors import messages_figures
from tests import factories
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import approved, deliver, many, plan

URL = "/api/v1/messages/"


@pytest.fixture
def reservation(cast: Cast) -> Reservation:
    """Approved, and everything planned."""
    reservation = approved(cast)
    plan()
    return reservation


def listed(cast: Cast, by: User, **query: str) -> list[dict[str, Any]]:
    response = cast.api(by).get(URL, query)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def test_list__guest__sees_what_own_people_get(
    cast: Cast, reservation: Reservation
) -> None:
    expected = {
        (Kind.APPROVED, cast.booker.email),
        (Kind.REMINDER, cast.booker.email),
    }
    for member in (cast.booker, cast.colleague):
        assert {(row["kind"], row["to"]) for row in listed(cast, member)} == expected


def test_list__host__sees_what_its_managers_get(
    cast: Cast, reservation: Reservation
) -> None:
    rows = listed(cast, cast.manager)

    assert {(row["kind"], row["to"]) for row in rows} == {
        (Kind.REQUESTED, cast.manager.email)
    }


def test_list__staff__sees_all(cast: Cast, reservation: Reservation) -> None:
    assert len(listed(cast, cast.staff)) == Message.objects.count()


def test_list__stranger__sees_nothing(cast: Cast, reservation: Reservation) -> None:
    assert listed(cast, cast.stranger) == []


def test_list__nobody__is_asked_to_sign_in(cast: Cast) -> None:
    assert cast.api(None).get(URL).status_code == 401


def test_list__own_message_about_what_is_no_longer_ones_own__is_seen(
    cast: Cast, reservation: Reservation
) -> None:
    """What was sent to me I may read again."""
    factories.person(cast.host, "manager")
    cast.manager.memberships.all().delete()

    assert {row["kind"] for row in listed(cast, cast.manager)} == {Kind.REQUESTED}


def test_list__host_manager_who_left__sees_no_other_managers(
    cast: Cast, reservation: Reservation
) -> None:
    fellow = factories.person(cast.host, "manager")
    assert len(listed(cast, fellow)) == 1
    fellow = User.objects.get(pk=fellow.pk)
    fellow.memberships.all().delete()

    assert listed(cast, fellow) == []


def test_list__both_sides_know_me__still_sees_only_own_sides(
    cast: Cast, reservation: Reservation
) -> None:
    """Sharing an organisation with the addressee is not enough: it must be the side."""
    between = factories.person(cast.startup)
    between.memberships.create(organisation=cast.host, role="booker")
    assert {row["to"] for row in listed(cast, between)} == {cast.booker.email}

    third = factories.organisation()
    cast.booker.memberships.create(organisation=third)
    host = factories.person(cast.host, "manager")
    host.memberships.create(organisation=third)
    assert {row["to"] for row in listed(cast, host)} == {cast.manager.email}


def test_list__shape(
    cast: Cast, reservation: Reservation, inbox: Inbox, time: Clock
) -> None:
    deliver()

    rows = listed(cast, cast.booker)

    assert [row["kind"] for row in rows] == ["reminder", "reminder", "approved"]
    message = Message.objects.get(kind=Kind.APPROVED)
    row = rows[-1]
    assert row.pop("body") == message.body
    assert row.pop("subject").startswith("Approved: Sound studio")
    assert row.pop("due_at").endswith("Z")
    assert row.pop("sent_at").endswith("Z")
    assert row == {
        "id": message.pk,
        "kind": "approved",
        "channel": "email",
        "to": cast.booker.email,
        "reservation": reservation.reference,
        "state": "sent",
        "attempts": 1,
    }


def test_list__filters(cast: Cast, reservation: Reservation) -> None:
    other = factories.reserve(cast.lab, cast.booker)
    plan()

    rows = listed(cast, cast.booker, reservation=other.reference, state="planned")

    assert {row["reservation"] for row in rows} == {other.reference}
    assert listed(cast, cast.booker, state="sent") == []
    assert listed(cast, cast.booker, reservation="NOSUCHTH") == []


@pytest.mark.parametrize(
    ("name", "value"), [("state", "asleep"), ("reservation", "\0"), ("sate", "sent")]
)
def test_list__unknown_filter__400(cast: Cast, name: str, value: str) -> None:
    response = cast.api(cast.booker).get(URL, {name: value})

    assert response.status_code == 400
    assert name in response.json()["fields"]


def test_detail__own_200_anothers_404(cast: Cast, reservation: Reservation) -> None:
    message = Message.objects.get(kind=Kind.APPROVED)

    assert cast.api(cast.booker).get(f"{URL}{message.pk}/").status_code == 200
    for other in (cast.stranger, cast.manager):
        assert cast.api(other).get(f"{URL}{message.pk}/").status_code == 404
    for unknown in ("0", "x", "9" * 40):
        assert cast.api(cast.staff).get(f"{URL}{unknown}/").status_code == 404


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_write__405(cast: Cast, reservation: Reservation, verb: str) -> None:
    message = Message.objects.get(kind=Kind.APPROVED)
    url = URL if verb == "post" else f"{URL}{message.pk}/"

    assert getattr(cast.api(cast.staff), verb)(url, {}).status_code == 405


def test_list__statements__as_many_for_1_as_for_50(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hour, number in [(10, 1), (12, 50)]:
        Message.objects.all().delete()
        many(cast, number, hour)
        client = cast.api(User.objects.get(pk=cast.booker.pk))
        # Roles / people of the same organisations / count / page
        with django_assert_num_queries(4):
            client.get(URL)


def test_figures__by_state_and_how_late(
    cast: Cast,
    time: Clock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert messages_figures().oldest_due_seconds == 0
    many(cast, 3)
    time.forward(seconds=90)

    with django_assert_num_queries(1):
        figures = messages_figures()

    assert set(figures.by_state) == set(State)
    assert figures.by_state[State.SENT] == 0
    assert figures.by_state[State.PLANNED] == 3
    assert figures.oldest_due_seconds == pytest.approx(90, abs=5)
