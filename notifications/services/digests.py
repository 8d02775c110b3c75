"""Put what was collected into one mail a day, and plan the weekly digest."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from booking.expander import from_wall, to_wall
from config import clock
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.selectors import preferences_of
from notifications.weekly import readers
from notifications.wishes import wish

#: On Mondays, by the hub's clock; of no use any more two days later.
WEEKLY_AT, WEEKLY_USEFUL = dt.time(8), dt.timedelta(days=2)


def digests_plan() -> bool:
    """Plan a digest for each person of whose messages one is due; is any?"""
    now = clock.now()
    due = Message.objects.filter(state=State.COLLECTED, digest=None, due_at__lte=now)
    people = due.order_by("person").values_list("person", flat=True).distinct()
    made = [_digest_plan(person_id, now) for person_id in list(people)]
    return any(made)


def _digest_plan(person_id: int, now: dt.datetime) -> bool:
    """Two at once make one: the second finds nothing left to collect."""
    with transaction.atomic(durable=True):
        due = Message.objects.filter(
            person=person_id, state=State.COLLECTED, digest=None, due_at__lte=now
        )
        rows = list(due.select_for_update(no_key=True).order_by("pk"))
        if not rows:
            return False
        digest = Message.objects.create(
            cause=f"digest-{rows[0].pk}",
            kind=Kind.DIGEST,
            person_id=person_id,
            due_at=now,
            created_at=now,
        )
        found = Message.objects.filter(pk__in=[row.pk for row in rows])
        found.update(digest=digest)
    return True


def weekly_plan() -> bool:
    """Plan the week's digest of every reader, on Mondays; planning twice plans once."""
    now, zone = clock.now(), ZoneInfo(settings.TIME_ZONE)
    today = to_wall(now, zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    due_at = from_wall(dt.datetime.combine(monday, WEEKLY_AT), zone)
    if not due_at <= now < due_at + WEEKLY_USEFUL:
        return False
    told = Message.objects.filter(cause=f"weekly-{monday}").values("person")
    people: list[User] = list(readers().exclude(pk__in=told))
    preferences = preferences_of([person.pk for person in people])
    planned = [
        wish(
            Message(
                cause=f"weekly-{monday}",
                kind=Kind.WEEKLY,
                person=person,
                due_at=due_at,
                useful_until=due_at + WEEKLY_USEFUL,
                created_at=now,
            ),
            preferences[person.pk],
            now,
        )
        for person in people
    ]
    Message.objects.bulk_create(planned, ignore_conflicts=True)
    return bool(planned)
