"""Which units a resource covers. Halls follow their parts in the same transaction."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from config.errors import Conflict
from labs.models import Coverage, Resource, Unit
from labs.rules import Shape
from labs.signals import hall_grown, hall_shrunk


def shape_of(resource: Resource) -> Shape:
    """Return how a saved resource covers units now; two queries."""
    parts = tuple(resource.parts.values_list("slug", flat=True))
    own = 0 if parts else resource.coverage.count()
    return Shape(own, resource.is_pool, parts)


def unit_names(resource: Resource, count: int, taken: Iterable[str] = ()) -> list[str]:
    """Return names for new units: the resource's own, with a number in a pool."""
    if not resource.is_pool:
        return [resource.name] * count
    used = set(taken)
    numbered = (f"{resource.name} {number}" for number in itertools.count(1))
    return list(itertools.islice((n for n in numbered if n not in used), count))


def units_resize(resource: Resource, count: int) -> None:
    """Give a resource that is no hall `count` units of its own.

    Grows by new ones, which its halls cover too; shrinks only by units that nothing
    refers to, and raises Conflict `units_in_use` (409) where too few are such.
    """
    # Before we look for its halls: one that is taking it in must have taken it.
    lock_resources([resource])
    family = [resource, *resource.halls.all()]
    lock_units(family)
    own = Unit.objects.filter(resources=resource)
    names = list(own.values_list("name", flat=True))
    if count < len(names):
        _drop(own, len(names) - count)
    elif count > len(names):
        fresh = unit_names(resource, count - len(names), names)
        units = Unit.objects.bulk_create([Unit(name=name) for name in fresh])
        for each in family:
            _cover(each, [unit.pk for unit in units])


def hall_set_parts(hall: Resource, parts: Sequence[Resource]) -> None:
    """Make a hall cover all units of these parts, and no others."""
    lock_resources([hall])
    # Those that it drops, too: they must not grow into a hall that is not theirs.
    lock_resources([*parts, *hall.parts.all()])
    lock_units([hall, *parts])
    hall.parts.set(parts)
    covered = Coverage.objects.filter(resource__in=parts).order_by("unit")
    wanted = list(covered.values_list("unit_id", flat=True).distinct())
    _uncover(hall, wanted)
    have = set(hall.coverage.values_list("unit_id", flat=True))
    _cover(hall, [pk for pk in wanted if pk not in have])


def lock_resources(resources: Iterable[Resource]) -> None:
    """Lock the rows of these, halls before parts and then in order of id.

    Whoever wants to lock units as well locks the rows first: while they are locked,
    the resources neither grow nor shrink.
    """
    parts = Resource.parts.through.objects.filter(from_resource=OuterRef("pk"))
    rows = Resource.objects.filter(pk__in=[resource.pk for resource in resources])
    ordered = rows.order_by(Exists(parts).desc(), "pk")
    list(ordered.select_for_update(no_key=True).values_list("pk", flat=True))


def lock_units(resources: Iterable[Resource]) -> None:
    """Lock all units of these until the transaction ends, in everybody's order."""
    covered = Coverage.objects.filter(resource__in=list(resources))
    units = Unit.objects.filter(pk__in=covered.values("unit")).order_by("pk")
    # Not `no_key`: a reservation that is being written must not come to refer to a
    # unit between our look and its removal.
    list(units.select_for_update().values_list("pk", flat=True))


def unused_units(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Return those that no row refers to, whichever app it is of; coverage aside."""
    for relation in Unit._meta.related_objects:
        if relation.one_to_many and relation.related_model is not Coverage:
            rows = relation.related_model._base_manager
            units = units.exclude(
                Exists(rows.filter(**{relation.field.name: OuterRef("pk")}))
            )
    return units


def _cover(resource: Resource, unit_ids: list[int]) -> None:
    if not unit_ids:
        return
    rows = [Coverage(resource=resource, unit_id=pk) for pk in unit_ids]
    Coverage.objects.bulk_create(rows)
    if resource.parts.exists():
        hall_grown.send(Resource, hall=resource, unit_ids=unit_ids)


def _uncover(hall: Resource, kept: list[int]) -> None:
    lost = hall.coverage.exclude(unit__in=kept)
    unit_ids = list(lost.order_by("unit").values_list("unit_id", flat=True))
    if not unit_ids:
        return
    lost.delete()
    hall_shrunk.send(Resource, hall=hall, unit_ids=unit_ids)


def _drop(units: QuerySet[Unit], count: int) -> None:
    newest_first = unused_units(units).order_by("-pk").values_list("pk", flat=True)
    gone = list(newest_first[:count])
    if len(gone) < count:
        raise Conflict(
            _("Only %(free)s of the units to be removed are not in use.")
            % {"free": len(gone)},
            code="units_in_use",
        )
    Coverage.objects.filter(unit__in=gone).delete()
    Unit.objects.filter(pk__in=gone).delete()
