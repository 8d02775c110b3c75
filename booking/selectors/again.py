"""Once more what one had: the next weeks' same weekday and hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db import connection

from booking.expander import from_wall, to_wall
from booking.models import EffectivePolicy, Reservation
from booking.models.reservation import OCCUPYING, Status
from booking.periods import Period
from booking.rules import Facts, violations
from labs.models import User

WEEK = dt.timedelta(days=7)
#: For so many weeks one looks for the same slot.
WEEKS = 8
#: What came about, or still may: nobody wants once more what was declined.
WORTH_REPEATING = (OCCUPYING - {Status.HELD}) | {Status.COMPLETED}

POLICY = tuple(field.attname for field in EffectivePolicy._meta.concrete_fields)
POLICY_COLUMNS = ", ".join(f"p.{name}" for name in POLICY)
FREE_AMONG = f"""
SELECT w.id, w.s, w.e, {POLICY_COLUMNS}
FROM unnest(
    %(ids)s::bigint[], %(resources)s::int[], %(starts)s::timestamptz[],
    %(ends)s::timestamptz[], %(quantities)s::int[]
) AS w (id, resource_id, s, e, quantity)
JOIN labs_resource r ON r.id = w.resource_id AND r.listing = 'published'
JOIN labs_organisation g ON g.id = r.organisation_id AND g.is_active
JOIN booking_effectivepolicy p ON p.resource_id = r.id
JOIN labs_coverage c ON c.resource_id = r.id
LEFT JOIN booking_occupancy o ON o.unit_id = c.unit_id
    AND o.during && tstzrange(w.s, w.e + make_interval(mins => p.turnaround_minutes))
WHERE EXISTS (
    SELECT 1 FROM booking_openperiod o
    WHERE o.resource_id = r.id AND o.during @> tstzrange(w.s, w.e))
GROUP BY w.id, w.s, w.e, w.quantity, r.is_pool, {POLICY_COLUMNS}
HAVING CASE WHEN r.is_pool
    THEN count(*) FILTER (WHERE o.unit_id IS NULL) >= w.quantity
    ELSE bool_and(o.unit_id IS NULL) END
ORDER BY w.id, w.s
"""


def last_reservations(user: User, number: int) -> list[Reservation]:
    """Return this person's last one of each of the resources last asked for; one query.

    Of organisations that they may still reserve for, on what is still published; the
    newest first.
    """
    mine = Reservation.objects.filter(
        requested_by=user,
        status__in=WORTH_REPEATING,
        resource__listing="published",
        resource__organisation__is_active=True,
        organisation__is_active=True,
    )
    if not user.is_hub_staff:
        mine = mine.filter(organisation_id__in=user.roles)
    newest = mine.order_by("resource_id", "-created_at", "-pk")
    rows = Reservation.objects.filter(
        pk__in=newest.distinct("resource_id").values("pk")
    )
    ours = rows.select_related("resource__site", "organisation")
    return list(ours.order_by("-created_at", "-pk")[:number])


def again_slots(
    reservations: Iterable[Reservation], now: dt.datetime
) -> dict[int, Period]:
    """Return, by reservation id, the next free slot at its weekday and hour; one query.

    As long, for as many; next week's is tried first, then those of the weeks after it.
    Nothing for one that cannot be repeated soon. Needs `resource__site` joined.
    """
    known = {reservation.pk: reservation for reservation in reservations}
    asked = [(each, slot) for each in known.values() for slot in _weekly(each, now)]
    if not asked:
        return {}
    params = {
        "ids": [each.pk for each, _slot in asked],
        "resources": [each.resource_id for each, _slot in asked],
        "starts": [slot.start for _each, slot in asked],
        "ends": [slot.end for _each, slot in asked],
        "quantities": [each.quantity for each, _slot in asked],
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE_AMONG, params)
        rows = cursor.fetchall()
    found: dict[int, Period] = {}
    for pk, start, end, *values in rows:
        policy = EffectivePolicy(**dict(zip(POLICY, values, strict=True)))
        slot = Period(start, end)
        if pk not in found and not violations(_facts(known[pk], slot, policy, now)):
            found[pk] = slot
    return found


def _weekly(reservation: Reservation, now: dt.datetime) -> Iterator[Period]:
    """Yield the same time by the clock on the wall in the weeks to come."""
    zone = reservation.resource.site.zone
    length = reservation.ends_at - reservation.starts_at
    wall = to_wall(reservation.starts_at, zone)
    behind = max(to_wall(now, zone) - wall, dt.timedelta()) // WEEK
    for number in range(behind + 1, behind + 1 + WEEKS):
        start = from_wall(wall + number * WEEK, zone)
        # In the hour that spring skips there is no such time.
        if to_wall(start, zone) == wall + number * WEEK:
            yield Period(start, start + length)


def _facts(
    reservation: Reservation, slot: Period, policy: EffectivePolicy, now: dt.datetime
) -> Facts:
    """Return the facts of a slot that the query found open and free."""
    resource = reservation.resource
    return Facts(
        now=now,
        starts_at=slot.start,
        ends_at=slot.end,
        people=reservation.people,
        quantity=reservation.quantity,
        policy=policy,
        zone=resource.site.zone,
        is_published=True,
        is_open=True,
        capacity=resource.people,
        is_pool=resource.is_pool,
        units=reservation.quantity,
    )
