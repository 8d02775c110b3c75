"""Who else wants the time of a request, and what is fair to weigh between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from booking.models import Reservation
from booking.models.reservation import ReservationQuerySet
from booking.models.waiting import WaitingQuerySet
from booking.selectors.deciding import RECENT
from booking.selectors.lines import lines_visible_to, sharing_with
from booking.selectors.reservations import reservations_visible_to
from labs.models import User

WANTING = """
SELECT v.id, count(DISTINCT w.id)
FROM booking_reservation v
JOIN labs_coverage c ON c.resource_id = v.resource_id
JOIN labs_coverage d ON d.unit_id = c.unit_id
JOIN booking_waitingentry w ON w.resource_id = d.resource_id
    AND w.status = 'waiting'
    AND w.window_starts_at < v.ends_at AND w.window_ends_at > v.starts_at
WHERE v.id = ANY(%s) GROUP BY 1
"""
# `hosts` empty: those of all; else what is used of these, and nothing of what is given.
FAIRNESS = """
SELECT g.id, coalesce(u.minutes, 0)::int, coalesce(u.missed, 0)::int,
    CASE WHEN %(all)s THEN coalesce(o.minutes, 0)::int END
FROM labs_organisation g
LEFT JOIN (
    SELECT v.organisation_id,
        sum(extract(epoch FROM v.ends_at - v.starts_at) / 60)
            FILTER (WHERE v.status IN ('approved', 'in_use', 'completed')) AS minutes,
        count(*) FILTER (WHERE v.status = 'no_show') AS missed
    FROM booking_reservation v JOIN labs_resource r ON r.id = v.resource_id
    WHERE v.organisation_id = ANY(%(ids)s)
        AND v.starts_at > %(since)s AND v.starts_at <= %(now)s
        AND (%(all)s OR r.organisation_id = ANY(%(hosts)s))
    GROUP BY 1
) u ON u.organisation_id = g.id
LEFT JOIN (
    SELECT r.organisation_id,
        sum(extract(epoch FROM v.ends_at - v.starts_at) / 60) AS minutes
    FROM booking_reservation v JOIN labs_resource r ON r.id = v.resource_id
    WHERE %(all)s AND r.organisation_id = ANY(%(ids)s)
        AND v.organisation_id <> r.organisation_id
        AND v.status IN ('approved', 'in_use', 'completed')
        AND v.starts_at > %(since)s AND v.starts_at <= %(now)s
    GROUP BY 1
) o ON o.organisation_id = g.id
WHERE g.id = ANY(%(ids)s)
"""


def wanting(requests: Sequence[Reservation]) -> dict[int, int]:
    """Return how many want the time of each request, itself included; one query.

    Those that nobody waits for are not there.
    """
    with connection.cursor() as cursor:
        cursor.execute(WANTING, [[each.pk for each in requests]])
        return {pk: 1 + number for pk, number in cursor.fetchall()}


def entries_against(viewer: User, request: Reservation) -> WaitingQuerySet:
    """Return who waits for some of a request's time, there or in what shares a unit.

    The first in line first; only those whose resource the viewer decides about.
    """
    shared = sharing_with([request.resource_id]).order_by().values("pk")
    rows = lines_visible_to(viewer).waiting()
    if not viewer.is_hub_staff:
        rows = rows.filter(resource__organisation_id__in=viewer.managed_ids)
    return rows.filter(
        resource__in=shared,
        window_starts_at__lt=request.ends_at,
        window_ends_at__gt=request.starts_at,
    )


def requests_beside(viewer: User, request: Reservation) -> ReservationQuerySet:
    """Return the other requests for that time, of the same pool or hall, to decide."""
    shared = sharing_with([request.resource_id]).order_by().values("pk")
    at_once = Q(starts_at__lt=request.ends_at, ends_at__gt=request.starts_at)
    rows = reservations_visible_to(viewer).decidable_by(viewer)
    return rows.filter(at_once, resource__in=shared).exclude(pk=request.pk)


@dataclass(frozen=True, slots=True)
class Fairness:
    """What an organisation used in 90 days, and gave: minutes of its own resources.

    A host sees what was used of its own resources, and not what others give.
    """

    used_minutes: int
    no_shows: int
    given_minutes: int | None


def fairness_of(
    viewer: User, organisation_ids: Iterable[int], now: dt.datetime
) -> dict[int, Fairness]:
    """Return the facts about each organisation that the viewer may know; one query."""
    params: dict[str, Any] = {
        "ids": list(organisation_ids),
        "all": viewer.is_hub_staff,
        "hosts": list(viewer.managed_ids),
        "since": now - RECENT,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(FAIRNESS, params)
        return {pk: Fairness(*facts) for pk, *facts in cursor.fetchall()}
