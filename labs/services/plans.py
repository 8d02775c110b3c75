from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from config.errors import Forbidden, Invalid, Missing
from labs.drawing import Rectangle, room_faults
from labs.models import FloorPlan, Resource, Room, Site, User
from labs.permissions import can_draw_plans
from labs.services.checks import require_clean


class Floor(TypedDict):
    """What a floor is, in metres."""

    name: str
    name_bg: str
    level: int
    width: Decimal
    height: Decimal


def site_to_draw(actor: User, slug: str) -> Site:
    """Return the site whose plans this person may draw.

    Raises Missing (404), and Forbidden (403) to who manages nothing published there.
    """
    site = Site.objects.filter(slug=slug).first()
    if site is None:
        raise Missing
    if not can_draw_plans(actor, site):
        raise Forbidden(
            _("Only hub staff and managers of the site’s resources may do so.")
        )
    return site


@transaction.atomic(durable=True)
def plan_save(
    *,
    actor: User,
    site_slug: str,
    plan_id: int | None,
    floor: Floor,
    rooms: Mapping[str, Rectangle],
) -> FloorPlan:
    """Draw a floor, a new one where `plan_id` is None; `rooms` by resource slug.

    Rooms of resources that others manage stay as they are. Raises Missing (404),
    Forbidden (403), and Invalid (400) where the rooms cannot lie so.
    """
    site = site_to_draw(actor, site_slug)
    plan = _plan(site, plan_id)
    for name, value in floor.items():
        setattr(plan, name, value)
    resources = _own(actor, site, rooms)
    kept = rooms_of_others(actor, plan)
    drawn = [
        Room(plan=plan, resource=resources[slug], **place._asdict())
        for slug, place in rooms.items()
    ]
    require_clean(plan, exclude=["site"], faults=plan_faults(plan, [*kept, *drawn]))
    for room in drawn:
        require_clean(room, exclude=["plan", "resource"])
    plan.save()
    # A resource is in one place: drawn here, it leaves where it was.
    mine = Resource.objects.manageable_by(actor)
    Room.objects.filter(
        Q(plan=plan, resource__in=mine) | Q(resource__in=resources.values())
    ).delete()
    Room.objects.bulk_create(drawn)
    return plan


@transaction.atomic(durable=True)
def plan_remove(*, actor: User, site_slug: str, plan_id: int) -> None:
    """Take a floor away; a manager only one with nobody else's rooms on it."""
    plan = _plan(site_to_draw(actor, site_slug), plan_id)
    if rooms_of_others(actor, plan):
        raise Forbidden(_("Others have rooms on this floor; ask hub staff."))
    plan.delete()


def _plan(site: Site, plan_id: int | None) -> FloorPlan:
    if plan_id is None:
        return FloorPlan(site=site)
    # Locked: of two who draw at once the second draws over what the first left.
    plan = FloorPlan.objects.select_for_update().filter(site=site, pk=plan_id).first()
    if plan is None:
        raise Missing
    return plan


def _own(
    actor: User, site: Site, rooms: Mapping[str, Rectangle]
) -> dict[str, Resource]:
    mine = Resource.objects.manageable_by(actor).filter(site=site, slug__in=rooms)
    found = {resource.slug: resource for resource in mine}
    unknown = rooms.keys() - found.keys()
    if unknown:
        text = _("There is no resource “%(slug)s” of yours at this site.")
        raise Invalid({"rooms": [text % {"slug": slug} for slug in sorted(unknown)]})
    return found


def rooms_of_others(actor: User, plan: FloorPlan) -> list[Room]:
    """Return what this person cannot change on the plan; none on a new one.

    What is not to be seen, such as a draft, comes without its name and slug.
    """
    if not plan.pk:
        return []
    mine = Resource.objects.manageable_by(actor)
    rooms = plan.rooms.exclude(resource__in=mine)
    found = list(rooms.select_related("resource__organisation"))
    for room in found:
        if not room.resource.is_published:
            # Where it is must be known to draw beside it; what it is, is its host's.
            room.resource = Resource(pk=room.resource_id, name=_("Another’s room"))
    return found


def plan_faults(plan: FloorPlan, rooms: Sequence[Room]) -> dict[str, list[str]]:
    """Return what is wrong with where the rooms lie; neither need be saved."""
    floor = Rectangle(Decimal(0), Decimal(0), plan.width, plan.height)
    places = [
        (
            room.resource.local_name,
            Rectangle(room.x, room.y, room.width, room.height),
        )
        for room in rooms
    ]
    faults = room_faults(floor, places)
    return {"rooms": faults} if faults else {}
