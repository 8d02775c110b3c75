"""Which hours of a resource only some may use, and whether somebody is one of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from booking.models import Programme, RestrictedHours
from booking.restricting import Restricted
from booking.restricting import restricted_of as restricted_of_rows
from config.errors import Invalid
from labs.models import Organisation, QualificationType, Resource, User

RESTRICTED = """
SELECT jsonb_agg(jsonb_build_object(
    'pk', h.id, 'days', h.days, 'starts', h.starts, 'ends', h.ends,
    'who', (
        SELECT jsonb_agg(jsonb_build_object('name', w.name, 'name_bg', w.name_bg)
            ORDER BY w.place, w.name)
        FROM (
            SELECT 0 AS place, g.name, g.name_bg WHERE h.for_host
            UNION ALL
            SELECT 1, o.name, o.name_bg FROM booking_restrictedhours_organisations x
            JOIN labs_organisation o ON o.id = x.organisation_id
            WHERE x.restrictedhours_id = h.id
            UNION ALL
            SELECT 2, o.name, o.name_bg FROM booking_restrictedhours_programmes x
            JOIN booking_programme o ON o.id = x.programme_id
            WHERE x.restrictedhours_id = h.id
            UNION ALL
            SELECT 3, o.name, o.name_bg FROM booking_restrictedhours_qualifications x
            JOIN labs_qualificationtype o ON o.id = x.qualificationtype_id
            WHERE x.restrictedhours_id = h.id
        ) w
    ),
    'admits', booking_hours_admit(h.id, {guest}, d.day) OR EXISTS (
        SELECT FROM booking_restrictedhours_qualifications x
        WHERE x.restrictedhours_id = h.id AND (
            -- One after the other they hold together, as for what a resource requires.
            SELECT range_agg(daterange(u.valid_from, u.valid_until, '[]'))
            FROM labs_qualification u
            WHERE u.person_id = {person} AND u.revoked_at IS NULL
                AND u.type_id = x.qualificationtype_id
        ) @> daterange(d.day, greatest(d.day, (({end} - interval '1 microsecond')
            AT TIME ZONE t.time_zone)::date), '[]')
    )
) ORDER BY h.starts, h.id)
FROM booking_restrictedhours h WHERE h.resource_id = r.id
"""

AS_THEY_READ = f"""
SELECT ({RESTRICTED.format(guest="NULL", person="NULL::bigint", end="now()")})
FROM labs_resource r
JOIN labs_organisation g ON g.id = r.organisation_id
JOIN labs_site t ON t.id = r.site_id
CROSS JOIN LATERAL (SELECT current_date AS day) d
WHERE r.id = %s
"""


def restricted_hours_of(resource: Resource) -> list[RestrictedHours]:
    """Return the hours that only some may use, with those who may; four queries."""
    rows = RestrictedHours.objects.filter(resource=resource)
    return list(rows.prefetch_related("organisations", "programmes", "qualifications"))


def restricted_hours_named(
    organisations: Iterable[str],
    programmes: Iterable[int],
    qualifications: Iterable[str],
) -> dict[str, list[Any]]:
    """Return who may use such hours, by slugs and ids. Raises Invalid (400)."""
    asked: tuple[tuple[str, Any, str, set[Any]], ...] = (
        ("organisations", Organisation, "slug", set(organisations)),
        ("programmes", Programme, "pk", set(programmes)),
        ("qualifications", QualificationType, "slug", set(qualifications)),
    )
    named = {
        name: list(model.objects.filter(**{f"{by}__in": given})) if given else []
        for name, model, by, given in asked
    }
    for name, _model, _by, given in asked:
        if len(named[name]) < len(given):
            raise Invalid({name: [_("One of these does not exist.")]})
    return named


def restricted_of(resource: Resource) -> tuple[Restricted, ...]:
    """Return the hours that only some may use as they read; one query."""
    with connection.cursor() as cursor:
        cursor.execute(AS_THEY_READ, [resource.pk])
        (rows,) = cursor.fetchone()
    return restricted_of_rows(json.loads(rows or "[]"))


def guests_of(viewer: User) -> tuple[int, ...] | None:
    """Return the organisations as whose member somebody looks for free time.

    None for hub staff, who reserve for all, and may override.
    """
    return None if viewer.is_hub_staff else tuple(viewer.roles)
