"""How long requests usually wait for their decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Aggregate, Count, DurationField, F

from booking.models import Reservation
from config import clock
from labs.models import Resource

#: What counts: long enough for a rare resource, short enough to follow new habits.
SINCE = dt.timedelta(days=90)
#: The middle of fewer would tell of an accident, not of what is usual.
FEWEST = 3


class Median(Aggregate):
    """PostgreSQL's median: half of the values are smaller, half larger."""

    name = "Median"
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def usual_waiting(resources: Iterable[Resource]) -> dict[int, dt.timedelta]:
    """Return the median wait of the last 90 days by resource id; one query.

    Resources with fewer than three decided requests are left out, those that need no
    approval with them.
    """
    since = clock.now() - SINCE
    rows = (
        Reservation.objects.filter(
            resource__in=resources,
            decided_at__gte=since,
            # Nothing is decided after its start; the index knows only starts.
            starts_at__gte=since,
        )
        .order_by()
        .values("resource_id")
        .annotate(
            wait=Median(
                F("decided_at") - F("created_at"), output_field=DurationField()
            ),
            decided=Count("pk"),
        )
        .filter(decided__gte=FEWEST)
    )
    return {row["resource_id"]: row["wait"] for row in rows}
