"""What stands in the way of each of many periods: two statements, however many.

One more for each date where a quota or an agreement may set a limit.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.models import EffectivePolicy, Reservation, Series, SeriesDate
from booking.models.reservation import LAPSING
from booking.models.series import SeriesQuerySet
from booking.qualifying import cautions
from booking.questions import kept
from booking.rules import Facts, Violation, violations
from booking.running import Running
from booking.selectors.facts import (
    FACTS,
    Party,
    Wish,
    facts_params,
    gathered_of,
)
from booking.selectors.limits import limits_of_many
from booking.visibility import taken_seen_by
from config.errors import Missing
from labs.models import User

#: FACTS for each row of `w`, whose columns are the parameters that differ.
FACTS_OF_MANY = """
SELECT f.*, w.n
FROM unnest({arrays}) WITH ORDINALITY AS w({columns}, n)
CROSS JOIN LATERAL ({facts}) f
ORDER BY w.n
"""
TAKEN = """
SELECT w.n, o.unit_id, v.id, r.organisation_id AS host_id,
    v.starts_at, v.ends_at, v.free_at, v.quantity, v.reference, v.status,
    v.status = 'held' AND v.offered_to_id IS NULL AND v.instead_of_id IS NULL
        AS of_form,
    g.slug AS organisation, g.name, g.name_bg, v.purpose, v.organisation_id,
    v.requested_by_id, p.others_see
FROM unnest(%(starts)s::timestamptz[], %(frees)s::timestamptz[])
    WITH ORDINALITY AS w(starts_at, free_at, n)
JOIN booking_occupancy o ON o.unit_id = ANY (%(units)s)
    AND o.during && tstzrange(w.starts_at, w.free_at)
JOIN booking_reservation v ON v.id = o.reservation_id
JOIN labs_resource r ON r.id = v.resource_id
JOIN labs_organisation g ON g.id = v.organisation_id
JOIN booking_effectivepolicy p ON p.resource_id = r.id
WHERE v.id <> ALL (%(moving)s)
    AND NOT (v.lapses_at <= %(now)s AND v.status = ANY (%(lapsing)s))
ORDER BY w.n, v.starts_at, v.id
"""
TEXTS = {
    "slot_taken": _("Somebody else has this time already."),
    "overlaps_itself": _("This overlaps another date of the series."),
}


@dataclass(slots=True)
class Verdict:
    """What becomes of one date: `units` are those it gets, none where it cannot.

    `taken` is who has it, as the viewer may know; `own_holds` are ids of what the
    viewer's open forms hold there, which gives way; `cautions` what a history keeps.
    """

    wish: Wish
    violations: list[Violation] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    own_holds: set[int] = field(default_factory=set)
    clash: str = ""
    cautions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        return not (self.violations or self.clash)

    @property
    def state(self) -> str:
        """Return `free`, `taken`, or `refused` by the rules: waiting is no cure."""
        if self.violations:
            return "refused"
        return "taken" if self.clash else "free"

    @property
    def code(self) -> str:
        return self.violations[0].code if self.violations else self.clash

    @property
    def reasons(self) -> list[StrOrPromise]:
        if self.violations:
            return [found.detail for found in self.violations]
        return [TEXTS[self.clash]] if self.clash else []


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict for each wish, in their order; the policy; the units covered now.

    `has_lapsed`: a request on one of the units should be expired first.
    """

    verdicts: list[Verdict]
    policy: EffectivePolicy
    unit_ids: list[int]
    is_pool: bool
    has_lapsed: bool

    @property
    def bad(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if not verdict.is_free]


def dates_judge(
    viewer: User,
    party: Party,
    resource_id: int,
    wishes: Sequence[Wish],
    now: dt.datetime,
    moving: Sequence[int | None] = (),
    only: Collection[str] | None = None,
) -> Judged:
    """Judge many periods of one resource, in order of their starts; three queries.

    `moving` are, for each wish, the id of the reservation that gives way or None;
    `only` the codes of the rules that matter, all unless given. Under the lock of the
    guest where it is to be written. Raises Missing (404).
    """
    gone = [pk for pk in moving if pk is not None]
    rows = _facts_of_many(party, resource_id, wishes, now, gone)
    gathered = [
        gathered_of(row, wish, now, party)
        for row, wish in zip(rows, wishes, strict=True)
    ]
    first = gathered[0]
    first.policy.answers = kept(first.facts.questions, wishes[0].answers)
    judged = Judged(
        [Verdict(wish) for wish in wishes],
        first.policy,
        first.unit_ids,
        first.facts.is_pool,
        first.has_lapsed,
    )
    every = [each.facts for each in gathered]
    if only is None and any(each.has_limits for each in gathered):
        zone = first.facts.zone
        limits = limits_of_many(resource_id, wishes, party, zone, gone)
        every = [
            replace(facts, limits=each)
            for facts, each in zip(every, limits, strict=True)
        ]
    if moving:
        every = [
            replace(facts, may_renew=pk is not None)
            for facts, pk in zip(every, moving, strict=True)
        ]
    _decide(judged, every, _takers(viewer, judged, now, gone), only)
    return judged


