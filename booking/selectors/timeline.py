"""What is open and what is taken: of every resource on a day, or of one in a period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from booking.selectors.near import OF_MANY, OF_ONE, inner_query
from booking.visibility import taken_seen_by
from config.prepared import prepared
from labs.models import Resource, User

ISO = '\'YYYY-MM-DD"T"HH24:MI:SS"Z"\''

# Times leave PostgreSQL as text: made there they cost a third of what Python takes for
# two thousand. What holds is read from the ledger, so that a hall shows what its parts
# have and they what it has; what is over has left the ledger and is read from the
# reservations.
TIMELINE = f"""
WITH shown AS (
    SELECT r.id, r.slug, r.name, r.name_bg, r.kind, r.people, r.is_pool,
        r.organisation_id, g.slug AS organisation, t.slug AS site, t.time_zone,
        {{start}} AS s, {{end}} AS e
    FROM labs_resource r
    JOIN labs_site t ON t.id = r.site_id
    JOIN labs_organisation g ON g.id = r.organisation_id
    WHERE r.id IN ({{resources}})
), held AS (
    SELECT w.id, o.reservation_id
    FROM ({{occupied}}) o
    JOIN labs_coverage c ON c.unit_id = o.unit_id
    JOIN shown w ON w.id = c.resource_id
    WHERE o.during && tstzrange(w.s, w.e)
), past AS (
    SELECT w.id, v.id AS reservation_id
    FROM shown w
    JOIN labs_coverage c ON c.resource_id = w.id
    JOIN labs_coverage b ON b.unit_id = c.unit_id
    JOIN booking_reservation v ON v.resource_id = b.resource_id
    JOIN labs_resource o ON o.id = v.resource_id
    WHERE v.status = 'completed' AND v.starts_at < w.e AND v.free_at > w.s
      AND v.ends_at BETWEEN %(start)s::timestamptz - interval '1 day'
          AND %(end)s::timestamptz + interval '31 days'
      AND (v.resource_id = w.id OR NOT o.is_pool)
), taken AS (
    SELECT x.id, json_agg(json_build_object(
        'starts_at', to_char(v.starts_at AT TIME ZONE 'UTC', {ISO}),
        'ends_at', to_char(v.ends_at AT TIME ZONE 'UTC', {ISO}),
        'free_at', to_char(v.free_at AT TIME ZONE 'UTC', {ISO}),
        'reference', v.reference, 'status', v.status, 'quantity', v.quantity,
        'organisation_id', v.organisation_id, 'organisation', g.slug,
        'organisation_name', g.name, 'purpose', v.purpose,
        'others_see', p.others_see
    ) ORDER BY v.starts_at, v.id) AS rows
    FROM (SELECT * FROM held UNION SELECT * FROM past) x
    JOIN booking_reservation v ON v.id = x.reservation_id
    JOIN labs_organisation g ON g.id = v.organisation_id
    JOIN booking_effectivepolicy p ON p.resource_id = v.resource_id
    GROUP BY x.id
), opened AS (
    SELECT w.id, json_agg(json_build_object(
        'starts_at', to_char(greatest(lower(p.during), w.s) AT TIME ZONE 'UTC', {ISO}),
        'ends_at', to_char(least(upper(p.during), w.e) AT TIME ZONE 'UTC', {ISO})
    ) ORDER BY p.during) AS rows
    FROM shown w
    JOIN ({{opened}}) p ON p.resource_id = w.id AND p.during && tstzrange(w.s, w.e)
    GROUP BY w.id
), units AS (
    SELECT resource_id AS id, count(*) AS units FROM labs_coverage GROUP BY 1
)
SELECT w.slug, w.name, w.name_bg, w.kind, w.organisation, w.organisation_id, w.site,
    w.time_zone, w.people, w.is_pool, coalesce(u.units, 0),
    coalesce(o.rows, '[]'), coalesce(t.rows, '[]')
FROM shown w
LEFT JOIN units u ON u.id = w.id
LEFT JOIN opened o ON o.id = w.id
LEFT JOIN taken t ON t.id = w.id
ORDER BY w.name, w.id
"""
COLUMNS = (
    "resource",
    "name",
    "name_bg",
    "kind",
    "organisation",
    "host_id",
    "site",
    "time_zone",
    "people",
    "is_pool",
    "units",
    "open",
    "taken",
)
#: The days by the clock on the site's wall, 23 or 25 hours long where they are.
DAY_START = "(%(day)s::date::timestamp AT TIME ZONE t.time_zone)"
DAY_END = "((%(day)s::date + %(days)s::int)::timestamp AT TIME ZONE t.time_zone)"
#: No zone is further from UTC.
FURTHEST = dt.timedelta(hours=15)


def _rows(
    viewer: User | AnonymousUser, near: dict[str, str], params: dict[str, Any]
) -> list[dict[str, Any]]:
    with prepared(), connection.cursor() as cursor:
        cursor.execute(TIMELINE.format(**near), params)
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        host_id = row.pop("host_id")
        row["taken"] = [taken_seen_by(viewer, taken, host_id) for taken in row["taken"]]
    return rows


def timeline_day(
    viewer: User | AnonymousUser,
    resources: QuerySet[Resource],
    day: dt.date,
    *,
    days: int = 1,
) -> list[dict[str, Any]]:
    """Return each resource with what is open and taken on a day of its site; one query.

    On so many days, where `days` says so.

    `open` has `{starts_at, ends_at}`, `taken` what `visibility` lets the viewer see;
    instants are ISO 8601 text in UTC.
    """
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    inner, named = inner_query(resources)
    params = {
        "day": day,
        "days": days,
        "start": midnight - FURTHEST,
        "end": midnight + FURTHEST + dt.timedelta(days=days),
    }
    near = {"resources": inner, "start": DAY_START, "end": DAY_END} | OF_MANY
    return _rows(viewer, near, params | named)


def timeline_of(
    viewer: User | AnonymousUser,
    resource: Resource,
    start: dt.datetime,
    end: dt.datetime,
) -> dict[str, Any]:
    """Return one resource's row of the timeline for any period; one query."""
    params = {"start": start, "end": end, "only": resource.pk}
    times = {"start": "%(start)s::timestamptz", "end": "%(end)s::timestamptz"}
    return _rows(viewer, times | OF_ONE, params)[0]
