"""Who has a time, as far as somebody may know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import EffectivePolicy, Occupancy, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Gathered, Wish
from booking.visibility import Sight, sight_of
from labs.models import Organisation, Resource, User


@dataclass(frozen=True, slots=True)
class Taker:
    """`organisation` where the viewer may know it, `reservation` where all of it."""

    until: dt.datetime
    is_pending: bool
    organisation: Organisation | None
    reservation: Reservation | None


def are_free(
    viewer: User,
    gathered: Gathered,
    wish: Wish,
    now: dt.datetime,
) -> bool:
    """Whether as many units are free as it takes; one query, and no lock.

    What has lapsed is in nobody's way, nor is what the viewer's own forms hold.
    """
    free_at = wish.ends_at + gathered.policy.turnaround
    there = Occupancy.objects.filter(
        unit__in=gathered.unit_ids,
        during__overlap=DateTimeTZRange(wish.starts_at, free_at),
    )
    there = there.exclude(reservation__in=Reservation.objects.lapsed(now))
    there = there.exclude(reservation__in=Reservation.objects.held_by(viewer))
    units = len(gathered.unit_ids)
    needed = wish.quantity if gathered.facts.is_pool else units
    return 0 < needed <= units - there.values("unit").distinct().count()


def taker_of(viewer: User, resource: Resource, wish: Wish) -> Taker | None:
    """Return what is first in the way of a wish; one query.

    Not what the viewer's own forms hold: that gives way.
    """
    policy: EffectivePolicy = resource.effective_policy
    there = Occupancy.objects.filter(
        unit__coverage__resource=resource,
        during__overlap=DateTimeTZRange(
            wish.starts_at, wish.ends_at + policy.turnaround
        ),
    )
    first = (
        Reservation.objects.filter(pk__in=there.values("reservation"))
        .exclude(pk__in=Reservation.objects.held_by(viewer).order_by().values("pk"))
        .select_related("organisation", "resource__effective_policy")
        .order_by("starts_at", "pk")
        .first()
    )
    if first is None:
        return None
    sight = sight_of(
        viewer,
        status=first.status,
        guest_id=first.organisation_id,
        host_id=first.resource.organisation_id,
        others_see=first.resource.effective_policy.others_see,
        is_offer=first.is_offer,
    )
    return Taker(
        first.free_at,
        first.status == Status.PENDING,
        first.organisation if sight >= Sight.ORGANISATION else None,
        first if sight == Sight.OWN else None,
    )
