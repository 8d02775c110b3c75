from __future__ import annotations

from typing import Any

import pytest

from booking.exceptions import IdempotencyKeyReused, PartsRefused, WrongStatus
from booking.models import History, Kit, Occupancy, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.selectors.kits import kit_parts
from booking.services.decisions import reservation_decline
from booking.services.kits import PartWish, kit_cancel, kit_move, kit_reserve
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import Idempotency
from config.errors import Forbidden, Invalid, Missing
from labs.models import Resource
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool(cast: Cast) -> Resource:
    """Five sensors of another company."""
    return factories.open_lab(
        units=5, kind=Resource.Kind.EQUIPMENT, people=2, name="Sensors"
    )


def ask(
    cast: Cast, *resources: Resource, wanted: Wish | None = None, **given: Any
) -> Kit:
    """Ask for those, and for three of each pool."""
    return kit_reserve(
        actor=given.pop("actor", cast.booker),
        organisation_slug=given.pop("organisation_slug", "") or cast.startup.slug,
        parts=[PartWish(each.slug, 3 if each.is_pool else 1) for each in resources],
        wish=wanted or wish(people=4),
        purpose="A pilot of everything",
        **given,
    )


def parts_of(kit: Kit) -> dict[str, Reservation]:
    return {each.resource.name: each for each in kit.parts.all()}


def test_kit_reserve__three_hosts__each_part_is_a_reservation(
    cast: Cast, pool: Resource
) -> None:
    parts = parts_of(ask(cast, cast.lab, cast.studio, pool))
    assert {name: part.status for name, part in parts.items()} == {
        "Motion lab": Status.APPROVED,
        "Sound studio": Status.PENDING,
        "Sensors": Status.APPROVED,
    }
    assert len({part.reference for part in parts.values()}) == 3
    assert parts["Sensors"].quantity == 3
    # Four come, and two of them use the instrument at a time.
    assert (parts["Motion lab"].people, parts["Sensors"].people) == (4, 2)
    assert Occupancy.objects.count() == 5
    assert_all_is_well()


def test_kit_reserve__two_parts_cannot_be_had__says_which_and_writes_none(
    cast: Cast, pool: Resource
) -> None:
    reserve(cast.lab, cast.stranger)
    reserve(pool, cast.stranger, wish(quantity=3))
    with pytest.raises(PartsRefused) as refusal:
        ask(cast, cast.lab, cast.studio, pool)
    error = refusal.value
    assert error.status == 409
    assert {part["resource"]: part["code"] for part in error.extra["parts"]} == {
        cast.lab.slug: "slot_taken",
        pool.slug: "slot_taken",
    }
    near = error.extra["alternatives"][0]
    assert near["starts_at"] in {wish(9).starts_at, wish(11).starts_at}
    assert not Kit.objects.exists()
    assert Reservation.objects.count() == 2
    wanted = Wish(near["starts_at"], near["ends_at"], 4)
    assert ask(cast, cast.lab, cast.studio, pool, wanted=wanted).parts.count() == 3
    assert_all_is_well()


def test_kit_reserve__against_a_rule__is_422_with_the_rule(
    cast: Cast, pool: Resource
) -> None:
    factories.set_policy(cast.lab, max_duration_minutes=30)
    with pytest.raises(PartsRefused) as refusal:
        ask(cast, cast.lab, cast.studio, pool)
    (part,) = refusal.value.extra["parts"]
    assert refusal.value.status == 422
    assert part["resource"] == cast.lab.slug
    assert [each["code"] for each in part["violations"]] == ["too_long"]
    assert not Reservation.objects.exists()


def test_kit_reserve__hall_and_its_half__cannot_both_be_had(cast: Cast) -> None:
    half = factories.open_lab(organisation=cast.host)
    hall = factories.hall([half, factories.open_lab(organisation=cast.host)])
    factories.set_policy(hall)
    factories.publish(hall)
    with pytest.raises(PartsRefused) as refusal:
        ask(cast, hall, half)
    assert refusal.value.extra["parts"][0]["resource"] == half.slug
    assert refusal.value.extra["alternatives"] == []
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("number", [1, 9])
def test_kit_reserve__too_few_or_many__is_invalid(cast: Cast, number: int) -> None:
    resources = [factories.open_lab(organisation=cast.host) for _ in range(number)]
    with pytest.raises(Invalid) as refusal:
        ask(cast, *resources)
    assert "parts" in refusal.value.extra["fields"]


