from __future__ import annotations

import hashlib
from collections import Counter
from functools import reduce
from operator import and_, or_

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce

from labs.models import Coverage, QualificationType, Resource, User
from labs.rules import Shape

#: Each word is a scan of its own.
MOST_WORDS = 8
SEARCHED = ("name", "name_bg", "description", "description_bg", "tag_text")

#: What a resource's form of details changes, beside how it covers units.
DETAILS = (
    *("name", "name_bg", "description", "description_bg"),
    *("kind", "site", "people", "tags", "is_pool"),
)


def resource_list(*, user: User | AnonymousUser) -> QuerySet[Resource]:
    """Return what this person may see, by name, with all that is shown of each.

    Two queries: `unit_count` and `qualifications` (slugs) are annotated, owner and site
    joined, parts prefetched (those of them that this person may see).
    """
    covered = (
        Coverage.objects.filter(resource=OuterRef("pk"))
        .order_by()
        .values("resource")
        .annotate(count=Count("pk"))
        .values("count")
    )
    required = QualificationType.objects.filter(resources=OuterRef("pk"))
    required = required.order_by("slug")
    parts = Resource.objects.visible_to(user).only("slug", "name", "name_bg")
    return (
        Resource.objects.visible_to(user)
        .select_related("organisation", "site")
        .prefetch_related(Prefetch("parts", parts))
        .annotate(
            unit_count=Coalesce(Subquery(covered), 0),
            qualifications=ArraySubquery(required.values("slug")),
        )
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


def details_version(resource: Resource) -> str:
    """Return what differs whenever other details are saved; one query."""
    # As stored: whoever asks may hold one that was read before.
    found = Resource.objects.filter(pk=resource.pk).annotate(
        unit_count=Count("coverage", distinct=True),
        part_ids=ArrayAgg("parts", distinct=True, order_by="parts"),
    )
    stored = found.values_list(*DETAILS, "unit_count", "part_ids")
    return hashlib.sha256(repr(stored.get()).encode()).hexdigest()[:16]


def tags_published() -> list[str]:
    """Return the tags of published resources, by name; one query."""
    each = Func(F("tags"), function="unnest", output_field=CharField())
    tags = Resource.objects.published().order_by().annotate(tag=each)
    return list(tags.values_list("tag", flat=True).distinct().order_by("tag"))


def with_tag_text(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    """Let `has_words` look into the tags."""
    tags = Func(
        F("tags"), Value(" "), function="array_to_string", output_field=TextField()
    )
    return resources.alias(tag_text=tags)


def has_words(text: str) -> Q:
    """Return the condition that each word is in a name, a description or the tags."""
    found = [
        reduce(or_, (Q((f"{field}__icontains", word)) for field in SEARCHED))
        for word in text.split()[:MOST_WORDS]
    ]
    return reduce(and_, found, Q())
