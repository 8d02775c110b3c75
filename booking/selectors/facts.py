from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef

from booking.models import EffectivePolicy, OpenPeriod, Reservation
from booking.rules import Facts
from config.errors import Missing
from labs.models import Coverage, Resource


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; both instants aware."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    people: int = 1
    quantity: int = 1


def facts_gather(
    resource_id: int, wish: Wish, now: dt.datetime
) -> tuple[Facts, EffectivePolicy]:
    """Return what the rules look at, and the policy row; one query.

    The row comes with its resource, `unit_ids` (sorted) and `has_lapsed`: whether a
    request on one of them should be expired first. Raises Missing (404).
    """
    wanted = DateTimeTZRange(wish.starts_at, wish.ends_at)
    open_then = OpenPeriod.objects.filter(
        resource=OuterRef("resource"), during__contains=wanted
    )
    covered = Coverage.objects.filter(resource=OuterRef("resource"))
    lapsed = Reservation.objects.lapsed(now).filter(
        occupancy__unit__coverage__resource=OuterRef("resource")
    )
    policy = (
        EffectivePolicy.objects.filter(resource=resource_id)
        .select_related("resource__site", "resource__organisation")
        .annotate(
            is_open=Exists(open_then),
            unit_ids=ArraySubquery(covered.order_by("unit").values("unit")),
            has_lapsed=Exists(lapsed),
        )
        .first()
    )
    if policy is None:
        raise Missing
    resource = policy.resource
    return (
        Facts(
            now=now,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            people=wish.people,
            quantity=wish.quantity,
            policy=policy,
            zone=ZoneInfo(resource.site.time_zone),
            is_published=resource.listing == Resource.Listing.PUBLISHED
            and resource.organisation.is_active,
            is_open=policy.is_open,
            capacity=resource.people,
            is_pool=resource.is_pool,
            units=len(policy.unit_ids),
        ),
        policy,
    )
