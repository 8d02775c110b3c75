"""Nothing is free: which filter stands in the way, and what there is without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from booking.selectors.facts import Wish
from booking.selectors.finding import can_be_reserved, free_then
from labs.models import Resource


@dataclass
class Loosened:
    """How many resources are free without each filter, or for a shorter time.

    `people` is the largest number that fits into something else that is free, and for
    how many resources that holds.
    """

    without: dict[str, int] = field(default_factory=dict)
    shorter: int = 0
    people: tuple[int, int] = (0, 0)


def loosened(
    resources: QuerySet[Resource],
    filters: Mapping[str, Q],
    wish: Wish,
    shorter: Wish,
    now: dt.datetime,
) -> Loosened:
    """Count what each change alone would find; one query.

    `filters` leave nothing of `resources` that is free as wished.
    """
    everybody = replace(wish, people=1)
    rows = resources.published().annotate(  # type: ignore[attr-defined]
        free_long=_flag(Q(pk__in=free_then(wish))),
        free_short=_flag(Q(pk__in=free_then(shorter))),
        fits_people=_flag(Q(people__gte=wish.people)),
        **{f"fits_{name}": _flag(condition) for name, condition in filters.items()},
    )
    rows = rows.filter(Q(free_long=True) | Q(free_short=True))
    rows = rows.select_related("site", "organisation", "effective_policy")
    found = Loosened()
    capacities = []
    for row in rows:
        names = ("people", *filters)
        failing = [name for name in names if not getattr(row, f"fits_{name}")]
        if not failing and row.free_short and can_be_reserved(row, shorter, now):
            found.shorter += 1
        if len(failing) != 1 or not row.free_long:
            continue
        if not can_be_reserved(row, everybody, now):
            continue
        if failing == ["people"]:
            capacities.append(row.people)
        else:
            found.without[failing[0]] = found.without.get(failing[0], 0) + 1
    if capacities:
        most = max(capacities)
        found.people = (most, capacities.count(most))
    return found


def _flag(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
