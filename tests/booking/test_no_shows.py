from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from booking.exceptions import NeedsCode, SlotTaken, StaleCode, WrongStatus
from booking.models import Occupancy, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.door_codes import door_code
from booking.services.lifecycle import (
    reservation_check_in,
    reservation_check_out,
    reservations_complete_ended,
)
from booking.services.no_shows import (
    reservation_miss,
    reservation_was_there,
    reservations_miss_absent,
)
from config import clock
from config.errors import Forbidden, Missing
from labs.models import Door, Resource
from labs.services.doors import door_renew
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.factories import HOUR

MINUTE = dt.timedelta(minutes=1)
#: Minutes from ten o'clock, when what is reserved here begins.
At = Callable[[float], dt.datetime]


@pytest.fixture
def at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> At:
    ten = factories.tomorrow_at(10)

    def go(minutes: float) -> dt.datetime:
        then = ten + minutes * MINUTE
        monkeypatch.setattr(clock, "now", lambda: then)
        return then

    factories.set_policy(cast.lab, no_show_after_minutes=15)
    return go


@pytest.fixture
def made(cast: Cast, at: At) -> Reservation:
    return factories.reserve(cast.lab, cast.booker)


def now_is(made: Reservation) -> str:
    made.refresh_from_db()
    return made.status


def door_of(lab: Resource, cast: Cast) -> Door:
    door_renew(actor=cast.manager, slug=lab.slug)
    return Door.objects.select_related("resource").get(resource=lab)


