from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, When
from django.utils.translation import gettext_lazy as _

from booking.models import Agreement, EffectivePolicy, Policy
from booking.permissions import can_reserve_for, require
from booking.selectors.quotas import quotas_for
from config.errors import Invalid
from labs.models import Organisation, Resource, User
from labs.permissions import can_manage_organisation


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


def policy_for(resource_id: int, guest_id: int | None, day: dt.date) -> EffectivePolicy:
    """Return the values that hold for a guest on a day, with what was agreed.

    One query. Without a guest those of the resource.
    """
    sql = "SELECT * FROM booking_policy_for(%s, %s, %s)"
    rows = EffectivePolicy.objects.raw(sql, [resource_id, guest_id, day])
    found: EffectivePolicy = rows[0]
    return found


def agreements_for(resource_id: int, guest_id: int, day: dt.date) -> list[Agreement]:
    """Return the agreements that hold then, first the one that goes first."""
    sql = """
        SELECT a.* FROM booking_agreements_for(%s, %s, %s) f
        JOIN booking_agreement a ON a.id = f.agreement_id ORDER BY f.place
    """
    return list(Agreement.objects.raw(sql, [resource_id, guest_id, day]))


@dataclass(frozen=True, slots=True)
class Layer:
    """One that may say a value; `scope`: agreement, resource, host or hub."""

    scope: str
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Explained:
    """A value that holds, and what each says, the narrowest first; None: nothing."""

    name: str
    value: Any
    layers: list[Layer]

    @property
    def origin(self) -> Layer:
        """Who said it; the hub has every value."""
        return next(layer for layer in self.layers if layer.value is not None)


def policy_explained(
    resource: Resource,
    guest: Organisation | None,
    day: dt.date,
    policies: Sequence[Policy] | None = None,
) -> list[Explained]:
    """Return for each value what holds for a guest on a day and why; three queries.

    Two where its policies are known, as `policies_of` gives them.
    """
    held = policy_for(resource.pk, guest.pk if guest else None, day)
    return _explained(held, resource, guest, day, policies)


def _explained(
    held: EffectivePolicy,
    resource: Resource,
    guest: Organisation | None,
    day: dt.date,
    policies: Sequence[Policy] | None = None,
) -> list[Explained]:
    agreed = agreements_for(resource.pk, guest.pk, day) if guest else []
    said: list[tuple[str, str, Any]] = [
        ("agreement", each.local_name, each) for each in agreed
    ]
    for policy in policies_of(resource) if policies is None else policies:
        if policy.is_hub:
            said.append(("hub", "", policy))
        elif policy.resource_id:
            said.append(("resource", resource.local_name, policy))
        else:
            said.append(("host", resource.organisation.local_name, policy))
    return [
        Explained(
            name,
            getattr(held, name),
            [Layer(scope, who, getattr(has, name)) for scope, who, has in said],
        )
        for name in Policy.VALUES
    ]


def policy_held(
    resource: Resource, guest: Organisation | None, day: dt.date
) -> EffectivePolicy:
    """Return what holds with `explained` and `quotas` beside it; four queries."""
    held = policy_for(resource.pk, guest.pk if guest else None, day)
    explained = _explained(held, resource, guest, day)
    held.explained = explained  # type: ignore[attr-defined]
    quotas = quotas_for(resource, guest.pk if guest else None, day)
    held.quotas = quotas  # type: ignore[attr-defined]
    return held


def guest_seen_by(
    viewer: User, resource: Resource, slug: str | None
) -> Organisation | None:
    """Return the organisation whose values somebody asks for; None for no slug.

    Its members, the host's managers and hub staff may know what was agreed. Raises
    Invalid where there is none, Forbidden.
    """
    if not slug:
        return None
    found = Organisation.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise Invalid({"organisation": [_("There is no such organisation.")]})
    is_host = can_manage_organisation(viewer, resource.organisation_id)
    require(is_host or can_reserve_for(viewer, found.pk))
    return found
