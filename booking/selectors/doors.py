from __future__ import annotations

import datetime as dt

from booking.models import Occupancy, Reservation
from booking.models.reservation import Status
from labs.models import Door, Resource, User


def door_find(secret: str) -> Door | None:
    """Return the door that this secret opens, with what its page says; one query."""
    doors = Door.objects.select_related(
        "resource__site", "resource__organisation", "resource__effective_policy"
    )
    return doors.filter(
        hash=Door.hash_of(secret),
        resource__in=Resource.objects.published(),
    ).first()


def inside_of(
    door: Door, viewer: User, now: dt.datetime, early: dt.timedelta
) -> list[Reservation]:
    """Return what the viewer has behind a door now, or so early; one query.

    Of the units behind it: a hall's reservation is at the doors of its parts as well.
    """
    there = Occupancy.objects.filter(unit__coverage__resource=door.resource_id)
    rows = Reservation.objects.visible_to(viewer).filter(
        pk__in=there.values("reservation"),
        status__in=[Status.APPROVED, Status.IN_USE],
        starts_at__lte=now + early,
        ends_at__gt=now,
    )
    related = ("resource__site", "resource__organisation", "organisation")
    return list(rows.select_related(*related, "requested_by"))
