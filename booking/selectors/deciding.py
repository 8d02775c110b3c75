"""What a decider should know beside a request: four statements for a whole page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import connection
from django.db.models import Count, Exists, Func, Max, OuterRef, Subquery

from booking.models import Decision, EffectivePolicy, History, OpenPeriod, Reservation
from booking.models.reservation import DECIDERS, ReservationQuerySet
from booking.qualifying import Need, expiring
from booking.rules import Facts, Violation, violations
from booking.selectors.qualifying import needs_by_id
from labs.models import Coverage, User

#: How far back an organisation's use is counted.
RECENT = dt.timedelta(days=90)

SAME_DAY = """
SELECT w.id, v.starts_at, v.ends_at, v.status, v.organisation_id, g.name, g.name_bg
FROM booking_reservation w
JOIN labs_resource r ON r.id = w.resource_id
JOIN labs_site t ON t.id = r.site_id
CROSS JOIN LATERAL (
    SELECT date_trunc('day', w.starts_at AT TIME ZONE t.time_zone) AS day
) d
JOIN booking_reservation v ON v.resource_id = w.resource_id AND v.id <> w.id
    AND v.status IN ('pending', 'approved', 'in_use', 'completed')
    AND v.starts_at < (d.day + interval '1 day') AT TIME ZONE t.time_zone
    AND v.starts_at > w.starts_at - interval '33 days'
    AND v.ends_at > d.day AT TIME ZONE t.time_zone
JOIN labs_organisation g ON g.id = v.organisation_id
WHERE w.id = ANY(%s)
ORDER BY v.starts_at, v.id
"""
USE = """
SELECT v.organisation_id,
    coalesce(sum(extract(epoch FROM v.ends_at - v.starts_at) / 60)
        FILTER (WHERE v.status IN ('approved', 'in_use', 'completed')), 0)::int,
    count(*) FILTER (WHERE v.status = 'no_show'),
    count(*) FILTER (WHERE v.is_late_cancel)
FROM booking_reservation v
JOIN labs_resource r ON r.id = v.resource_id
WHERE v.organisation_id = ANY(%s) AND v.starts_at > %s AND v.starts_at <= %s
    AND (%s OR r.organisation_id = ANY(%s))
GROUP BY 1
"""
# What holds for each guest on its day, with what was agreed with them.
POLICIES = """
SELECT v.id AS reservation_id, p.*
FROM booking_reservation v
JOIN labs_resource r ON r.id = v.resource_id
JOIN labs_site t ON t.id = r.site_id
CROSS JOIN LATERAL booking_policy_for(v.resource_id, v.organisation_id,
    (v.starts_at AT TIME ZONE t.time_zone)::date) p
