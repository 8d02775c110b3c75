from __future__ import annotations

from labs.models import Door, Resource


def door_find(secret: str) -> Door | None:
    """Return the door that this secret opens, with what its page says; one query."""
    doors = Door.objects.select_related("resource__site", "resource__organisation")
    return doors.filter(
        hash=Door.hash_of(secret),
        resource__in=Resource.objects.published(),
    ).first()
