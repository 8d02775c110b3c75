from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from booking.models import EffectivePolicy
from booking.models.reservation import COUNTING, LAPSING, OCCUPYING
from booking.qualifying import needs_of
from booking.questions import asked_of
from booking.restricting import restricted_of
from booking.rules import Facts, TermsAsked
from booking.selectors.qualifying import NEEDS
from booking.selectors.questions import QUESTIONS
from booking.selectors.restricting import RESTRICTED
from config.errors import Missing

# Asked while others wait for the lock, and Django would take longer to compose it than
# PostgreSQL to answer. Not prepared: that hardly any has lapsed is known of the present
# alone, and a plan that is made without it reads the whole ledger.
FACTS = """
SELECT p.*, r.is_pool, r.people, t.time_zone,
    r.listing = 'published' AND g.is_active AS is_published,
    EXISTS (
        SELECT FROM booking_openperiod o
        WHERE o.resource_id = r.id AND o.during @> tstzrange(%(start)s, %(end)s)
    ) AS is_open,
    ARRAY (
        SELECT unit_id FROM labs_coverage WHERE resource_id = r.id ORDER BY unit_id
    ) AS unit_ids,
    EXISTS (
        SELECT FROM booking_reservation v
        JOIN booking_occupancy o ON o.reservation_id = v.id
        JOIN labs_coverage c ON c.unit_id = o.unit_id
        WHERE c.resource_id = r.id
            AND v.lapses_at <= %(now)s AND v.status = ANY (%(lapsing)s)
    ) AS has_lapsed,
    CASE WHEN p.min_gap_minutes > 0 THEN (
        SELECT min(greatest(0, extract(epoch FROM greatest(
            v.starts_at - %(end)s, %(start)s - v.ends_at)) / 60))::int
        FROM booking_reservation v
        WHERE {theirs} AND v.status = ANY (%(counting)s)
            AND v.starts_at < %(end)s + make_interval(mins => p.min_gap_minutes)
            AND v.starts_at > %(start)s - interval '33 days'
                - make_interval(mins => p.min_gap_minutes)
            AND v.ends_at > %(start)s - make_interval(mins => p.min_gap_minutes)
    ) END AS gap_minutes,
    CASE WHEN p.most_active > 0 THEN (
        SELECT count(*) FROM booking_reservation v
        WHERE {theirs} AND v.status = ANY (%(occupying)s)
            AND v.starts_at > %(now)s - interval '33 days' AND v.ends_at > %(now)s
    ) ELSE 0 END AS active,
    booking_has_limits(r.id, %(guest)s, d.day) AS has_limits,
    n.id AS terms_id, n.version AS terms_version,
    EXISTS (
        SELECT FROM booking_termsacceptance a
        WHERE a.terms_id = n.id AND a.person_id = %(person)s
    ) AS has_accepted,
    ({needs}) AS needs,
    ({questions}) AS questions,
    ({restricted}) AS restricted
FROM labs_resource r
JOIN labs_organisation g ON g.id = r.organisation_id
JOIN labs_site t ON t.id = r.site_id
CROSS JOIN LATERAL (SELECT (%(start)s AT TIME ZONE t.time_zone)::date AS day) d
CROSS JOIN LATERAL booking_policy_for(r.id, %(guest)s, d.day) p
LEFT JOIN booking_currentterms k ON k.resource_id = r.id
LEFT JOIN booking_terms n ON n.id = k.terms_id
WHERE r.id = %(resource)s
""".format(
    # What one's own open forms hold is judged when they are sent.
    theirs="""v.resource_id = r.id AND v.organisation_id = %(guest)s
            AND v.id <> ALL (%(moving)s::bigint[])
            AND (v.status <> 'held' OR v.requested_by_id <> %(person)s)""",
    needs=NEEDS.format(
        now="%(now)s::timestamptz",
        start="%(start)s::timestamptz",
        end="%(end)s::timestamptz",
        person="%(person)s::bigint",
    ),
    questions=QUESTIONS,
    restricted=RESTRICTED.format(
        guest="%(guest)s",
        person="%(person)s::bigint",
        end="%(end)s::timestamptz",
    ),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; both instants aware.

    `accepts`: the id of the terms of use that they accept with it; these are not judged
    while a form is open, and what is moved keeps those of before (`with_terms`). So it
    is with the answers to what the host asks, by the key of the question.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    people: int = 1
    quantity: int = 1
    accepts: int | None = None
    with_terms: bool = True
    answers: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is to come: the person, for which organisation."""

    person_id: int
    organisation_id: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the rules look at, the policy, the units that the resource covers now.

    `has_lapsed`: a request on one of the units should be expired first. `has_limits`:
    a quota or an agreement may set a limit, which `limits_gather` counts.
    """

    facts: Facts
    policy: EffectivePolicy
    unit_ids: list[int]
    has_lapsed: bool
    has_limits: bool


def facts_gather(
    resource_id: int,
    wish: Wish,
    now: dt.datetime,
    party: Party | None = None,
    moving: int | None = None,
) -> Gathered:
    """Return all that a reservation is judged by; one query. Raises Missing (404).

    Without a party what depends on who comes is left out. `moving`: the id of a
    reservation that will be given up for this one.
    """
    gone = [] if moving is None else [moving]
    params = facts_params(resource_id, wish, now, party, gone)
    found: list[Any] = list(EffectivePolicy.objects.raw(FACTS, params))
    if not found:
        raise Missing
    return gathered_of(found[0], wish, now, party)


def facts_params(
    resource_id: int,
    wish: Wish,
    now: dt.datetime,
    party: Party | None,
    moving: Collection[int],
) -> dict[str, Any]:
    """Return what FACTS asks with; `moving` are ids of what will be given up."""
    return {
        "resource": resource_id,
        "start": wish.starts_at,
        "end": wish.ends_at,
        "now": now,
        "lapsing": sorted(LAPSING),
        "occupying": sorted(OCCUPYING),
        "counting": sorted(COUNTING),
        "guest": party.organisation_id if party else None,
        "person": party.person_id if party else None,
        "moving": list(moving),
    }


def gathered_of(
    policy: Any, wish: Wish, now: dt.datetime, party: Party | None
) -> Gathered:
    """Return what a row of FACTS says of a wish."""
    facts = Facts(
        now=now,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        people=wish.people,
        quantity=wish.quantity,
        policy=policy,
        zone=ZoneInfo(policy.time_zone),
        is_published=policy.is_published,
        is_open=policy.is_open,
        capacity=policy.people,
        is_pool=policy.is_pool,
        units=len(policy.unit_ids),
        gap_minutes=policy.gap_minutes,
        active=policy.active,
        needs=needs_of(json.loads(policy.needs or "[]")),
        terms=_terms(policy, wish) if party else None,
        questions=asked_of(json.loads(policy.questions or "[]")),
        answers=wish.answers if party and wish.with_terms else None,
        restricted=restricted_of(json.loads(policy.restricted or "[]"))
        if party
        else (),
    )
    has_limits = party is not None and policy.has_limits
    return Gathered(facts, policy, policy.unit_ids, policy.has_lapsed, has_limits)


def _terms(row: Any, wish: Wish) -> TermsAsked | None:
    if row.terms_id is None or not wish.with_terms:
        return None
    is_accepted = row.has_accepted or wish.accepts == row.terms_id
    return TermsAsked(row.terms_id, row.terms_version, is_accepted)
