from __future__ import annotations

from collections import Counter

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Func, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from labs.models import Coverage, Resource, User
from labs.rules import Shape


def resource_list(*, user: User | AnonymousUser) -> QuerySet[Resource]:
    """Return what this person may see, by name, with all that is shown of each.

    Two queries: `unit_count` is annotated, owner and site joined, parts prefetched
    (those of them that this person may see).
    """
    covered = (
        Coverage.objects.filter(resource=OuterRef("pk"))
        .order_by()
        .values("resource")
        .annotate(count=Count("pk"))
        .values("count")
    )
    parts = Resource.objects.visible_to(user).only("slug")
    return (
        Resource.objects.visible_to(user)
        .select_related("organisation", "site")
        .prefetch_related(Prefetch("parts", parts))
        .annotate(unit_count=Coalesce(Subquery(covered), 0))
    )


def shape_map() -> dict[str, Shape]:
    """Return how every resource covers units, by slug; three queries."""
    counts = Counter(Coverage.objects.values_list("resource__slug", flat=True))
    links = Resource.parts.through.objects.order_by("to_resource__slug")
    parts: dict[str, tuple[str, ...]] = {}
    for hall, part in links.values_list("from_resource__slug", "to_resource__slug"):
        parts[hall] = (*parts.get(hall, ()), part)
    return {
        slug: Shape(0 if slug in parts else counts[slug], is_pool, parts.get(slug, ()))
        for slug, is_pool in Resource.objects.values_list("slug", "is_pool")
    }


def tags_in_use() -> list[str]:
    """Return the tags of published resources, most used first; one query."""
    used = (
        Resource.objects.published()
        .annotate(tag=Func(F("tags"), function="unnest"))
        .order_by()
        .values("tag")
        .annotate(n=Count("pk"))
        .order_by("-n", "tag")
    )
    return list(used.values_list("tag", flat=True)[:100])
