from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from labs.models import FloorPlan, Resource, Room, Site, User


def plans_of(site: Site, user: User | AnonymousUser) -> QuerySet[FloorPlan]:
    """Return the site's floors from the lowest up, two queries.

    With each the rooms of resources that this person may see, the largest first: what
    stands within another is then drawn over it.
    """
    visible = Resource.objects.visible_to(user)
    rooms = Room.objects.filter(resource__in=visible).select_related("resource")
    return site.plans.prefetch_related(
        Prefetch("rooms", rooms.order_by("-width", "-height", "y", "x", "pk"))
    )
