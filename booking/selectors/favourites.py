from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from booking.models import Favourite
from labs.models import Resource, User


def with_favourites(
    resources: QuerySet[Resource], user: User | AnonymousUser
) -> QuerySet[Resource]:
    """Tell of each resource whether it `is_favourite` of this person."""
    kept = Favourite.objects.filter(resource=OuterRef("pk"), user=user.pk)
    return resources.annotate(is_favourite=Exists(kept))
