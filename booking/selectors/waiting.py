"""How long requests usually wait for their decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection

from config import clock
from labs.models import Resource

#: What counts: long enough for a rare resource, short enough to follow new habits.
SINCE = dt.timedelta(days=90)
#: The middle of fewer would tell of an accident, not of what is usual.
FEWEST = 3

#: The median wait of what was decided, for the resource `w.id`; no row for too few.
#: Nothing is decided after its start; the index knows only starts.
WAITING = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v.decided_at - v.created_at) AS wait
FROM booking_reservation v
WHERE v.resource_id = w.id
    AND v.decided_at >= %(since)s AND v.starts_at >= %(since)s
HAVING count(*) >= %(fewest)s
"""
OF_MANY = f"""
SELECT w.id, u.wait
FROM unnest(%(ids)s::int[]) AS w (id) CROSS JOIN LATERAL ({WAITING}) u
"""


def waiting_params(now: dt.datetime) -> dict[str, Any]:
    """Return what WAITING asks with."""
    return {"since": now - SINCE, "fewest": FEWEST}


def usual_waiting(resources: Iterable[Resource]) -> dict[int, dt.timedelta]:
    """Return the median wait of the last 90 days by resource id; one query.

    Resources with fewer than three decided requests are left out, those that need no
    approval with them.
    """
    params = waiting_params(clock.now()) | {"ids": [each.pk for each in resources]}
    with connection.cursor() as cursor:
        cursor.execute(OF_MANY, params)
        return dict(cursor.fetchall())
