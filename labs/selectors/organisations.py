from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from labs.models import Membership, Organisation, User


def organisation_list(*, user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Return the active organisations, by name; hub staff see those that left too."""
    if user.is_authenticated and user.is_hub_staff:
        return Organisation.objects.all()
    return Organisation.objects.filter(is_active=True)


def membership_list(*, user: User) -> QuerySet[Membership]:
    """Return this person's memberships in active organisations, by their name."""
    return (
        Membership.objects.filter(user=user, organisation__is_active=True)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
