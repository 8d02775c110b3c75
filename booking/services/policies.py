"""Rules of a resource, of all that an organisation offers, and of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.exceptions import RulesChanged
from booking.models import EffectivePolicy, Policy
from booking.permissions import require
from booking.selectors.policies import policy_version
from booking.services import ledger
from booking.services.availability import managed_resource
from config.errors import Invalid, Missing
from labs.models import Organisation, User
from labs.permissions import can_manage_organisation


def resource_policy_set(
    *,
    actor: User,
    resource_slug: str,
    values: Mapping[str, Any],
    seen: str | None = None,
) -> EffectivePolicy:
    """Set values of a resource's own policy; None takes the wider policy's.

    Returns what holds afterwards. What is reserved already stays as it is. `seen` is
    the `policy_version` that the actor was looking at. Raises Missing, Forbidden,
    Invalid with the fields, RulesChanged.
    """
    resource = managed_resource(actor, resource_slug)
    locked = Policy.objects.select_for_update()
    with ledger.writing():
        ledger.lock_units([resource.pk])
        policy, _new = locked.get_or_create(resource=resource)
        _require_seen(policy, seen)
        _write(policy, values, EffectivePolicy.objects.filter(resource=resource))
        effective: EffectivePolicy = EffectivePolicy.objects.get(resource=resource)
    return effective


def organisation_policy_set(
    *,
    actor: User,
    organisation_slug: str,
    values: Mapping[str, Any],
    seen: str | None = None,
) -> Policy:
    """Set values for all that an organisation offers, where it has none of its own.

    Raises Missing, Forbidden, Invalid with the fields, RulesChanged.
    """
    organisation = Organisation.objects.filter(slug=organisation_slug).first()
    if organisation is None:
        raise Missing
    require(can_manage_organisation(actor, organisation.pk))
    locked = Policy.objects.select_for_update()
    with ledger.writing():
        policy, _new = locked.get_or_create(organisation=organisation)
        held = EffectivePolicy.objects.filter(resource__organisation=organisation)
        _require_seen(policy, seen)
        _write(policy, values, held)
    return policy


def hub_policy_set(
    *, actor: User, values: Mapping[str, Any], seen: str | None = None
) -> Policy:
    """Set values for the whole hub, which has every value; for hub staff.

    Raises Forbidden, Invalid with the fields, RulesChanged.
    """
    require(actor.is_hub_staff)
    locked = Policy.objects.select_for_update()
    with ledger.writing():
        policy = locked.get(resource=None, organisation=None)
        _require_seen(policy, seen)
        _write(policy, values, EffectivePolicy.objects.all())
    return policy


def _require_seen(policy: Policy, seen: str | None) -> None:
    if seen is not None and seen != policy_version(policy):
        raise RulesChanged


def _write(
    policy: Policy, values: Mapping[str, Any], held: QuerySet[EffectivePolicy]
) -> None:
    """Save the values, unless they leave a resource that nobody could reserve."""
    for name, value in values.items():
        setattr(policy, name, value)
    try:
        policy.full_clean()
    except ValidationError as error:
        raise Invalid(error.message_dict) from error
    policy.save()
    shortest, longest = F("min_duration_minutes"), F("max_duration_minutes")
    for field, wrong, text in (
        (
            "max_duration_minutes",
            Q(max_duration_minutes__lt=shortest),
            _("The longest is shorter than the shortest."),
        ),
        (
            "start_grid_minutes",
            Q(start_grid_minutes__gt=longest),
            _("The start grid is wider than the longest reservation."),
        ),
    ):
        found = held.filter(wrong).select_related("resource").first()
        if found is not None:
            raise Invalid({field: [_texts(policy, found, text)]})


def _texts(policy: Policy, found: EffectivePolicy, text: Any) -> Any:
    if policy.resource_id is not None:
        return text
    return _("%(resource)s: %(text)s") % {"resource": found.resource, "text": text}
