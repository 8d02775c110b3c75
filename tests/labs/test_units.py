"""Shapes: a plain lab, a pool, a divisible hall, and what may become of them."""

from __future__ import annotations

from typing import Any

import pytest

from booking.exceptions import RuleViolation, SlotTaken
from booking.models import Reservation
from booking.services.availability import closure_add
from config.errors import Conflict, Invalid
from labs.models import Resource, Unit
from labs.services.resources import resource_update
from labs.signals import hall_grown, hall_shrunk
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.labs.conftest import Hub


def units_of(resource: Resource) -> set[int]:
    return set(resource.units.values_list("pk", flat=True))


def test_units__plain_lab__has_one(hub: Hub) -> None:
    assert [unit.name for unit in hub.lab().units.all()] == ["XR lab"]


def test_units__pool__has_n(hub: Hub) -> None:
    pool = hub.lab("Bench", units=3, is_pool=True)

    names = pool.units.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["Bench 1", "Bench 2", "Bench 3"]


def test_units__hall__covers_those_of_its_parts(hub: Hub) -> None:
    left, right = hub.lab("Left"), hub.lab("Benches", units=3, is_pool=True)

    hall = hub.lab("Hall", covers=[left.slug, right.slug, left.slug])

    assert units_of(hall) == units_of(left) | units_of(right)
    assert Unit.objects.count() == 4


def test_units__pool_grows__and_its_hall_with_it(hub: Hub) -> None:
    pool = hub.lab("Bench", units=2, is_pool=True)
    hall = hub.lab("Hall", covers=[pool.slug])
    before = units_of(pool)

    resource_update(actor=hub.manager, slug="bench", units=5)

    assert len(units_of(pool)) == 5
    assert before < units_of(pool) == units_of(hall)


def test_units__hall_grows__listeners_are_told_and_can_refuse(hub: Hub) -> None:
    pool = hub.lab("Bench", units=1, is_pool=True)
    hub.lab("Hall", covers=[pool.slug])
    told = []

    def refuse(hall: Resource, unit_ids: list[int], **kwargs: Any) -> None:
        told.append((hall.slug, len(unit_ids)))
        raise Conflict("Reserved.", code="slot_taken")

    hall_grown.connect(refuse)
    try:
        with pytest.raises(Conflict, match="Reserved"):
            resource_update(actor=hub.manager, slug="bench", units=3)
    finally:
        hall_grown.disconnect(refuse)

    assert told == [("hall", 2)]
    assert len(units_of(pool)) == 1


def test_units__pool_shrinks__by_unused_ones(hub: Hub) -> None:
    pool = hub.lab("Bench", units=4, is_pool=True)
    hall = hub.lab("Hall", covers=[pool.slug])

    resource_update(actor=hub.manager, slug="bench", units=1)

    assert units_of(pool) == units_of(hall)
    assert Unit.objects.count() == 1


def test_units__pool_shrinks_into_what_is_reserved__409(hub: Hub) -> None:
    pool = hub.lab("Bench", units=3, is_pool=True)
    factories.set_policy(pool)
    factories.publish(pool)
    factories.reserve(pool, hub.booker, factories.wish(quantity=2))
    reserved = set(pool.units.filter(occupancy__isnull=False))

    resource_update(actor=hub.manager, slug="bench", units=2)
    with pytest.raises(Conflict) as refused:
        resource_update(actor=hub.manager, slug="bench", units=1, name="New name")

    assert refused.value.code == "units_in_use"
    pool.refresh_from_db()
    assert (set(pool.units.all()), pool.name) == (reserved, "Bench")


def test_units__grown_shrunk_and_grown_again__names_are_apart(hub: Hub) -> None:
    pool = hub.lab("Bench", units=3, is_pool=True)
    for units in (2, 4):
        resource_update(actor=hub.manager, slug="bench", units=units)

    names = pool.units.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["Bench 1", "Bench 2", "Bench 3", "Bench 4"]


def test_units__hall_gets_other_parts(hub: Hub) -> None:
    left, right, third = hub.lab("Left"), hub.lab("Right"), hub.lab("Third")
    hall = hub.lab("Hall", covers=["left", "right"])

    resource_update(actor=hub.manager, slug="hall", covers=["right", "third"])

    assert units_of(hall) == units_of(right) | units_of(third)
    assert set(hall.parts.all()) == {right, third}
    assert left.units.count() == 1


def test_units__single_lab__becomes_a_pool_and_back(hub: Hub) -> None:
    lab = hub.lab()
    unit = units_of(lab)

    for is_pool in (True, False):
        resource_update(actor=hub.manager, slug="xr-lab", is_pool=is_pool)
        lab.refresh_from_db()
        assert (lab.is_pool, units_of(lab)) == (is_pool, unit)


def test_units__hall_shrinks__listeners_are_told_of_what_it_lost(hub: Hub) -> None:
    left, right = hub.lab("Left"), hub.lab("Right")
    hub.lab("Hall", covers=[left.slug, right.slug])
    told = []

    def hear(hall: Resource, unit_ids: list[int], **kwargs: Any) -> None:
        told.append((hall.slug, set(unit_ids)))

    hall_shrunk.connect(hear)
    try:
        resource_update(actor=hub.manager, slug="hall", covers=["left"])
        resource_update(actor=hub.manager, slug="hall", covers=["left", "right"])
    finally:
        hall_shrunk.disconnect(hear)

    assert told == [("hall", units_of(right))]