def _facts_of_many(
    party: Party,
    resource_id: int,
    wishes: Sequence[Wish],
    now: dt.datetime,
    gone: Collection[int],
) -> list[Any]:
    asked = [facts_params(resource_id, wish, now, party, gone) for wish in wishes]
    shared = asked[0]
    differ = [
        name
        for name in shared
        if name in {"start", "end"} or any(each[name] != shared[name] for each in asked)
    ]
    facts = FACTS
    for name in differ:
        facts = facts.replace(f"%({name})s", f'w."{name}"')
    statement = FACTS_OF_MANY.format(
        arrays=", ".join(f"%({name})s" for name in differ),
        columns=", ".join(f'"{name}"' for name in differ),
        facts=facts,
    )
    params = shared | {name: [each[name] for each in asked] for name in differ}
    found: list[Any] = list(EffectivePolicy.objects.raw(statement, params))
    if not found:
        raise Missing
    return found


def _decide(
    judged: Judged,
    every: Sequence[Facts],
    busy: Sequence[Collection[int]],
    only: Collection[str] | None,
) -> None:
    """Give each date its units, or say what is against it; the earlier ones count."""
    running = Running()
    own_until: dict[int, dt.datetime] = {}
    for verdict, facts, taken in zip(judged.verdicts, every, busy, strict=True):
        verdict.violations = [
            found
            for found in violations(running.added_to(facts))
            if only is None or found.code in only
        ]
        if verdict.violations:
            continue
        _choose(judged, verdict, taken, own_until)
        if verdict.is_free:
            verdict.cautions = cautions(facts.needs, facts.last_day)
            running.add(facts)


def _choose(
    judged: Judged,
    verdict: Verdict,
    taken: Collection[int],
    own_until: dict[int, dt.datetime],
) -> None:
    """Give it its units, or say that somebody has them."""
    wish = verdict.wish
    needed = wish.quantity if judged.is_pool else len(judged.unit_ids)
    free = [unit for unit in judged.unit_ids if unit not in taken]
    clear = [u for u in free if own_until.get(u, wish.starts_at) <= wish.starts_at]
    if needed and len(clear) >= needed:
        verdict.units = clear[:needed]
        until = wish.ends_at + judged.policy.turnaround
        own_until |= dict.fromkeys(verdict.units, until)
        verdict.taken = []
    else:
        itself = needed and len(free) >= needed
        verdict.clash = "overlaps_itself" if itself else "slot_taken"


def _takers(
    viewer: User, judged: Judged, now: dt.datetime, moving: Collection[int]
) -> list[set[int]]:
    """Note at each verdict who is there; return the units that are taken then."""
    turnaround = judged.policy.turnaround
    wishes = [verdict.wish for verdict in judged.verdicts]
    params: dict[str, Any] = {
        "starts": [wish.starts_at for wish in wishes],
        "frees": [wish.ends_at + turnaround for wish in wishes],
        "units": judged.unit_ids,
        "moving": list(moving),
        "now": now,
        "lapsing": sorted(LAPSING),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, params)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    busy: list[set[int]] = [set() for _wish in wishes]
    seen: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        at = row["n"] - 1
        verdict = judged.verdicts[at]
        if row["of_form"] and row["requested_by_id"] == viewer.pk:
            verdict.own_holds.add(row["id"])
            continue
        busy[at].add(row["unit_id"])
        if row["id"] not in seen[at]:
            seen[at].add(row["id"])
            is_bg = get_language() == "bg" and row["name_bg"]
            row["organisation_name"] = row["name_bg"] if is_bg else row["name"]
            verdict.taken.append(taken_seen_by(viewer, row, row["host_id"]))
    return busy


def series_visible_to(user: User) -> SeriesQuerySet:
    """Return the series that the user may see, with all that a list shows."""
    visible: SeriesQuerySet = Series.objects.visible_to(user).select_related(
        "resource__site", "resource__organisation", "organisation", "requested_by"
    )
    return visible


def series_get(user: User, reference: str) -> Series:
    """Return one with its dates as `in_order`; three queries. Raises Missing (404)."""
    reservations = Reservation.objects.select_related("resource__site", "decided_by")
    dates = SeriesDate.objects.order_by("number").prefetch_related(
        Prefetch("reservation", reservations)
    )
    found = (
        series_visible_to(user)
        .filter(reference=reference)
        .prefetch_related(Prefetch("dates", dates, to_attr="in_order"))  # type: ignore[no-redef]
        .first()
    )
    if found is None:
        raise Missing
    return found
