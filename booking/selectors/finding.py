"""What is free, and when: one SQL statement a question, flat in rows.

A lab or a hall is free when all its units are; a pool when `quantity` of them are, the
same ones for the whole time. Before whatever is taken, the asking resource's own
turnaround must fit too, hence `lower(during) - turnaround`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from booking.models import EffectivePolicy
from booking.periods import Period
from booking.rules import Facts, Violation, violations
from booking.selectors.facts import Wish
from booking.selectors.near import OF_MANY, OF_ONE, inner_query
from config.prepared import prepared
from labs.models import Resource

FREE_FOR_WINDOW = """
SELECT r.id
FROM labs_resource r
JOIN booking_effectivepolicy p ON p.resource_id = r.id
JOIN labs_coverage c ON c.resource_id = r.id
LEFT JOIN ({occupied}) o ON o.unit_id = c.unit_id
    AND o.during
        && tstzrange(%(start)s, %(end)s + make_interval(mins => p.turnaround_minutes))
WHERE EXISTS (
    SELECT 1 FROM booking_openperiod o
    WHERE o.resource_id = r.id
        AND o.during @> (SELECT tstzrange(%(start)s, %(end)s)))
    {kept_for_others}
GROUP BY r.id
HAVING CASE WHEN r.is_pool
    THEN count(*) FILTER (WHERE o.unit_id IS NULL) >= %(quantity)s
    ELSE bool_and(o.unit_id IS NULL) END
