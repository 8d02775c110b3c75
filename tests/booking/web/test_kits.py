from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from booking.models import Kit, Reservation
from booking.models.reservation import Status
from labs.models import Resource
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, text_of, when
from tests.cast import Cast
from tests.factories import reserve, wish


@pytest.fixture
def pool(cast: Cast) -> Resource:
    return factories.open_lab(units=5, name="Sensors")


def send(client: Client, *resources: Resource, **given: Any) -> Any:
    data = {
        "part": [each.slug for each in resources],
        "people": 2,
        "purpose": "A pilot",
        "send": "1",
        **when(14),
        **given,
    }
    return client.post("/kits/new/", data)


def test_add__from_the_form_of_one__keeps_what_was_typed(
    cast: Cast, pool: Resource
) -> None:
    client = signed_in(cast.booker)
    typed = {"purpose": "A pilot", "people": "2", "quantity": "3", **when(14)}
    answer = client.post(f"/kits/new/?part={pool.slug}", typed)
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"])
    assert page.context["form"]["purpose"].value() == "A pilot"
    assert page.context["parts"][0]["quantity"] == 3
    assert page.context["parts"][0]["is_free"]
    assert not page.context["can_send"]


def test_search__finds_what_is_not_in_it_yet__and_adds_it(
    cast: Cast, pool: Resource
) -> None:
    client = signed_in(cast.booker)
    page = client.get("/kits/new/", {"part": pool.slug, "q": "lab"})
    assert [each.name for each in page.context["found"]] == ["Motion lab"]
    data = {"part": pool.slug, "q": "lab", "add": cast.lab.slug, **when(14)}
    answer = client.post("/kits/new/", data)
    page = client.get(answer.headers["Location"])
    names = [part["resource"].name for part in page.context["parts"]]
    assert names == ["Sensors", "Motion lab"]
    drop = {"part": [pool.slug, cast.lab.slug], "drop": pool.slug, **when(14)}
    page = client.get(client.post("/kits/new/", drop).headers["Location"])
    assert len(page.context["parts"]) == 1


def test_send__three__shows_the_kit(cast: Cast, pool: Resource) -> None:
    client = signed_in(cast.booker)
    quantity = {f"quantity-{pool.slug}": 4}
    answer = send(client, cast.lab, cast.studio, pool, **quantity)
    kit = Kit.objects.get()
    assert answer.headers["Location"] == f"/kits/{kit.reference}/"
    assert kit.parts.get(resource=pool).quantity == 4
    page = text_of(client.get(f"/kits/{kit.reference}/"))
    assert "Request for 3 resources" in page
    assert f"{cast.host.name} or hub staff decide by" in page
    mine = text_of(client.get("/reservations/"))
    assert mine.count("Part of a request for 3 resources") == 3
    queue = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "Part of a request for 3 resources" in queue
    calendar = client.get(f"/kits/{kit.reference}/calendar.ics").content
    assert calendar.count(b"BEGIN:VEVENT") == 3


def test_send__one_is_taken__says_which_and_when_all_are_free(
    cast: Cast, pool: Resource
) -> None:
    reserve(cast.lab, cast.stranger, wish(14))
    client = signed_in(cast.booker)
    answer = send(client, cast.lab, pool)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Motion lab: Somebody else has this time already." in page
    assert answer.context["form"]["purpose"].value() == "A pilot"
    (first, *_more) = answer.context["choices"]
    again = client.get(first["url"])
    assert all(part["is_free"] for part in again.context["parts"])
    assert not Kit.objects.exists()


def test_look__against_a_rule__says_which_before_it_is_sent(
    cast: Cast, pool: Resource
) -> None:
    factories.set_policy(pool, max_duration_minutes=30)
    given = {"part": [cast.lab.slug, pool.slug], **when(14)}
    page = signed_in(cast.booker).get("/kits/new/", given)
    lab, sensors = page.context["parts"]
    assert (lab["is_free"], lab["broken"]) == (True, [])
    assert [each.code for each in sensors["broken"]] == ["too_long"]
    assert str(sensors["broken"][0].detail) in text_of(page)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"purpose": ""}, 400),
        ({"people": "x"}, 400),
        ({"day": "x"}, 400),
        ({"part": "no-such"}, 404),
        ({"part": []}, 404),
        ({"for": "nobody@example.com"}, 302),
    ],
)
def test_send__mistaken__is_a_clear_answer(
    cast: Cast, pool: Resource, given: dict[str, Any], status: int
) -> None:
    assert send(signed_in(cast.booker), cast.lab, pool, **given).status_code == status
    assert Kit.objects.exists() == (status == 302)


def test_send__twice__makes_one(cast: Cast, pool: Resource) -> None:
    client = signed_in(cast.booker)
    key = {"key": "0b9d2a46-5d0c-4f29-9c5c-1f1f8f0f8f10"}
    answers = [send(client, cast.lab, pool, **key) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Kit.objects.count() == 1
    again = send(client, cast.lab, pool, **key, purpose="Other")
    assert again.status_code == 422


def test_act__move_and_cancel__the_whole(cast: Cast, pool: Resource) -> None:
    client = signed_in(cast.booker)
    send(client, cast.lab, pool)
    url = f"/kits/{Kit.objects.get().reference}/"
    assert client.post(f"{url}move/", when(16)).status_code == 302
    assert Reservation.objects.filter(starts_at=wish(16).starts_at).count() == 2
    reserve(cast.lab, cast.stranger, wish(18))
    assert client.post(f"{url}move/", when(18)).status_code == 409
    assert client.post(f"{url}burn/").status_code == 404
    host = signed_in(cast.manager)
    assert "1 more is decided by another host." in text_of(host.get(url))
    assert "Cancel all of it" not in text_of(host.get(url))
    assert host.post(f"{url}cancel/", {"reason": "x"}).status_code == 403
    assert signed_in(cast.stranger).get(url).status_code == 404
    assert client.post(f"{url}cancel/", {}).status_code == 302
    assert set(Reservation.objects.filter(kit__isnull=False).values_list("status")) == {
        (Status.CANCELLED,)
    }


def test_reserve__for_a_colleague__is_theirs(cast: Cast) -> None:
    client = signed_in(cast.colleague)
    answer = ask_for(client, cast.lab, 10, **{"for": cast.booker.email})
    made = Reservation.objects.get()
    assert answer.status_code == 302
    assert (made.requested_by, made.sent_by) == (cast.booker, cast.colleague)
    page = text_of(client.get(f"/reservations/{made.reference}/"))
    assert f"by {cast.colleague.name} for Boyana Booker" in page
    booker = signed_in(cast.booker).get(f"/reserve/{cast.lab.slug}/")
    assert "for" not in booker.context["form"].fields


def test_hand_over__to_a_colleague__is_offered_and_done(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    client = signed_in(cast.booker)
    url = f"/reservations/{made.reference}/"
    assert "Hand over" in text_of(client.get(url))
    assert "Hand over" not in text_of(signed_in(cast.manager).get(url))
    wrong = {"version": 1, "to": cast.stranger.email}
    assert client.post(f"{url}hand-over/", wrong).status_code == 400
    given = {"version": 1, "to": cast.colleague.email}
    assert client.post(f"{url}hand-over/", given).status_code == 302
    made.refresh_from_db()
    assert made.requested_by == cast.colleague
    page = text_of(client.get(url))
    assert f"From Boyana Booker to {cast.colleague.name}" in page
