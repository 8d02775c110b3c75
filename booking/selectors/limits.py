"""What quotas and allowances count: one statement, whoever and however much it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import get_language

from booking.limits import Limit
from booking.models.reservation import COUNTING
from booking.periods import Period
from booking.selectors.facts import Gathered, Party, Wish, facts_gather
from booking.windows import minutes_within, windows_of

WINDOWS = ("day", "week", "month")

# A quota's windows are the wish's days, weeks or months; an allowance has one, as long
# as its agreement is valid or its programme runs.
LIMITS = """
SELECT wish.n, f.*
FROM unnest(%(wish_starts)s::timestamptz[], %(wish_ends)s::timestamptz[])
    WITH ORDINALITY AS wish (starts_at, ends_at, n)
CROSS JOIN LATERAL (
WITH place AS (
    SELECT r.id, t.time_zone, (wish.starts_at AT TIME ZONE t.time_zone)::date AS day
    FROM labs_resource r JOIN labs_site t ON t.id = r.site_id
    WHERE r.id = %(resource)s
), agreed AS (
    SELECT a.id, f.place, a.valid_from, a.valid_until, a.name, a.name_bg,
        a.allowance_hours, a.programme_id
    FROM place p
    CROSS JOIN booking_agreements_for(p.id, %(guest)s, p.day) f
    JOIN booking_agreement a ON a.id = f.agreement_id
), allowance AS (
    SELECT a.id AS agreement_id, a.place, NULL::bigint AS programme_id,
        a.allowance_hours, a.name, a.name_bg, a.valid_from AS first,
        coalesce(a.valid_until, 'infinity'::date) AS last
    FROM agreed a WHERE a.allowance_hours IS NOT NULL
    UNION ALL
    SELECT a.id, a.place, g.id, g.allowance_hours, g.name, g.name_bg,
        g.starts_on, g.ends_on
    FROM agreed a JOIN booking_programme g ON g.id = a.programme_id
    WHERE a.allowance_hours IS NULL AND g.allowance_hours IS NOT NULL
    ORDER BY 2 LIMIT 1
), limits AS (
    SELECT q.id AS quota_id, q.per, q."window",
        q.most_minutes, q.most_count, q.peak_only,
        w.s, w.e, '' AS name, '' AS name_bg,
        ARRAY (SELECT c.resource_id FROM booking_quotacovers c WHERE c.quota_id = q.id)
            AS covered
    FROM place p
    CROSS JOIN booking_quotas_for(p.id, %(guest)s, p.day) f
    JOIN booking_quota q ON q.id = f.quota_id
    JOIN unnest(%(numbers)s::int[], %(kinds)s::text[],
        %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS w (n, kind, s, e) ON w.n = wish.n AND w.kind = q."window"
    UNION ALL
    SELECT NULL, 'organisation', 'agreement',
        x.allowance_hours * 60, NULL, false,
        x.first::timestamp AT TIME ZONE p.time_zone,
        CASE WHEN x.last = 'infinity' THEN 'infinity'::timestamptz
            ELSE (x.last + 1)::timestamp AT TIME ZONE p.time_zone END,
        x.name, x.name_bg,
        ARRAY (
            SELECT c.resource_id FROM booking_agreementcovers c
            JOIN booking_agreement a ON a.id = c.agreement_id
            WHERE a.id = x.agreement_id OR a.programme_id = x.programme_id)
    FROM place p CROSS JOIN allowance x
)
SELECT l.per, l."window", l.most_minutes, l.most_count,
    coalesce(u.minutes, 0)::int, u.number, l.peak_only, l.name, l.name_bg, l.s,
    CASE WHEN l.e = 'infinity' THEN NULL ELSE l.e END,
    CASE WHEN l.peak_only THEN booking_peak_minutes(%(resource)s,
        greatest(l.s, wish.starts_at), least(l.e, wish.ends_at)) END,
    l.quota_id
FROM limits l
CROSS JOIN LATERAL (
    SELECT sum(x.minutes) AS minutes,
        count(*) FILTER (WHERE v.starts_at >= l.s AND x.minutes > 0) AS number
    FROM booking_reservation v
    CROSS JOIN LATERAL (
        SELECT CASE WHEN l.peak_only
            THEN booking_peak_minutes(v.resource_id,
                greatest(l.s, v.starts_at), least(l.e, v.ends_at))
            ELSE extract(epoch FROM
                least(l.e, v.ends_at) - greatest(l.s, v.starts_at)) / 60
            END AS minutes
        OFFSET 0  -- or it would be computed for each use
    ) x
    WHERE v.organisation_id = %(guest)s
        AND (l.per = 'organisation' OR v.requested_by_id = %(person)s)
        AND v.starts_at < l.e AND v.starts_at > l.s - interval '33 days'
        AND v.ends_at > l.s
        AND v.id <> ALL (%(moving)s::bigint[])
        AND (v.status = ANY (%(counting)s) OR v.is_late_cancel)
        AND (v.status <> 'held' OR v.requested_by_id <> %(person)s)
        AND v.resource_id = ANY (l.covered)
) u
) f
ORDER BY wish.n, f.s, f.quota_id
"""


def limits_gather(
    resource_id: int,
    wish: Wish,
    party: Party,
    zone: ZoneInfo,
    moving: Collection[int] = (),
) -> tuple[Limit, ...]:
    """Return every limit that holds for the party, in each window; one query."""
    return limits_of_many(resource_id, [wish], party, zone, moving)[0]


def limits_of_many(
    resource_id: int,
    wishes: Sequence[Wish],
    party: Party,
    zone: ZoneInfo,
    moving: Collection[int] = (),
) -> list[tuple[Limit, ...]]:
    """Return for each wish every limit that holds, in each window; one query.

    What occupies counts, what took place, no-shows, and what was cancelled late. In a
    window counts what lies in it, to the minute; a reservation where it starts.
    `moving`: ids of what will be given up for this.
    """
    wanted = [Period(wish.starts_at, wish.ends_at) for wish in wishes]
    windows = [
        (number, kind, window)
        for number, period in enumerate(wanted, 1)
        for kind in WINDOWS
        for window in windows_of(kind, period, zone)
    ]
    params: dict[str, Any] = {
        "resource": resource_id,
        "wish_starts": [period.start for period in wanted],
        "wish_ends": [period.end for period in wanted],
        "guest": party.organisation_id,
        "person": party.person_id,
        "moving": list(moving),
        "counting": sorted(COUNTING),
        "numbers": [number for number, _kind, _window in windows],
        "kinds": [kind for _number, kind, _window in windows],
        "starts": [window.start for _number, _kind, window in windows],
        "ends": [window.end for _number, _kind, window in windows],
    }
    found: list[list[Limit]] = [[] for _period in wanted]
    with connection.cursor() as cursor:
        cursor.execute(LIMITS, params)
        for number, *row in cursor.fetchall():
            found[number - 1].append(_limit(wanted[number - 1], row))
    return [tuple(limits) for limits in found]


def _limit(wanted: Period, row: Sequence[Any]) -> Limit:
    per, window, most_minutes, most_count, used_minutes, used_count = row[:6]
    is_peak, name, name_bg, start, end, peak, quota_id = row[6:]
    minutes: int = peak
    if not is_peak:
        minutes = minutes_within(wanted, Period(start, end or wanted.end))
    return Limit(
        per=per,
        window=window,
        most_minutes=most_minutes,
        most_count=most_count,
        used_minutes=used_minutes,
        used_count=used_count,
        minutes=minutes,
        count=int(minutes > 0 and start <= wanted.start),
        is_peak=is_peak,
        name=(get_language() == "bg" and name_bg) or name,
        starts_at=start,
        ends_at=end,
        quota_id=quota_id,
    )


def facts_in_full(
    resource_id: int,
    wish: Wish,
    now: dt.datetime,
    party: Party | None = None,
    moving: int | None = None,
) -> Gathered:
    """Return what the rules would look at, were it sent now; one query, or two."""
    gathered = facts_gather(resource_id, wish, now, party, moving)
    if party is None or not gathered.has_limits:
        return gathered
    zone, gone = gathered.facts.zone, [] if moving is None else [moving]
    limits = limits_gather(resource_id, wish, party, zone, gone)
    return replace(gathered, facts=replace(gathered.facts, limits=limits))
