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
from config.prepared import prepared
from labs.models import Coverage


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; both instants aware."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    people: int = 1
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the rules look at, the policy with its resource, the units it covers now.

    `has_lapsed`: a request on one of the units should be expired first.
    """

    facts: Facts
    policy: EffectivePolicy
    unit_ids: list[int]
    has_lapsed: bool


def facts_gather(resource_id: int, wish: Wish, now: dt.datetime) -> Gathered:
    """Return all that a reservation is judged by; one query. Raises Missing (404)."""
    wanted = DateTimeTZRange(wish.starts_at, wish.ends_at)
    open_then = OpenPeriod.objects.filter(
        resource=OuterRef("resource"), during__contains=wanted
    )
    covered = Coverage.objects.filter(resource=OuterRef("resource"))
    lapsed = Reservation.objects.lapsed(now).filter(
        occupancy__unit__coverage__resource=OuterRef("resource")
    )
    policies = (
        EffectivePolicy.objects.filter(resource=resource_id)
        .select_related("resource__site", "resource__organisation")
        .annotate(
            is_open=Exists(open_then),
            unit_ids=ArraySubquery(covered.order_by("unit").values("unit")),
            has_lapsed=Exists(lapsed),
        )
    )
    with prepared():
        policy = policies.first()
    if policy is None:
        raise Missing
    resource = policy.resource
    return Gathered(
        Facts(
            now=now,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            people=wish.people,
            quantity=wish.quantity,
            policy=policy,
            zone=ZoneInfo(resource.site.time_zone),
            is_published=resource.is_published,
            is_open=policy.is_open,
            capacity=resource.people,
            is_pool=resource.is_pool,
            units=len(policy.unit_ids),
        ),
        policy,
        policy.unit_ids,
        policy.has_lapsed,
    )
