from __future__ import annotations

import hashlib

from django.db.models import Case, IntegerField, Q, When

from booking.models import Policy
from labs.models import Organisation, Resource


def policy_version(policy: Policy | None) -> str:
    """Return what differs whenever other values are saved in that policy."""
    values = [getattr(policy, name, None) for name in Policy.VALUES]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def policies_of(of: Resource | Organisation | None) -> list[Policy]:
    """Return the policies that hold for it, the narrowest first; one query.

    A value is that of the first which has one; the last is the hub's (None), whole.
    """
    wanted = Q(resource=None, organisation=None)
    if isinstance(of, Resource):
        wanted |= Q(resource=of) | Q(organisation=of.organisation_id)
    elif of is not None:
        wanted |= Q(organisation=of)
    width = Case(
        When(resource__isnull=False, then=0),
        When(organisation__isnull=False, then=1),
        default=2,
        output_field=IntegerField(),
    )
    return list(Policy.objects.filter(wanted).order_by(width))
