"""Which hours of a resource only some may use, and whether somebody is one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Programme, RestrictedHours
from booking.restricting import Restricted
from config.errors import Invalid
from labs.models import Organisation, QualificationType, Resource, User

RESTRICTED = """
SELECT jsonb_agg(jsonb_build_object(
    'days', h.days, 'starts', h.starts, 'ends', h.ends,
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


def restricted(hours: RestrictedHours, resource: Resource) -> Restricted:
    """Return such hours as they read, whoever reads them."""
    named: list[Any] = [
        *([resource.organisation] if hours.for_host else []),
        *hours.organisations.all(),
        *hours.programmes.all(),
        *hours.qualifications.all(),
    ]
    return Restricted(
        days=tuple(hours.days),
        starts=hours.starts,
        ends=hours.ends,
        who=tuple({"name": each.name, "name_bg": each.name_bg} for each in named),
    )


def guests_of(viewer: User) -> tuple[int, ...] | None:
    """Return the organisations as whose member somebody looks for free time.

    None for hub staff, who reserve for all, and may override.
    """
    return None if viewer.is_hub_staff else tuple(viewer.roles)