def test_absent__after_so_many_minutes__frees_the_rest(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(14.9)
    assert reservations_miss_absent() == 0
    assert now_is(made) == Status.APPROVED
    at(15)
    assert reservations_miss_absent() == 1
    assert reservations_miss_absent() == 0
    assert now_is(made) == Status.NO_SHOW
    last = made.history.last()
    assert last is not None
    assert (last.action, last.actor, last.from_status) == ("missed", None, "approved")
    assert not Occupancy.objects.filter(reservation=made).exists()
    start = at(15)
    wish = Wish(start, made.ends_at)
    assert factories.reserve(cast.lab, cast.stranger, wish).status == Status.APPROVED
    assert_all_is_well()


def test_absent__checked_in_or_never__is_no_no_show(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(14.9)
    reservation_check_in(actor=cast.booker, reference=made.reference)
    patient = factories.open_lab(organisation=cast.host)
    other = factories.reserve(
        patient, cast.booker, Wish(made.starts_at + HOUR, made.ends_at + HOUR)
    )
    pending = factories.reserve(cast.studio, cast.booker)
    factories.set_policy(cast.studio, needs_approval=True, no_show_after_minutes=5)
    at(600)
    assert reservations_miss_absent() == 0
    assert now_is(pending) == Status.PENDING
    assert reservations_complete_ended() == 2
    assert (now_is(made), now_is(other)) == (Status.COMPLETED, Status.COMPLETED)


def test_absent__until_the_task_ran__may_still_check_in(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(20)
    reservation_check_in(actor=cast.booker, reference=made.reference)
    assert reservations_miss_absent() == 0
    assert now_is(made) == Status.IN_USE


def test_absent__shorter_than_the_wait__is_missed_at_its_end_never_completed(
    cast: Cast, made: Reservation, at: At
) -> None:
    factories.set_policy(cast.lab, no_show_after_minutes=90)
    at(59)
    assert reservations_miss_absent() == 0
    at(60)
    assert reservations_complete_ended() == 0
    assert reservations_miss_absent() == 1


def test_check_in__missed__is_too_late(cast: Cast, made: Reservation, at: At) -> None:
    at(16)
    reservations_miss_absent()
    with pytest.raises(WrongStatus):
        reservation_check_in(actor=cast.booker, reference=made.reference)


def test_miss__by_hand__for_the_host_and_the_hub_once_it_began(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(-1)
    with pytest.raises(WrongStatus, match="not begun"):
        reservation_miss(actor=cast.manager, reference=made.reference)
    at(1)
    for person, refusal in (
        (cast.booker, Forbidden),
        (cast.colleague, Forbidden),
        (cast.stranger, Missing),
    ):
        for service in (reservation_miss, reservation_was_there):
            with pytest.raises(refusal):
                service(actor=person, reference=made.reference)
    reservation_miss(actor=cast.manager, reference=made.reference)
    assert now_is(made) == Status.NO_SHOW
    assert_all_is_well()


def test_miss__over__only_where_nobody_had_checked_in(
    cast: Cast, made: Reservation, at: At
) -> None:
    factories.set_policy(cast.lab, no_show_after_minutes=0)
    later = Wish(made.ends_at, made.ends_at + HOUR)
    came = factories.reserve(cast.lab, cast.booker, later)
    at(61)
    reservation_check_in(actor=cast.booker, reference=came.reference)
    at(300)
    assert reservations_complete_ended() == 2
    reservation_miss(actor=cast.staff, reference=made.reference)
    assert now_is(made) == Status.NO_SHOW
    with pytest.raises(WrongStatus, match="checked in"):
        reservation_miss(actor=cast.staff, reference=came.reference)


def test_was_there__time_still_free__is_theirs_again(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(16)
    reservations_miss_absent()
    reservation_was_there(actor=cast.manager, reference=made.reference)
    assert now_is(made) == Status.IN_USE
    assert Occupancy.objects.filter(reservation=made).count() == 1
    assert_all_is_well()
    with pytest.raises(WrongStatus):
        reservation_was_there(actor=cast.manager, reference=made.reference)


def test_was_there__somebody_took_the_rest__is_refused_until_it_is_over(
    cast: Cast, made: Reservation, at: At
) -> None:
    at(15)
    reservations_miss_absent()
    wish = Wish(made.starts_at + 15 * MINUTE, made.ends_at)
    factories.reserve(cast.lab, cast.stranger, wish)
    at(20)
    with pytest.raises(SlotTaken):
        reservation_was_there(actor=cast.manager, reference=made.reference)
    assert now_is(made) == Status.NO_SHOW
    at(61)
    reservation_was_there(actor=cast.manager, reference=made.reference)
    assert now_is(made) == Status.COMPLETED
    assert_all_is_well()


def test_code__of_the_door__is_written_down(
    cast: Cast, made: Reservation, at: At
) -> None:
    code = door_code(door_of(cast.lab, cast), at(0))
    at(4)
    reservation_check_in(actor=cast.booker, reference=made.reference, code=code)
    last = made.history.last()
    assert last is not None
    assert last.changes == {"door": [None, cast.lab.slug]}
    at(30)
    reservation_check_out(actor=cast.booker, reference=made.reference)
    assert reservations_complete_ended() in {0, 1}


@pytest.mark.parametrize("minutes", [-5.1, 10, 24 * 60])
def test_code__of_before_or_of_later__is_refused(
    cast: Cast, made: Reservation, at: At, minutes: float
) -> None:
    door = door_of(cast.lab, cast)
    code = door_code(door, at(0))
    then = at(minutes)
    made.starts_at, made.ends_at = then, then + HOUR
    made.free_at = made.ends_at
    made.save()
    with pytest.raises(StaleCode):
        reservation_check_in(actor=cast.booker, reference=made.reference, code=code)


def refused(cast: Cast, made: Reservation, code: str) -> None:
    with pytest.raises(StaleCode):
        reservation_check_in(actor=cast.booker, reference=made.reference, code=code)


def test_code__made_up_or_of_another_door__is_refused(
    cast: Cast, made: Reservation, at: At
) -> None:
    door, other = door_of(cast.lab, cast), door_of(cast.studio, cast)
    now = at(0)
    good = door_code(door, now)
    for wrong in (
        "x",
        "0",
        "²",
        "1" * 40,
        "\x00",
        good[:-1],
        good.replace(f"{door.pk}.", f"{other.pk}.", 1),
        door_code(other, now),
    ):
        refused(cast, made, wrong)
    door_renew(actor=cast.manager, slug=cast.lab.slug)
    refused(cast, made, good)
    assert now_is(made) == Status.APPROVED


def test_code__of_a_hall_and_its_part__serve_for_either(cast: Cast, at: At) -> None:
    part = factories.open_lab(organisation=cast.host)
    hall = factories.hall([part, factories.open_lab(organisation=cast.host)])
    factories.set_policy(hall)
    factories.publish(hall)
    made = factories.reserve(hall, cast.booker)
    code = door_code(door_of(part, cast), at(0))
    reservation_check_in(actor=cast.booker, reference=made.reference, code=code)
    assert now_is(made) == Status.IN_USE


def test_code__needed__of_guests_where_there_is_a_door(
    cast: Cast, made: Reservation, at: At
) -> None:
    factories.set_policy(cast.lab, check_in_needs_code=True)
    known: dict[str, Any] = {"actor": cast.booker, "reference": made.reference}
    now = at(0)
    door = door_of(cast.lab, cast)
    with pytest.raises(NeedsCode):
        reservation_check_in(**known)
    reservation_check_in(**known, code=door_code(door, now))
    assert now_is(made) == Status.IN_USE


@pytest.mark.parametrize("who", ["booker", "manager", "staff"])
def test_code__needed__not_without_a_door_nor_of_the_host(
    cast: Cast, made: Reservation, at: At, who: str
) -> None:
    factories.set_policy(cast.lab, check_in_needs_code=True)
    at(0)
    if who != "booker":
        door_of(cast.lab, cast)
    reservation_check_in(actor=getattr(cast, who), reference=made.reference)
    assert now_is(made) == Status.IN_USE


def test_api__code__is_taken_and_refusals_have_their_codes(
    cast: Cast, made: Reservation, at: At
) -> None:
    factories.set_policy(cast.lab, check_in_needs_code=True)
    code = door_code(door_of(cast.lab, cast), at(0))
    url, api = f"/api/v1/reservations/{made.reference}/", cast.api(cast.booker)
    for body, said in (({}, "needs_code"), ({"code": "x"}, "stale_code")):
        answer = api.post(f"{url}check-in/", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, said)
    assert api.post(f"{url}check-in/", {"code": code}).json()["status"] == "in_use"
    history = api.get(f"{url}history/").json()
    assert history[-1]["changes"] == {"door": [None, cast.lab.slug]}


def test_api__no_show__and_back(cast: Cast, made: Reservation, at: At) -> None:
    url, api = f"/api/v1/reservations/{made.reference}/", cast.api(cast.manager)
    at(5)
    assert api.post(f"{url}no-show/").json()["status"] == "no_show"
    assert api.post(f"{url}was-there/").json()["status"] == "in_use"
    assert api.post(f"{url}was-there/").status_code == 409


@pytest.mark.parametrize(
    ("who", "sees"),
    [("booker", True), ("staff", True), ("manager", False), ("stranger", False)],
)
def test_counts__of_an_organisation__for_its_members_and_staff(
    cast: Cast, made: Reservation, at: At, who: str, sees: bool
) -> None:
    at(16)
    reservations_miss_absent()
    user, slug = getattr(cast, who), cast.startup.slug
    one = cast.api(user).get(f"/api/v1/organisations/{slug}/").json()
    every = cast.api(user).get("/api/v1/organisations/").json()["results"]
    (row,) = [each for each in every if each["slug"] == slug]
    assert one["no_shows"] == row["no_shows"] == (1 if sees else None)
    page = text_of(signed_in(user).get(f"/organisations/{slug}/"))
    assert ("1 no-show in 90 days" in page) == sees
    assert "no-show" not in text_of(Client().get(f"/organisations/{slug}/"))
    at(91 * 24 * 60)
    assert (cast.api(user).get(f"/api/v1/organisations/{slug}/").json())[
        "no_shows"
    ] == (0 if sees else None)