@pytest.fixture
def halls(hub: Hub) -> tuple[Resource, Resource, Resource]:
    """A hall and its two halves, all always open and reserved at once."""
    left, right = hub.lab("Left"), hub.lab("Right")
    made = hub.lab("Hall", covers=["left", "right"])
    for each in (left, right, made):
        factories.set_policy(each)
        factories.publish(each)
    return made, left, right


def ledger_of(reservation: Reservation) -> set[int]:
    return set(reservation.occupancy.values_list("unit_id", flat=True))


def test_units__reserved_hall_shrinks__what_it_lost_is_free(
    hub: Hub, halls: tuple[Resource, Resource, Resource]
) -> None:
    hall, left, right = halls
    of_hall = factories.reserve(hall, hub.booker)
    of_right = factories.reserve(right, hub.booker, factories.wish(14))

    resource_update(actor=hub.manager, slug="hall", covers=["left"])

    assert ledger_of(of_hall) == units_of(left)
    assert ledger_of(of_right) == units_of(right)
    with pytest.raises(SlotTaken):
        factories.reserve(left, hub.booker)
    assert factories.reserve(right, hub.booker).occupies
    assert_all_is_well()


def test_units__reserved_hall_shrinks_and_grows_back__has_all_again(
    hub: Hub, halls: tuple[Resource, Resource, Resource]
) -> None:
    hall, left, right = halls
    of_hall = factories.reserve(hall, hub.booker)
    resource_update(actor=hub.manager, slug="hall", covers=["left"])

    resource_update(actor=hub.manager, slug="hall", covers=["left", "right"])

    assert ledger_of(of_hall) == units_of(left) | units_of(right)
    with pytest.raises(SlotTaken):
        factories.reserve(right, hub.booker)
    assert_all_is_well()


def test_units__hall_grows_back_into_what_was_reserved_meanwhile__409(
    hub: Hub, halls: tuple[Resource, Resource, Resource]
) -> None:
    hall, left, right = halls
    of_hall = factories.reserve(hall, hub.booker)
    resource_update(actor=hub.manager, slug="hall", covers=["left"])
    factories.reserve(right, hub.booker)

    with pytest.raises(Conflict) as refused:
        resource_update(actor=hub.manager, slug="hall", covers=["left", "right"])

    assert refused.value.code == "part_in_use"
    assert ledger_of(of_hall) == units_of(left) == units_of(hall)
    assert_all_is_well()


def test_units__closed_hall_shrinks__what_it_lost_is_open_again(
    hub: Hub, halls: tuple[Resource, Resource, Resource]
) -> None:
    hall, left, right = halls
    closure_add(
        actor=hub.manager,
        resource_slug=hall.slug,
        starts_at=factories.tomorrow_at(9),
        ends_at=factories.tomorrow_at(12),
        reason="maintenance",
    )
    with pytest.raises(RuleViolation):
        factories.reserve(right, hub.booker)

    resource_update(actor=hub.manager, slug="hall", covers=["left"])

    assert factories.reserve(right, hub.booker).occupies
    with pytest.raises(RuleViolation):
        factories.reserve(left, hub.booker)


@pytest.mark.parametrize(
    ("shape", "field"),
    [
        ({"covers": ["left"], "units": 2}, "units"),
        ({"covers": ["left"], "is_pool": True}, "is_pool"),
        ({"covers": ["left", "moon"]}, "covers"),
        ({"covers": ["hall"]}, "covers"),
        ({"covers": ["foreign"]}, "covers"),
        ({"covers": ["elsewhere"]}, "covers"),
        ({"covers": [f"x{n}" for n in range(60)]}, "covers"),
        ({"units": 0}, "units"),
        ({"units": 2}, "units"),
        ({"units": 501, "is_pool": True}, "units"),
    ],
)
def test_units__impossible_shape__refused(
    hub: Hub, shape: dict[str, Any], field: str
) -> None:
    hub.lab("Left")
    hub.lab("Hall", covers=["left"])
    factories.resource(slug="foreign", site=hub.site)
    factories.resource(slug="elsewhere", organisation=hub.host)
    before = Resource.objects.count()

    with pytest.raises(Invalid) as refused:
        hub.draft("Other", **shape)

    assert refused.value.extra["fields"].keys() == {field}
    assert Resource.objects.count() == before


@pytest.mark.parametrize(
    ("slug", "shape", "field"),
    [
        ("left", {"covers": ["right"]}, "covers"),
        ("hall", {"covers": []}, "covers"),
        ("hall", {"covers": ["hall"]}, "covers"),
        ("hall", {"units": 2}, "units"),
        ("hall", {"is_pool": True}, "is_pool"),
        ("bench", {"is_pool": False}, "units"),
        ("bench", {"units": 0}, "units"),
    ],
)
def test_units__impossible_change__refused(
    hub: Hub, slug: str, shape: Any, field: str
) -> None:
    hub.lab("Left")
    hub.lab("Right")
    hub.lab("Bench", units=2, is_pool=True)
    hub.lab("Hall", covers=["left", "bench"])

    with pytest.raises(Invalid) as refused:
        resource_update(actor=hub.manager, slug=slug, **shape)

    assert refused.value.extra["fields"].keys() == {field}


@pytest.mark.parametrize("slug", ["hall", "left"])
def test_units__hall_and_parts__do_not_move_apart(hub: Hub, slug: str) -> None:
    hub.lab("Left")
    hub.lab("Hall", covers=["left"])
    factories.site(slug="annexe")

    with pytest.raises(Conflict) as refused:
        resource_update(actor=hub.manager, slug=slug, site_slug="annexe")

    assert refused.value.code == "part_of_hall"
