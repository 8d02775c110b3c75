"""Wanted dates are reserved, or asked for, when their slot frees: first come first."""

from __future__ import annotations

import logging
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from booking.exceptions import Busy
from booking.models import SeriesDate
from booking.permissions import can_reserve_for
from booking.selectors.facts import Party, Wish
from booking.selectors.series import dates_judge
from booking.services import ledger
from booking.services.changes import expire_lapsed_on
from booking.services.series_writing import dates_book, note
from config import clock
from config.errors import DomainError

logger = logging.getLogger(__name__)

State = SeriesDate.State
#: What is wanted and has enough units that nobody has, whoever asked first before.
FREED = """
SELECT d.id
FROM booking_seriesdate d
JOIN booking_series s ON s.id = d.series_id
JOIN labs_resource r ON r.id = s.resource_id
JOIN booking_effectivepolicy p ON p.resource_id = s.resource_id
CROSS JOIN LATERAL (
    SELECT count(*) AS units, count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM booking_occupancy o
        WHERE o.unit_id = c.unit_id AND o.during && tstzrange(
            d.starts_at, d.ends_at + make_interval(mins => p.turnaround_minutes)
        )
    )) AS free
    FROM labs_coverage c WHERE c.resource_id = s.resource_id
) u
WHERE d.state = 'wanted' AND d.starts_at > %s AND u.free > 0
    AND u.free >= CASE WHEN r.is_pool THEN s.quantity ELSE u.units END
ORDER BY s.created_at, s.id, d.number
"""
WANTED_FIELDS = ("state", "reservation", "code", "reason")


def series_wanted_book() -> int:
    """Book what is wanted and has become free; returns how many dates that were.

    Idempotent, and may run twice at once: each date under the lock of its units.
    """
    with connection.cursor() as cursor:
        cursor.execute(FREED, [clock.now()])
        freed = [pk for (pk,) in cursor.fetchall()]
    booked = 0
    for pk in freed:
        try:
            booked += wanted_book(date_id=pk)
        except DomainError as refusal:
            # Somebody was quicker, or many are here; the next sweep looks again.
            logger.info("Wanted date %s was not booked: %s", pk, refusal.code)
    return booked


def wanted_book(*, date_id: int) -> bool:
    """Reserve one wanted date for whoever asked for it, or ask; returns whether it did.

    Raises SlotTaken (409), Busy (503).
    """
    dates = SeriesDate.objects.filter(pk=date_id, state=State.WANTED)
    resource_id = dates.values_list("series__resource_id", flat=True).first()
    if resource_id is None:
        return False
    with ledger.writing():
        units = ledger.lock_units([resource_id])
        now = clock.now()
        date = (
            dates.select_for_update(of=("self",), no_key=True)
            .select_related(
                "series__resource__site", "series__organisation", "series__requested_by"
            )
            .first()
        )
        if date is None or date.series.resource_id != resource_id:
            return False
        expire_lapsed_on(units, now)
        return _book(date, units)


def _book(date: SeriesDate, units: list[int]) -> bool:
    """Under the lock: judge it again, and book it or say what is in its way now."""
    series, now = date.series, clock.now()
    person, organisation = series.requested_by, series.organisation
    with translation.override(person.language):
        if not (
            person.is_active
            and organisation.is_active
            and can_reserve_for(person, organisation.pk)
        ):
            date.state, date.code = State.CANCELLED, "permission_denied"
            date.reason = _("Whoever asked for it cannot reserve any more.")
        else:
            ledger.lock_guests([organisation.pk])
            party = Party(person.pk, organisation.pk)
            wish = Wish(
                date.starts_at,
                date.ends_at,
                series.people,
                series.quantity,
                answers=series.answers,
            )
            judged = dates_judge(person, party, series.resource_id, [wish], now)
            if judged.unit_ids != units:
                raise Busy
            (verdict,) = judged.verdicts
            if verdict.clash or verdict.own_holds:
                return False
            if verdict.violations:
                # It may be closed for now: it stays wanted, and says why it waits.
                note(date, verdict)
                date.state = State.WANTED
            else:
                reason = _("The time that was wanted has become free.")
                booked = [(date, verdict)]
                known: dict[str, Any] = {"actor": person, "now": now, "reason": reason}
                dates_book(series, booked, judged.policy, **known)
        date.save(update_fields=WANTED_FIELDS)
    return date.state == State.BOOKED
