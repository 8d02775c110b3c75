from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet

from config.errors import Forbidden, Invalid, Missing
from labs.drawing import Rectangle, room_faults
from labs.models import FloorPlan, Resource, Room
from labs.selectors.plans import plans_of
from labs.services.plans import Floor, plan_remove, plan_save
from labs.services.resources import resource_update
from tests import factories
from tests.labs.conftest import Hub

FLOOR: Floor = {
    "name": "Ground floor",
    "name_bg": "Партер",
    "level": 0,
    "width": Decimal(40),
    "height": Decimal(20),
}


def place(x: float, y: float, width: float = 5, height: float = 5) -> Rectangle:
    return Rectangle(*(Decimal(each) for each in (x, y, width, height)))


def draw(hub: Hub, who: str = "manager", **given: Any) -> FloorPlan:
    wanted: dict[str, Any] = {"plan_id": None, "floor": FLOOR, "rooms": {}}
    actor, slug = getattr(hub, who), hub.site.slug
    return plan_save(actor=actor, **{"site_slug": slug, **wanted, **given})


@pytest.mark.parametrize(
    ("rooms", "faults"),
    [
        ({"A": place(0, 0), "B": place(5, 0)}, []),  # wall to wall
        ({"A": place(0, 0), "B": place(1, 1, 2, 2)}, []),  # one within the other
        ({"A": place(0, 0), "B": place(4.99, 4.99)}, ["A and B overlap."]),
        ({"A": place(0, 0), "B": place(0, 0)}, ["A and B overlap."]),
        ({"A": place(36, 0)}, ["A reaches beyond the floor."]),
        ({"A": place(0, 15.01)}, ["A reaches beyond the floor."]),
    ],
)
def test_rooms__as_they_lie__are_judged(
    rooms: dict[str, Rectangle], faults: list[str]
) -> None:
    assert room_faults(place(0, 0, 40, 20), list(rooms.items())) == faults


def test_plan__drawn_and_drawn_again__rooms_are_the_last(hub: Hub) -> None:
    one, two = hub.lab("One"), hub.lab("Two")
    rooms = {one.slug: place(0, 0), two.slug: place(5, 0)}
    plan = draw(hub, rooms=rooms)
    draw(hub, plan_id=plan.pk, rooms={two.slug: place(9.5, 3)})

    (shown,) = plans_of(hub.site, Resource.objects.all())

    assert [(room.resource, room.x) for room in shown.rooms.all()] == [
        (two, Decimal("9.5"))
    ]


def test_plan__room_drawn_on_another_floor__leaves_the_first(hub: Hub) -> None:
    lab = hub.lab()
    draw(hub, rooms={lab.slug: place(0, 0)})
    upper = draw(hub, floor={**FLOOR, "level": 1}, rooms={lab.slug: place(0, 0)})
    assert Room.objects.get().plan == upper


def test_plan__others_rooms__stay_and_are_reckoned_with(hub: Hub) -> None:
    lab = hub.lab()
    other = factories.resource(site=hub.site, name="Theirs")
    plan = draw(hub, "staff", rooms={other.slug: place(0, 0)})

    draw(hub, plan_id=plan.pk, rooms={lab.slug: place(5, 0)})
    assert Room.objects.count() == 2
    with pytest.raises(Invalid) as refusal:
        draw(hub, plan_id=plan.pk, rooms={lab.slug: place(4, 0)})
    assert refusal.value.extra["fields"] == {"rooms": ["Theirs and XR lab overlap."]}
    with pytest.raises(Invalid):
        draw(hub, plan_id=plan.pk, rooms={other.slug: place(9, 9)})
    with pytest.raises(Forbidden):
        plan_remove(actor=hub.manager, site_slug=hub.site.slug, plan_id=plan.pk)
    assert Room.objects.get(resource=other).x == 0
    plan_remove(actor=hub.staff, site_slug=hub.site.slug, plan_id=plan.pk)
    assert not FloorPlan.objects.exists()


@pytest.mark.parametrize("who", ["booker", "colleague", "stranger"])
def test_plan__who_manages_nothing_there__is_refused(hub: Hub, who: str) -> None:
    hub.lab()
    with pytest.raises(Forbidden):
        draw(hub, who)
    assert not FloorPlan.objects.exists()


def test_plan__manager_of_a_draft_only__is_refused(hub: Hub) -> None:
    hub.draft()
    with pytest.raises(Forbidden):
        draw(hub)


def test_plan__bad_values__are_told(hub: Hub) -> None:
    lab = hub.lab()
    floor = {**FLOOR, "name": "", "width": Decimal(501)}
    with pytest.raises(Invalid) as refusal:
        draw(hub, floor=floor, rooms={lab.slug: place(-1, 0)})
    assert set(refusal.value.extra["fields"]) == {"name", "width", "rooms"}
    with pytest.raises(Missing):
        draw(hub, plan_id=7)
    with pytest.raises(Missing):
        draw(hub, site_slug="nowhere")


def test_plan__draft__is_drawn_where_it_is_asked_for(hub: Hub) -> None:
    hub.lab()
    draft = hub.draft("Secret lab")
    draw(hub, rooms={draft.slug: place(0, 0)})

    def seen(resources: QuerySet[Resource]) -> int:
        return len(plans_of(hub.site, resources).get().rooms.all())

    assert seen(Resource.objects.visible_to(hub.manager)) == 1
    assert seen(Resource.objects.visible_to(hub.booker)) == 0
    assert seen(Resource.objects.published()) == 0


def test_resource__moved_to_another_site__leaves_the_plan(hub: Hub) -> None:
    lab = hub.lab()
    draw(hub, rooms={lab.slug: place(0, 0)})
    resource_update(
        actor=hub.manager, slug=lab.slug, site_slug=factories.site(name="New").slug
    )
    assert not Room.objects.exists()
