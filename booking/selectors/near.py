"""How the finder and the timeline look up a window: across all resources, or in one.

The same condition in two shapes, each met by an index. Across all, GiST finds what
overlaps in one scan (a fence keeps the planner from one scan per resource: 170 ms of
the 300 that it took then); in one, the btree does, and GiST would read all the others'.

The bounds stand in subqueries, where the planner cannot see their values: a plan for
all values then costs no more than one for these, and it is kept (config.prepared).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from labs.models import Resource

#: What is taken or open from %(start)s to %(end)s, and a day more for the turnaround.
OF_MANY = {
    "policy": "booking_effectivepolicy",
    "occupied": """
        SELECT unit_id, reservation_id, during FROM booking_occupancy
        WHERE during && (SELECT tstzrange(
            %(start)s::timestamptz, %(end)s::timestamptz + interval '1 day'))
        OFFSET 0""",
    "opened": """
        SELECT resource_id, during FROM booking_openperiod
        WHERE during
            && (SELECT tstzrange(%(start)s::timestamptz, %(end)s::timestamptz))
        OFFSET 0""",
}
#: To compare with a bigint is what btree_gist cannot and btree can: it settles which.
#: No row of the ledger is longer than 32 days, by a constraint of the reservation's.
OF_ONE = {
    "policy": "booking_effectivepolicy",
    "resources": "%(only)s",
    "occupied": """
        SELECT unit_id, reservation_id, during FROM booking_occupancy
        WHERE lower(during) < (SELECT %(end)s::timestamptz + interval '1 day')
          AND lower(during) > (SELECT %(start)s::timestamptz - interval '33 days')""",
    "opened": """
        SELECT resource_id, during FROM booking_openperiod
        WHERE resource_id = %(only)s::bigint
          AND upper(during) > (SELECT %(start)s::timestamptz)
          AND lower(during) < (SELECT %(end)s::timestamptz)
        OFFSET 0""",
}


def inner_query(resources: QuerySet[Resource]) -> tuple[str, dict[str, Any]]:
    """Return a queryset's ids as SQL with named parameters, to stand in other SQL."""
    sql, values = resources.order_by().values("pk").query.sql_with_params()
    named = {f"id_{number}": value for number, value in enumerate(values)}
    return sql % tuple(f"%({name})s" for name in named), named
