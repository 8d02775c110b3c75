from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from labs.models import FloorPlan, Resource, Room, Site


def plans_of(site: Site, resources: QuerySet[Resource]) -> QuerySet[FloorPlan]:
    """Return the site's floors from the lowest up, two queries.

    With each the rooms of those resources, the largest first: what stands within
    another is then drawn over it.
    """
    rooms = Room.objects.filter(resource__in=resources).select_related("resource")
    return site.plans.prefetch_related(
        Prefetch("rooms", rooms.order_by("-width", "-height", "y", "x", "pk"))
    )
