"""Quotas and peak hours as they are written down; what they count is `limits`."""

from __future__ import annotations

import datetime as dt

from booking.models import Agreement, PeakHours, Quota
from labs.models import Organisation, Resource

Of = Resource | Organisation | Agreement | None


def scope_of(of: Of) -> dict[str, Resource | Organisation | Agreement | None]:
    """Return the fields by which a quota belongs to it; the hub's (None) has none."""
    return {
        "resource": of if isinstance(of, Resource) else None,
        "organisation": of if isinstance(of, Organisation) else None,
        "agreement": of if isinstance(of, Agreement) else None,
    }


def quotas_of(of: Of) -> list[Quota]:
    """Return the quotas that are its own; one query."""
    return list(Quota.objects.filter(**scope_of(of)))


def quotas_for(resource: Resource, guest_id: int | None, day: dt.date) -> list[Quota]:
    """Return the quotas that count for a guest on a day, wherever they are written."""
    sql = """
        SELECT q.* FROM booking_quotas_for(%s, %s, %s) f
        JOIN booking_quota q ON q.id = f.quota_id ORDER BY q.id
    """
    return list(Quota.objects.raw(sql, [resource.pk, guest_id, day]))


def peak_hours_of(of: Resource | Organisation) -> list[PeakHours]:
    """Return the peak hours that are its own; one query."""
    scope = scope_of(of)
    del scope["agreement"]
    return list(PeakHours.objects.filter(**scope))
