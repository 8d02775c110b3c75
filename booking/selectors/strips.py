"""The day of a few resources, drawn beside each: open, taken, free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from booking.periods import Period
from booking.selectors.timeline import DAY_END, DAY_START
from booking.selectors.waiting import WAITING, waiting_params
from labs.models import Resource

# Taken is when nobody could reserve: while another has it, or the own turnaround would
# not fit before; of a pool, when that is so of every unit. Hence a hall is the union of
# its units, a pool their intersection.
STRIPS = f"""
WITH shown AS (
    SELECT r.id, r.is_pool, {DAY_START} AS s, {DAY_END} AS e,
        make_interval(mins => p.turnaround_minutes) AS turnaround
    FROM labs_resource r
    JOIN labs_site t ON t.id = r.site_id
    JOIN booking_effectivepolicy p ON p.resource_id = r.id
    WHERE r.id = ANY(%(ids)s::int[])
), opened AS (
    SELECT w.id,
        range_agg(p.during * tstzrange(least(greatest(w.s, %(now)s), w.e), w.e)) AS m
    FROM shown w
    JOIN booking_openperiod p ON p.resource_id = w.id
        AND p.during && tstzrange(w.s, w.e)
    GROUP BY w.id
), unit AS (
    SELECT w.id, w.is_pool, coalesce(range_agg(
        tstzrange(lower(o.during) - w.turnaround, upper(o.during))
    ) FILTER (WHERE o.unit_id IS NOT NULL), '{{}}') AS m
    FROM shown w
    JOIN labs_coverage c ON c.resource_id = w.id
    LEFT JOIN booking_occupancy o ON o.unit_id = c.unit_id
        AND o.during && tstzrange(w.s, w.e + w.turnaround)
    GROUP BY w.id, w.is_pool, c.unit_id
), busy AS (
    SELECT id, CASE WHEN is_pool
        THEN range_intersect_agg(m) ELSE range_agg(m) END AS m
    FROM unit GROUP BY id, is_pool
)
SELECT w.id, u.wait, w.s, w.e,
    o.m, o.m * coalesce(b.m, '{{}}'), o.m - coalesce(b.m, '{{}}')
FROM shown w
LEFT JOIN opened o ON o.id = w.id
LEFT JOIN busy b ON b.id = w.id
LEFT JOIN LATERAL ({WAITING}) u ON true
"""


class Strip(NamedTuple):
    """A day of the resource's site: when it is open, and of that taken and free.

    What is over is not open any more. `waiting` is how long a decision usually takes.
    """

    day: Period
    open: list[Period]
    taken: list[Period]
    free: list[Period]
    waiting: dt.timedelta | None


def strips(
    resources: Iterable[Resource], day: dt.date, now: dt.datetime
) -> dict[int, Strip]:
    """Return the day of each by resource id; one query."""
    params: dict[str, Any] = {
        "ids": [each.pk for each in resources],
        "day": day,
        "days": 1,
        "now": now,
        **waiting_params(now),
    }
    if not params["ids"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STRIPS, params)
        rows = cursor.fetchall()
    return {
        pk: Strip(
            Period(start, end), _periods(opened), _periods(taken), _periods(free), wait
        )
        for pk, wait, start, end, opened, taken, free in rows
    }


def _periods(multirange: Any) -> list[Period]:
    return [Period(each.lower, each.upper) for each in multirange or ()]
