from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from booking.models import EffectivePolicy, Policy
from booking.services import ledger
from booking.services.availability import managed_resource
from config.errors import Invalid
from labs.models import User


def resource_policy_set(
    *, actor: User, resource_slug: str, values: Mapping[str, Any]
) -> EffectivePolicy:
    """Set values of a resource's own policy; None takes the wider policy's.

    Returns what holds afterwards. What is reserved already stays as it is. Raises
    Missing, Forbidden, Invalid with the fields.
    """
    resource = managed_resource(actor, resource_slug)
    with ledger.writing():
        ledger.lock_units([resource.pk])
        policy, _new = Policy.objects.get_or_create(resource=resource)
        for name, value in values.items():
            setattr(policy, name, value)
        try:
            policy.full_clean()
        except ValidationError as error:
            raise Invalid(error.message_dict) from error
        policy.save()
        effective = EffectivePolicy.objects.get(resource=resource)
        if effective.max_duration_minutes < effective.min_duration_minutes:
            text = _("The longest is shorter than the shortest.")
            raise Invalid({"max_duration_minutes": [text]})
        if effective.start_grid_minutes > effective.max_duration_minutes:
            text = _("The start grid is wider than the longest reservation.")
            raise Invalid({"start_grid_minutes": [text]})
    return effective
