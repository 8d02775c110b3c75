"""Quotas and peak hours: of a resource, of all that a host offers, of the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from booking.models import Agreement, PeakHours, Quota
from booking.permissions import require
from booking.selectors.quotas import Of, peak_hours_of, scope_of
from booking.services import ledger
from booking.weekly import DAYS
from config.errors import Invalid, Missing
from labs.models import Resource, User
from labs.permissions import can_manage_organisation, can_manage_resource

Made = TypeVar("Made", Quota, PeakHours)


def can_limit(actor: User, of: Of) -> bool:
    """Its managers and hub staff; the hub's own, and its agreements: hub staff."""
    if actor.is_hub_staff:
        return True
    if isinstance(of, Resource):
        return can_manage_resource(actor, of)
    if isinstance(of, Agreement):
        return of.host_id is not None and can_manage_organisation(actor, of.host_id)
    return of is not None and can_manage_organisation(actor, of.pk)


def quota_add(*, actor: User, of: Of, values: Mapping[str, Any]) -> Quota:
    """Add a quota; what is reserved already stays. Raises Forbidden, Invalid."""
    require(can_limit(actor, of))
    return _saved(Quota(**scope_of(of), **values))


def quota_remove(*, actor: User, of: Of, quota_id: int) -> None:
    """Take a quota back. Raises Forbidden, and Missing where it is not of that."""
    require(can_limit(actor, of))
    gone, _rows = Quota.objects.filter(**scope_of(of), pk=quota_id).delete()
    if not gone:
        raise Missing


def peak_hours_add(
    *, actor: User, of: Of, days: Sequence[str], starts: int, ends: int
) -> PeakHours:
    """Add hours of some days; minutes after midnight. Raises Forbidden, Invalid."""
    require(can_limit(actor, of))
    scope = scope_of(of)
    if scope.pop("agreement") or of is None:
        raise Missing
    ordered = [day for day in DAYS if day in days]
    return _saved(PeakHours(**scope, days=ordered, starts=starts, ends=ends))


def peak_hours_remove(*, actor: User, of: Of, peak_id: int) -> None:
    """Take hours back. Raises Forbidden, and Missing where they are not of that."""
    require(can_limit(actor, of))
    if of is None or isinstance(of, Agreement):
        raise Missing
    if peak_id not in {each.pk for each in peak_hours_of(of)}:
        raise Missing
    PeakHours.objects.filter(pk=peak_id).delete()


def _saved(made: Made) -> Made:
    try:
        made.full_clean()
    except ValidationError as error:
        raise Invalid(error.message_dict) from error
    with ledger.writing():
        made.save()
    return made