def test_kit_reserve__one_twice__is_invalid(cast: Cast) -> None:
    with pytest.raises(Invalid):
        ask(cast, cast.lab, cast.lab)


def test_kit_reserve__an_unseen_resource__is_missing(cast: Cast) -> None:
    draft = factories.open_lab(listing=Resource.Listing.DRAFT)
    with pytest.raises(Missing):
        ask(cast, cast.lab, draft)


def test_kit_reserve__same_key__makes_one(cast: Cast) -> None:
    key = Idempotency("a", "1")
    first = ask(cast, cast.lab, cast.studio, idempotency=key)
    assert ask(cast, cast.lab, cast.studio, idempotency=key) == first
    assert Reservation.objects.count() == 2
    with pytest.raises(IdempotencyKeyReused):
        ask(cast, cast.lab, cast.studio, idempotency=Idempotency("a", "2"))


def test_kit__one_part_declined__the_rest_stays_and_is_cancelled(
    cast: Cast, pool: Resource
) -> None:
    kit = ask(cast, cast.lab, cast.studio, pool)
    studio = parts_of(kit)["Sound studio"]
    reservation_decline(
        actor=cast.manager, reference=studio.reference, reason="Not then"
    )
    assert parts_of(kit)["Motion lab"].status == Status.APPROVED
    kit_cancel(actor=cast.booker, reference=kit.reference)
    assert {part.status for part in kit.parts.all()} == {
        Status.DECLINED,
        Status.CANCELLED,
    }
    assert not Occupancy.objects.exists()
    with pytest.raises(WrongStatus):
        kit_cancel(actor=cast.booker, reference=kit.reference)
    assert_all_is_well()


def test_kit__one_part_cancelled__alone(cast: Cast) -> None:
    kit = ask(cast, cast.lab, cast.studio)
    lab = parts_of(kit)["Motion lab"]
    reservation_cancel(actor=cast.booker, reference=lab.reference)
    assert parts_of(kit)["Sound studio"].status == Status.PENDING


def test_kit_cancel__by_the_host_of_a_part__is_forbidden(
    cast: Cast, pool: Resource
) -> None:
    kit = ask(cast, cast.lab, pool)
    with pytest.raises(Forbidden):
        kit_cancel(actor=cast.manager, reference=kit.reference, reason="No")
    with pytest.raises(Missing):
        kit_cancel(actor=cast.stranger, reference=kit.reference)
    with pytest.raises(Invalid):
        kit_cancel(actor=cast.staff, reference=kit.reference)
    kit_cancel(actor=cast.staff, reference=kit.reference, reason="Fire drill")
    assert {part.reason for part in kit.parts.all()} == {"Fire drill"}


def test_kit_move__overlapping_itself__moves_all(cast: Cast, pool: Resource) -> None:
    kit = ask(cast, cast.lab, cast.studio, pool, wanted=wish(10, 2))
    later = wish(11, 2)
    kit_move(
        actor=cast.booker,
        reference=kit.reference,
        starts_at=later.starts_at,
        ends_at=later.ends_at,
    )
    assert {part.starts_at for part in kit.parts.all()} == {later.starts_at}
    moved = History.objects.filter(action=History.Action.MOVED)
    assert moved.count() == 3
    assert_all_is_well()


def test_kit_move__one_part_cannot__none_moves(cast: Cast, pool: Resource) -> None:
    kit = ask(cast, cast.lab, pool)
    reserve(cast.lab, cast.stranger, wish(14))
    before, taken = wish(), wish(14)
    with pytest.raises(PartsRefused) as refusal:
        kit_move(
            actor=cast.booker,
            reference=kit.reference,
            starts_at=taken.starts_at,
            ends_at=taken.ends_at,
        )
    assert [part["resource"] for part in refusal.value.extra["parts"]] == [
        cast.lab.slug
    ]
    assert {part.starts_at for part in kit.parts.all()} == {before.starts_at}
    near = refusal.value.extra["alternatives"][0]["starts_at"]
    assert abs(near - taken.starts_at) == HOUR
    assert_all_is_well()


def test_kit_parts__the_host_of_one__sees_that_one(cast: Cast, pool: Resource) -> None:
    kit = ask(cast, cast.lab, pool)
    (seen,) = kit_parts(cast.manager, kit.reference)
    assert seen.resource == cast.lab
    assert seen.parts == 2  # type: ignore[attr-defined]
    assert len(kit_parts(cast.colleague, kit.reference)) == 2
    with pytest.raises(Missing):
        kit_parts(cast.stranger, kit.reference)