WHERE v.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another reservation of the same resource on that day."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    status: str
    organisation_id: int
    name: str
    name_bg: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What stands beside a request; `flags`: rules it does not meet as they are now.

    `expiring`: what whoever comes has to have, and has no longer soon after.

    The use is of what the viewer sees to: a host's own resources, for hub staff all.
    """

    flags: list[Violation]
    that_day: list[Neighbour] = field(default_factory=list)
    used_minutes: int = 0
    no_shows: int = 0
    late_cancels: int = 0
    expiring: list[Need] = field(default_factory=list)


def with_rules(waiting: ReservationQuerySet) -> ReservationQuerySet:
    """Add to the rows what `facts_of` looks at; no query more."""
    wanted = Func(
        OuterRef("starts_at"),
        OuterRef("ends_at"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )
    opened = OpenPeriod.objects.filter(
        resource=OuterRef("resource"), during__contains=wanted
    )
    covered = Coverage.objects.filter(resource=OuterRef("resource")).order_by()
    against = History.objects.filter(
        reservation=OuterRef("pk"), changes__has_key="overrides"
    )
    rows: ReservationQuerySet = waiting.annotate(
        overrides=Subquery(against.order_by("-pk").values("changes__overrides")[:1]),
        is_open=Exists(opened),
        unit_count=Subquery(
            covered.values("resource").annotate(n=Count("pk")).values("n")
        ),
    )
    return rows


def facts_of(
    waiting: Reservation, policy: EffectivePolicy, needs: tuple[Need, ...] = ()
) -> Facts:
    """Return what a row of `with_rules` is judged by, as if it were asked for as then.

    Notice and horizon count from the moment of asking: waiting is no fault.
    """
    resource = waiting.resource
    return Facts(
        now=waiting.created_at,
        starts_at=waiting.starts_at,
        ends_at=waiting.ends_at,
        people=waiting.people,
        quantity=waiting.quantity,
        policy=policy,
        zone=resource.site.zone,
        is_published=resource.is_published,
        is_open=waiting.is_open,  # type: ignore[attr-defined]
        capacity=resource.people,
        is_pool=resource.is_pool,
        units=waiting.unit_count,  # type: ignore[attr-defined]
        needs=needs,
    )


def briefs_for(
    viewer: User, waiting: Sequence[Reservation], now: dt.datetime
) -> dict[int, Brief]:
    """Return the brief of each row of `with_rules`, by its id; three queries."""
    policies = _policies([each.pk for each in waiting])
    needs = needs_by_id(waiting, now)
    neighbours = _neighbours([each.pk for each in waiting])
    used = _used(viewer, {each.organisation_id for each in waiting}, now)
    facts = {
        each.pk: facts_of(each, policies[each.pk], needs[each.pk]) for each in waiting
    }
    return {
        each.pk: Brief(
            violations(facts[each.pk]),
            neighbours.get(each.pk, []),
            *used.get(each.organisation_id, (0, 0, 0)),
            # What will not be valid then is a flag already.
            [
                need
                for need in expiring(facts[each.pk].needs, facts[each.pk].last_day)
                if need.then
            ],
        )
        for each in waiting
    }


def _neighbours(ids: list[int]) -> dict[int, list[Neighbour]]:
    found: dict[int, list[Neighbour]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SAME_DAY, [ids])
        for pk, *values in cursor.fetchall():
            found.setdefault(pk, []).append(Neighbour(*values))
    return found


def _policies(ids: list[int]) -> dict[int, EffectivePolicy]:
    rows: Iterable[Any] = EffectivePolicy.objects.raw(POLICIES, [ids])
    return {row.reservation_id: row for row in rows}


def _used(
    viewer: User, ids: Iterable[int], now: dt.datetime
) -> dict[int, tuple[int, int, int]]:
    managed = [] if viewer.is_hub_staff else list(viewer.managed_ids)
    with connection.cursor() as cursor:
        whose = (viewer.is_hub_staff, managed)
        cursor.execute(USE, [list(ids), now - RECENT, now, *whose])
        return {pk: tuple(counted) for pk, *counted in cursor.fetchall()}


def decisions_bring(reservations: Iterable[Reservation]) -> None:
    """Give each the decisions that stand (for `standing`); at most one query."""
    brought: dict[int, list[Decision]] = {}
    for each in reservations:
        each.__dict__["brought"] = brought.setdefault(each.pk, [])
    if brought:
        found = Decision.objects.filter(reservation__in=brought, stands=True)
        for decision in found.select_related(*DECIDERS):
            brought[decision.reservation_id].append(decision)


def taken_by(actor: User, since: dt.datetime) -> ReservationQuerySet:
    """Return what this person decided since then, the latest first."""
    rows: ReservationQuerySet = Reservation.objects.visible_to(actor)
    theirs = Decision.objects.filter(by=actor, at__gt=since, stands=True)
    return (
        rows.filter(pk__in=theirs.values("reservation"))
        .select_related("resource__site", "organisation", "decided_by")
        .annotate(last_at=Max("decisions__at"))
        .order_by("-last_at", "-pk")
    )
