from __future__ import annotations

from booking.models import Favourite
from config.errors import Missing
from labs.models import Resource, User


def favourite_set(*, actor: User, resource_slug: str, kept: bool) -> Resource:
    """Keep a resource among this person's favourites, or no longer.

    What is wanted is said, not toggled: sent twice, it does no harm. Returns the
    resource with `is_favourite`; raises Missing (404).
    """
    visible = Resource.objects.visible_to(actor)
    resource: Resource | None = visible.filter(slug=resource_slug).first()
    if resource is None:
        raise Missing
    if kept:
        wanted = [Favourite(user=actor, resource=resource)]
        Favourite.objects.bulk_create(wanted, ignore_conflicts=True)
    else:
        Favourite.objects.filter(user=actor, resource=resource).delete()
    resource.is_favourite = kept  # type: ignore[attr-defined]
    return resource
