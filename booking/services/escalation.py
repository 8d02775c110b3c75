"""Remind those who decide, then pass a request on: to deputies, then to hub staff."""

from __future__ import annotations

import datetime as dt

from booking.models import History, Reservation
from booking.models.paths import Level
from booking.models.reservation import Status
from booking.permissions import deputies_of
from booking.selectors.approving import way_of
from booking.services import ledger
from booking.services.history import history_record
from booking.working_time import WorkingTime, alarms
from config import clock


def reservations_pass_on() -> int:
    """Pass on every request whose alarm rings; returns how many there were.

    A resource at a time, under its lock: of two at once the second finds nothing left.
    After an outage what was missed is one step, to the level that is due by then.
    """
    now = clock.now()
    ringing = Reservation.objects.filter(
        status=Status.PENDING, alarm_at__lte=now, lapses_at__gt=now
    )
    passed = 0
    for resource_id in sorted(set(ringing.values_list("resource_id", flat=True))):
        with ledger.writing():
            ledger.lock_units([resource_id])
            time = way_of(None, now).time
            rows = ringing.filter(resource=resource_id).order_by("pk")
            for reservation in rows.select_for_update(no_key=True, of=("self",)):
                passed += _pass_on(reservation, time, now)
    return passed


def _pass_on(reservation: Reservation, time: WorkingTime, now: dt.datetime) -> bool:
    """Take the step that is due, if any: the hub's hours may have changed since."""
    since = reservation.turn_since or reservation.created_at
    steps = alarms(time, since, reservation.lapses_at or now)
    before, level = reservation.level, Level(reservation.level)
    level = max([level, *(to for at, to in steps if at <= now)])
    reservation.level = level
    if level == Level.DEPUTIES and not deputies_of(reservation).exists():
        reservation.level = level = Level.STAFF
    later = [at for at, to in steps if to > level and at > now]
    reservation.alarm_at = later[0] if later else None
    # The version stays: nobody who is just deciding need look at it again.
    reservation.save(update_fields=["level", "alarm_at"])
    if level == before:
        return False
    history_record(
        reservation,
        History.Action.ESCALATED,
        actor=None,
        at=now,
        from_status=reservation.status,
        changes={"level": [before, level]},
    )
    return True
