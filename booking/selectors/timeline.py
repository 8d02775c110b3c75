"""What is open and what is taken: of every resource on a day, or of one in a period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from booking.models.reservation import TAKING_PLACE
from booking.visibility import taken_seen_by
from labs.models import Resource, User

ISO = '\'YYYY-MM-DD"T"HH24:MI:SS"Z"\''

# Times leave PostgreSQL as text: making it there costs a third of what Python takes for
# two thousand of them. A hall shows what its parts have and they what it has; of a pool
# that shares units, only what really sits on them.
TIMELINE = f"""
WITH shown AS (
    SELECT r.id, r.slug, r.name, r.name_bg, r.kind, r.people, r.is_pool,
        r.organisation_id, g.slug AS organisation, t.slug AS site, t.time_zone,
        {{start}} AS s, {{end}} AS e
    FROM labs_resource r
    JOIN labs_site t ON t.id = r.site_id
    JOIN labs_organisation g ON g.id = r.organisation_id
    WHERE r.id IN ({{resources}})
), sharing AS (
    SELECT DISTINCT a.resource_id AS mine, b.resource_id AS other
    FROM labs_coverage a JOIN labs_coverage b ON b.unit_id = a.unit_id
    WHERE a.resource_id IN (SELECT id FROM shown)
), taken AS (
    SELECT w.id, json_agg(json_build_object(
        'starts_at', to_char(v.starts_at AT TIME ZONE 'UTC', {ISO}),
        'ends_at', to_char(v.ends_at AT TIME ZONE 'UTC', {ISO}),
        'free_at', to_char(v.free_at AT TIME ZONE 'UTC', {ISO}),
        'reference', v.reference, 'status', v.status, 'quantity', v.quantity,
        'organisation_id', v.organisation_id, 'organisation', g.slug,
        'organisation_name', g.name, 'purpose', v.purpose
    ) ORDER BY v.starts_at, v.id) AS rows
    FROM shown w
    JOIN sharing ON sharing.mine = w.id
    JOIN booking_reservation v ON v.resource_id = sharing.other
        AND v.starts_at < w.e AND v.starts_at > w.s - interval '32 days'
        AND v.free_at > w.s AND v.status = ANY(%(statuses)s)
    JOIN labs_organisation g ON g.id = v.organisation_id
    JOIN labs_resource o ON o.id = v.resource_id
    WHERE v.resource_id = w.id OR NOT o.is_pool OR EXISTS (
        SELECT 1 FROM booking_occupancy x
        JOIN labs_coverage c ON c.unit_id = x.unit_id AND c.resource_id = w.id
        WHERE x.reservation_id = v.id)
    GROUP BY w.id
), opened AS (
    SELECT w.id, json_agg(json_build_object(
        'starts_at', to_char(greatest(lower(p.during), w.s) AT TIME ZONE 'UTC', {ISO}),
        'ends_at', to_char(least(upper(p.during), w.e) AT TIME ZONE 'UTC', {ISO})
    ) ORDER BY p.during) AS rows
    FROM shown w
    JOIN booking_openperiod p ON p.resource_id = w.id
        AND upper(p.during) > w.s AND lower(p.during) < w.e
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
#: The day by the clock on the site's wall, 23 or 25 hours long where it is.
DAY_START = "(%(day)s::date::timestamp AT TIME ZONE t.time_zone)"
DAY_END = "((%(day)s::date + 1)::timestamp AT TIME ZONE t.time_zone)"


def _rows(
    resources: QuerySet[Resource],
    start: str,
    end: str,
    params: dict[str, Any],
    viewer: User,
) -> list[dict[str, Any]]:
    sql, ids = resources.order_by().values("pk").query.sql_with_params()
    named = {f"id_{n}": value for n, value in enumerate(ids)}
    inner = sql % tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(
            TIMELINE.format(resources=inner, start=start, end=end),
            {**params, **named, "statuses": sorted(TAKING_PLACE)},
        )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        host_id = row.pop("host_id")
        row["taken"] = [taken_seen_by(viewer, taken, host_id) for taken in row["taken"]]
    return rows


def timeline_day(
    viewer: User, resources: QuerySet[Resource], day: dt.date
) -> list[dict[str, Any]]:
    """Return each resource with what is open and taken on a day of its site; one query.

    `open` has `{starts_at, ends_at}`, `taken` what `visibility` lets the viewer see;
    instants are ISO 8601 text in UTC.
    """
    return _rows(resources, DAY_START, DAY_END, {"day": day}, viewer)


def timeline_of(
    viewer: User, resource: Resource, start: dt.datetime, end: dt.datetime
) -> dict[str, Any]:
    """Return one resource's row of the timeline for any period; one query."""
    one = Resource.objects.filter(pk=resource.pk)
    params = {"start": start, "end": end}
    return _rows(one, "%(start)s::timestamptz", "%(end)s::timestamptz", params, viewer)[
        0
    ]
