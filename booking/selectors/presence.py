"""Whether a resource is free at this moment, until when, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from booking.models import Occupancy, OpenPeriod
from booking.models.reservation import Status
from booking.periods import Period
from labs.models import Coverage, Resource

#: How far ahead the next reservation and the next opening are looked for.
AHEAD = dt.timedelta(days=7)


class State(models.TextChoices):
    FREE = "free", _("Free")
    IN_USE = "in_use", _("In use")
    WAITING = "waiting", _("Waiting for check-in")
    ASKED = "asked", pgettext_lazy("state", "Requested")
    HELD = "held", _("Being reserved")
    PREPARING = "preparing", _("Being prepared")
    CLOSED = "closed", _("Closed")


#: What is told of who is inside; of several the first.
STATES = {
    Status.IN_USE: State.IN_USE,
    Status.APPROVED: State.WAITING,
    Status.PENDING: State.ASKED,
    Status.HELD: State.HELD,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A reservation that holds, with so many of the resource's units."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    free_at: dt.datetime
    status: str
    organisation: str
    organisation_bg: str
    units: int

    @property
    def local_organisation(self) -> str:
        return (get_language() == "bg" and self.organisation_bg) or self.organisation


@dataclass(frozen=True, slots=True)
class Presence:
    """What holds now: `until` when (None: nothing changes in the next week).

    `free` of `units` are free at this moment; `now` and `coming` are in order.
    """

    state: State
    until: dt.datetime | None
    units: int
    free: int
    now: Sequence[Taken]
    coming: Sequence[Taken]


def presence(
    now: dt.datetime,
    *,
    units: int,
    is_pool: bool,
    opened: Sequence[Period],
    taken: Sequence[Taken],
) -> Presence:
    """Return what holds of a resource; pure, `opened` and `taken` in order.

    A lab or a hall is taken when any of its units is, a pool when all are.
    """

    def at(moment: dt.datetime) -> list[Taken]:
        return [each for each in taken if each.starts_at <= moment < each.free_at]

    def is_full(rows: Sequence[Taken]) -> bool:
        return sum(each.units for each in rows) >= (units if is_pool else 1)

    current = at(now)
    coming = [each for each in taken if each.starts_at > now]
    is_open = [period for period in opened if period.start <= now < period.end]
    until: dt.datetime | None
    if is_full(current):
        state, until = _taken(now, current, is_pool=is_pool)
    elif not is_open:
        state = State.CLOSED
        until = next((each.start for each in opened if each.start > now), None)
    else:
        full = [each.starts_at for each in coming if is_full(at(each.starts_at))]
        state, until = State.FREE, min([is_open[0].end, *full])
        until = until if until < now + AHEAD else None
    free = max(units - sum(each.units for each in current), 0)
    return Presence(state, until, units, free, current, coming)


def _taken(
    now: dt.datetime, current: Sequence[Taken], *, is_pool: bool
) -> tuple[State, dt.datetime]:
    last = min if is_pool else max
    inside = [each for each in current if now < each.ends_at]
    if not inside:
        return State.PREPARING, last(each.free_at for each in current)
    statuses = {each.status for each in inside}
    state = next(STATES[status] for status in STATES if status in statuses)
    return state, last(each.ends_at for each in inside)


def presence_of(resources: Iterable[Resource], now: dt.datetime) -> dict[int, Presence]:
    """Return what holds now of each resource, by its id; three queries."""
    shown = {resource.pk: resource for resource in resources}
    taken, opened, units = _taken_of(shown, now), _opened_of(shown, now), _units(shown)
    return {
        pk: presence(
            now,
            units=units.get(pk, 0),
            is_pool=resource.is_pool,
            opened=opened.get(pk, []),
            taken=taken.get(pk, []),
        )
        for pk, resource in shown.items()
    }


def _taken_of(ids: Iterable[int], now: dt.datetime) -> dict[int, list[Taken]]:
    holds = Q(reservation__lapses_at=None) | Q(reservation__lapses_at__gt=now)
    rows = (
        Occupancy.objects.filter(
            holds,
            unit__coverage__resource__in=list(ids),
            during__overlap=DateTimeTZRange(now, now + AHEAD),
        )
        .values_list(
            "unit__coverage__resource",
            "reservation",
            "reservation__starts_at",
            "reservation__ends_at",
            "reservation__free_at",
            "reservation__status",
            "reservation__organisation__name",
            "reservation__organisation__name_bg",
        )
        .annotate(units=Count("unit"))
        .order_by("reservation__starts_at", "reservation")
    )
    found: dict[int, list[Taken]] = {}
    for resource, _reservation, *values in rows:
        found.setdefault(resource, []).append(Taken(*values))
    return found


def _opened_of(ids: Iterable[int], now: dt.datetime) -> dict[int, list[Period]]:
    rows = OpenPeriod.objects.filter(
        resource__in=list(ids), during__overlap=DateTimeTZRange(now, now + AHEAD)
    )
    found: dict[int, list[Period]] = {}
    for row in rows.order_by("during"):
        during: Any = row.during
        period = Period(during.lower, during.upper)
        found.setdefault(row.resource_id, []).append(period)
    return found


def _units(ids: Iterable[int]) -> dict[int, int]:
    rows = Coverage.objects.filter(resource__in=list(ids)).order_by()
    counted = rows.values("resource").annotate(units=Count("pk"))
    return dict(counted.values_list("resource", "units"))
