from __future__ import annotations

from decimal import Decimal

from booking.demo import data
from labs.models import FloorPlan, Resource, Room, Site


def plans_draw() -> None:
    """Write the floors of the sites that have been measured."""
    resources = Resource.objects.in_bulk(field_name="slug")
    for row in data.read("plans")["plan"]:
        fields = dict(row)
        rooms, site = fields.pop("rooms"), fields.pop("site")
        plan = FloorPlan.objects.create(site=Site.objects.get(slug=site), **fields)
        Room.objects.bulk_create(
            Room(plan=plan, resource=resources[slug], **_place(metres))
            for slug, metres in rooms.items()
        )


def _place(metres: list[float]) -> dict[str, Decimal]:
    names = ("x", "y", "width", "height")
    return {name: Decimal(str(m)) for name, m in zip(names, metres, strict=True)}
