"""How it stands with the qualifications that resources require; one statement."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from booking.models import Reservation
from booking.qualifying import Need, needs_of

NEEDS = """
SELECT jsonb_agg(jsonb_build_object(
    'slug', q.slug, 'name', q.name, 'name_bg', q.name_bg,
    'giver', coalesce(o.name, ''), 'giver_bg', coalesce(o.name_bg, ''),
    'now', coalesce(h.spans @> d.today, false),
    'then', coalesce(h.spans @> daterange(d.first, d.last, '[]'), false),
    'until', (
        SELECT upper(s) - 1 FROM unnest(h.spans) s
        WHERE s @> d.last OR s @> d.today ORDER BY s DESC LIMIT 1
    )
) ORDER BY q.name, q.id)
FROM labs_resource_required_qualifications n
JOIN labs_qualificationtype q ON q.id = n.qualificationtype_id
LEFT JOIN labs_organisation o ON o.id = q.organisation_id
CROSS JOIN LATERAL (
    SELECT ({now} AT TIME ZONE t.time_zone)::date AS today, first,
        greatest(first, (({end} - interval '1 microsecond')
            AT TIME ZONE t.time_zone)::date) AS last
    FROM (SELECT ({start} AT TIME ZONE t.time_zone)::date AS first) f
) d
LEFT JOIN LATERAL (
    -- One after the other they hold together: a renewal begins where the last ends.
    SELECT range_agg(daterange(valid_from, valid_until, '[]')) AS spans
    FROM labs_qualification
    WHERE person_id = {person} AND type_id = q.id AND revoked_at IS NULL
) h ON true
WHERE n.resource_id = r.id AND {person} IS NOT NULL
"""
OF_RESERVATIONS = f"""
SELECT v.id, ({
    NEEDS.format(
        now="%(now)s::timestamptz",
        start="v.starts_at",
        end="v.ends_at",
        person="v.requested_by_id",
    )
})
FROM booking_reservation v
JOIN labs_resource r ON r.id = v.resource_id
JOIN labs_site t ON t.id = r.site_id
WHERE v.id = ANY(%(ids)s)
"""


def needs_by_id(
    reservations: Iterable[Reservation], now: dt.datetime
) -> dict[int, tuple[Need, ...]]:
    """Return what each requires of who comes, as it stands now; one query."""
    params: dict[str, Any] = {"ids": [each.pk for each in reservations], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(OF_RESERVATIONS, params)
        # Django's cursor leaves JSON as it comes.
        return {pk: needs_of(json.loads(rows)) if rows else () for pk, rows in cursor}