"""

#: Hardly any resource has such hours, so the function is hardly ever asked.
KEPT_FOR_OTHERS = """AND NOT EXISTS (
        SELECT FROM booking_restrictedhours h
        WHERE h.resource_id = r.id AND booking_hours_closed_to(
            h.resource_id, %(guests)s::bigint[], %(start)s, %(end)s)
                && tstzrange(%(start)s, %(end)s))"""
BUT_FOR_OTHERS = """
        - coalesce((
            SELECT booking_hours_closed_to(
                o.resource_id, %(guests)s::bigint[], %(start)s, %(end)s)
            WHERE o.resource_id IN (SELECT resource_id FROM booking_restrictedhours)
        ), '{}')"""

# One row per gap: the longest time that can be reserved from there.
GAPS = """
WITH wanted AS (
    SELECT r.id, r.is_pool, p.start_grid_minutes AS grid, s.time_zone,
        make_interval(mins => p.turnaround_minutes) AS turnaround,
        greatest(%(start)s, %(now)s + make_interval(mins => p.notice_minutes)) AS s,
        least(%(end)s, %(now)s + make_interval(days => p.horizon_days)) AS e,
        %(minutes)s BETWEEN p.min_duration_minutes AND p.max_duration_minutes
            AND %(minutes)s %% p.start_grid_minutes = 0
            AND (r.is_pool OR %(quantity)s = 1) AS fits
    FROM labs_resource r
    JOIN labs_site s ON s.id = r.site_id
    JOIN {policy} p ON p.resource_id = r.id
    WHERE r.id IN ({resources})
), opened AS (
    SELECT o.resource_id,
        range_agg(o.during * tstzrange(w.s, w.e)) {but_for_others} AS m
    FROM ({opened}) o JOIN wanted w ON w.id = o.resource_id
    WHERE w.fits AND w.s < w.e
    GROUP BY 1
), busy AS (
    SELECT c.resource_id, c.unit_id, w.is_pool,
        tstzrange(lower(o.during) - w.turnaround, upper(o.during)) AS during
    FROM ({occupied}) o
    JOIN labs_coverage c ON c.unit_id = o.unit_id
    JOIN wanted w ON w.id = c.resource_id
    WHERE o.reservation_id IS DISTINCT FROM %(apart_from)s
), whole AS (
    SELECT o.resource_id, o.m - coalesce(b.m, '{{}}') AS m
    FROM opened o
    JOIN wanted w ON w.id = o.resource_id AND NOT w.is_pool
    LEFT JOIN (
        SELECT resource_id, range_agg(during) AS m FROM busy
        WHERE NOT is_pool GROUP BY 1
    ) b ON b.resource_id = o.resource_id
), seat AS (
    SELECT o.resource_id, c.unit_id, o.m - coalesce(b.m, '{{}}') AS m
    FROM opened o
    JOIN wanted w ON w.id = o.resource_id AND w.is_pool
    JOIN labs_coverage c ON c.resource_id = o.resource_id
    LEFT JOIN (
        SELECT resource_id, unit_id, range_agg(during) AS m FROM busy
        WHERE is_pool GROUP BY 1, 2
    ) b ON b.resource_id = o.resource_id AND b.unit_id = c.unit_id
), seat_gap AS (
    SELECT resource_id, lower(g) AS s, upper(g) AS e FROM seat, unnest(m) g
), gap AS (
    SELECT resource_id, lower(g) AS s, upper(g) AS e FROM whole, unnest(m) g
    UNION ALL
    SELECT resource_id, s, e FROM seat_gap WHERE (SELECT %(quantity)s = 1)
    UNION ALL
    -- From a seat's first free moment, `quantity` seats stay free until the end of the
    -- one that is the quantity-th to be taken.
    SELECT f.resource_id, f.s, k.e
    FROM (
        SELECT DISTINCT resource_id, s FROM seat_gap WHERE (SELECT %(quantity)s > 1)
    ) f
    CROSS JOIN LATERAL (
        SELECT g.e FROM seat_gap g
        WHERE g.resource_id = f.resource_id AND g.s <= f.s AND g.e > f.s
        ORDER BY g.e DESC OFFSET %(quantity)s - 1 LIMIT 1
    ) k
), enough AS (
    SELECT resource_id, s, e FROM gap
    WHERE e - s >= make_interval(mins => %(minutes)s)
), likely AS ({likely}), marked AS (
    SELECT g.resource_id, g.s, g.e, w.time_zone, make_interval(mins => w.grid) AS grid,
        g.s AT TIME ZONE w.time_zone AS wall,
        date_bin(
            make_interval(mins => w.grid),
            (g.s AT TIME ZONE w.time_zone)
                + make_interval(mins => w.grid) - interval '1 microsecond',
            date_trunc('day', g.s AT TIME ZONE w.time_zone)
        ) AS mark
    FROM likely g JOIN wanted w ON w.id = g.resource_id
    OFFSET 0
), stepped AS (
    SELECT *, (s + (mark - wall)) AT TIME ZONE time_zone AS reached
    FROM marked OFFSET 0
), placed AS (
    -- So much time later the clock shows the mark, or where it changes on the way
    -- perhaps no mark at all; and by the clock alone the first of two hours is lost.
    SELECT resource_id, e,
        CASE WHEN date_bin(grid, reached, date_trunc('day', reached)) = reached
            THEN s + (mark - wall) ELSE mark AT TIME ZONE time_zone END AS s,
        grid, time_zone
    FROM stepped OFFSET 0
), ending AS (
    SELECT *, (s + make_interval(mins => %(minutes)s)) AT TIME ZONE time_zone AS until
    FROM placed OFFSET 0
), slot AS (
    -- On a day of 23 or 25 hours a wide grid may have no mark where it would end.
    SELECT resource_id, s, e FROM ending
    WHERE date_bin(grid, until, date_trunc('day', until)) = until
)
"""
ALL = "SELECT * FROM enough"
#: What holds for one guest, on the first day that is looked at.
AGREED = """LATERAL booking_policy_for(
    r.id, %(guest)s, (%(start)s::timestamptz AT TIME ZONE s.time_zone)::date)"""
# In a gap that is longer by two steps of the grid there is room wherever the next mark
# lies, a change of the clock included; so none after the first such gap can be first.
UNTIL_SURE = """
    SELECT resource_id, s, e FROM (
        SELECT g.*, min(g.s) FILTER (
            WHERE g.e - g.s >= make_interval(mins => %(minutes)s + 2 * w.grid)
        ) OVER (PARTITION BY g.resource_id) AS sure
        FROM enough g JOIN wanted w ON w.id = g.resource_id
    ) g WHERE sure IS NULL OR s <= sure"""
ALL_SLOTS = """
SELECT s, max(e) FROM slot WHERE e - s >= make_interval(mins => %(minutes)s)
GROUP BY s ORDER BY s
"""
EACH_SLOT = """
SELECT w.id, x.s, x.e, w.grid, w.time_zone
FROM (
    SELECT resource_id, s, max(e) AS e FROM slot
    WHERE e - s >= make_interval(mins => %(minutes)s) GROUP BY 1, 2
) x
JOIN wanted w ON w.id = x.resource_id
ORDER BY 1, 2
"""
FIRST_SLOT = """
SELECT r.slug, r.name, r.name_bg, r.kind, g.slug, t.slug, r.people, x.s
FROM (
    SELECT resource_id, min(s) AS s FROM slot
    WHERE e - s >= make_interval(mins => %(minutes)s) GROUP BY 1
) x
JOIN labs_resource r ON r.id = x.resource_id
JOIN labs_organisation g ON g.id = r.organisation_id
JOIN labs_site t ON t.id = r.site_id
ORDER BY x.s, r.name, r.id
"""


def resources_free(
    resources: QuerySet[Resource],
    wish: Wish,
    now: dt.datetime,
    guests: Collection[int] | None = None,
) -> list[Resource]:
    """Return those of the resources that can be reserved for exactly that window.

    One query; the rules then judge each, so that what is offered would be accepted.
    `site`, `organisation` and `effective_policy` come with them. `guests`: as whose
    member one looks, so that hours which are kept for others do not count as free.
    """
    free = resources.published().filter(  # type: ignore[attr-defined]
        people__gte=wish.people, pk__in=free_then(wish, guests)
    )
    rows = free.select_related("site", "organisation", "effective_policy")
    with prepared():
        found = list(rows)
    return [row for row in found if can_be_reserved(row, wish, now)]


def has_room_for(people: int) -> Q:
    """Return the condition that so many may come."""
    fits = Q(people__gte=people)
    if people <= 1:
        return fits
    unlimited = Q(effective_policy__most_people=0)
    return fits & (unlimited | Q(effective_policy__most_people__gte=people))


def free_then(wish: Wish, guests: Collection[int] | None = None) -> RawSQL:
    """Return the ids of what is open and free for that window, as a subquery."""
    params: dict[str, Any] = {
        "start": wish.starts_at,
        "end": wish.ends_at,
        "quantity": wish.quantity,
        "guests": list(guests or ()),
    }
    kept = "" if guests is None else KEPT_FOR_OTHERS
    return _raw(FREE_FOR_WINDOW.format(**OF_MANY, kept_for_others=kept), params)


def can_be_reserved(resource: Resource, wish: Wish, now: dt.datetime) -> bool:
    """Whether the rules allow what a query found open and free; no query."""
    return not broken_rules(resource, wish, now)


def broken_rules(resource: Resource, wish: Wish, now: dt.datetime) -> list[Violation]:
    """Return the rules that it would break even where it is open and free; no query.

    Needs `site` and `effective_policy` joined.
    """
    return violations(_facts_of(resource, wish, now))


def _raw(sql: str, params: dict[str, Any]) -> RawSQL:
    """Return SQL with named parameters as an expression, which takes them in order."""
    names: list[str] = []

    class Collect(dict[str, Any]):
        def __getitem__(self, name: str) -> str:
            names.append(name)
            return "%s"

    text = sql % Collect()
    return RawSQL(text, [params[name] for name in names])  # noqa: S611 - our constant


def _facts_of(resource: Resource, wish: Wish, now: dt.datetime) -> Facts:
    """Return the facts of a resource that the query found open and free."""
    policy: EffectivePolicy = resource.effective_policy
    return Facts(
        now=now,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        people=wish.people,
        quantity=wish.quantity,
        policy=policy,
        zone=resource.site.zone,
        is_published=True,
        is_open=True,
        capacity=resource.people,
        is_pool=resource.is_pool,
        units=wish.quantity,
    )


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look for a slot of so many minutes; instants aware.

    `guest`: the organisation whose agreements hold, where one resource is looked at;
    `guests`: those as whose member one looks at many. Hours kept for others are left
    out, unless neither is known.
    """

    start: dt.datetime
    end: dt.datetime
    minutes: int
    quantity: int = 1
    apart_from: int | None = None
    guest: int | None = None
    guests: tuple[int, ...] | None = None


