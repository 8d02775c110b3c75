from __future__ import annotations

from django.db.models import Q, QuerySet

from booking.models import Delegation
from config import clock
from labs.models import User


def delegations_visible_to(user: User) -> QuerySet[Delegation]:
    """Return those that are not over: one's own, those to oneself; staff see all."""
    rows = Delegation.objects.filter(ends_on__gte=clock.today())
    if not user.is_hub_staff:
        colleagues = Q(organisation__in=user.managed_ids)
        rows = rows.filter(Q(person=user) | Q(deputy=user) | colleagues)
    return rows.select_related("person", "deputy", "organisation")


def deputies_for(user: User) -> list[User]:
    """Return whom this person may name, by name: their fellow members; one query."""
    fellows = User.objects.filter(
        is_active=True, memberships__organisation__in=user.managed_ids
    )
    return list(fellows.exclude(pk=user.pk).distinct().order_by("name", "pk"))
