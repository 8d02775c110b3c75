"""A calendar that a host keeps elsewhere: as it was read, for it is nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from booking.demo import data
from booking.demo.places import Hub
from booking.models import AvailabilityCalendar, OutsideCalendar, Reservation
from booking.outside import Busy
from booking.services.availability import Outcome, publish
from booking.services.outside_calendars import INTERVAL, closures_replace
from booking.weekly import at_wall
from config import clock
from labs.models import Resource

DAY = dt.timedelta(days=1)


def outside_play(hub: Hub, today: dt.date) -> None:
    row, now = data.read("stories")["outside"], clock.now()
    resource = hub.places[row["resource"]].resource
    read_at = now - INTERVAL / 2
    busy = [each for each in _events(resource, row, today) if each.end > now]

    def change(own: AvailabilityCalendar) -> Outcome:
        calendar = OutsideCalendar.objects.create(
            resource=resource,
            url=row["url"],
            name=row["name"],
            added_at=now - 40 * DAY,
            read_at=read_at,
            expanded_at=read_at,
            due_at=read_at + INTERVAL,
        )
        closures_replace(own, calendar, busy, now)
        return Outcome()

    publish(resource, change, preview=False)


def _events(resource: Resource, row: dict[str, Any], today: dt.date) -> Iterator[Busy]:
    """Yield those that hit nothing that is reserved."""
    monday = today - today.weekday() * DAY
    for week in range(1, row["weeks"] + 1):
        for weekday, opens, closes, title in row["events"]:
            day = monday + (7 * week + weekday) * DAY
            start, end = (
                at_wall(day, 60 * hour, resource.site.zone) for hour in (opens, closes)
            )
            taken = Reservation.objects.occupying().filter(
                resource=resource, starts_at__lt=end, free_at__gt=start
            )
            if not taken.exists():
                yield Busy(start, end, title)