def _query(
    search: Search,
    now: dt.datetime,
    near: dict[str, str],
    select: str,
    which: dict[str, Any],
) -> list[tuple[Any, ...]]:
    params = {
        "start": search.start,
        "end": search.end,
        "minutes": search.minutes,
        "quantity": search.quantity,
        "apart_from": search.apart_from,
        "now": now,
        **which,
    }
    guests = (search.guest,) if search.guest is not None else search.guests
    if guests is not None:
        params["guests"] = list(guests)
    near = {"but_for_others": "" if guests is None else BUT_FOR_OTHERS} | near
    with prepared(), connection.cursor() as cursor:
        cursor.execute(GAPS.format(**near) + select, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class FirstFree(NamedTuple):
    """A resource's first free slot; the other fields say which resource it is."""

    slug: str
    name: str
    name_bg: str
    kind: str
    organisation: str
    site: str
    people: int
    starts_at: dt.datetime


def first_free(
    resources: QuerySet[Resource], search: Search, now: dt.datetime
) -> list[FirstFree]:
    """Return the first free slot of each resource that has one, soonest first."""
    published = resources.published()  # type: ignore[attr-defined]
    inner, named = inner_query(published)
    near = OF_MANY | {"resources": inner, "likely": UNTIL_SURE}
    rows = _query(search, now, near, FIRST_SLOT, named)
    return [FirstFree(*row) for row in rows]


class Slot(NamedTuple):
    """When a resource can be reserved; starts and ends lie on its grid."""

    resource_id: int
    period: Period
    grid_minutes: int
    zone: ZoneInfo


def slots_of_each(
    resources: QuerySet[Resource], search: Search, now: dt.datetime
) -> list[Slot]:
    """Return when each resource can be reserved for at least `minutes`; one query."""
    published = resources.published()  # type: ignore[attr-defined]
    inner, named = inner_query(published)
    near = OF_MANY | {"resources": inner, "likely": ALL}
    rows = _query(search, now, near, EACH_SLOT, named)
    return [
        Slot(pk, Period(start, end), grid, ZoneInfo(zone))
        for pk, start, end, grid, zone in rows
    ]


def free_slots(resource: Resource, search: Search, now: dt.datetime) -> list[Period]:
    """Return when one resource can be reserved for at least `minutes`, in order.

    A pool's slots may overlap: each is the longest from its start.
    """
    near = OF_ONE | {"likely": ALL}
    which: dict[str, Any] = {"only": resource.pk}
    if search.guest is not None:
        near |= {"policy": AGREED}
        which["guest"] = search.guest
    rows = _query(search, now, near, ALL_SLOTS, which)
    return [Period(*row) for row in rows]
