"""Plan the notices about people; planning twice plans once."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef

from booking.models import Delegation
from booking.models.delegation import DelegationQuerySet
from config import clock
from labs.models import Qualification
from labs.selectors.qualifications import expiring_soon
from notifications.models import Kind, Message

#: So many days before the last, the longest first; as `labs` says that it ends soon.
DAYS_BEFORE = (30, 7)
#: By the hub's clock, so that nobody is woken.
MORNING = dt.time(9)
#: What was delegated longer ago is nobody's news.
OLD_NEWS = dt.timedelta(days=1)
#: How many are looked at, at once; what is left waits for the next sweep.
MOST = 500


def notices_plan() -> bool:
    """Plan what is not planned yet; returns whether something is due now."""
    now = clock.now()
    planned = [*_delegations(now), *_qualifications(now)]
    Message.objects.bulk_create(planned, ignore_conflicts=True)
    return any(each.due_at <= now for each in planned)


def _delegations(now: dt.datetime) -> list[Message]:
    standing: DelegationQuerySet = Delegation.objects.all().standing(clock.today())
    told = Message.objects.filter(kind=Kind.DEPUTISING, about_id=OuterRef("pk"))
    fresh = standing.filter(~Exists(told), created_at__gt=now - OLD_NEWS)
    return [
        Message(
            cause=f"deputising-{made.pk}",
            kind=Kind.DEPUTISING,
            person_id=made.deputy_id,
            about_id=made.pk,
            due_at=now,
            useful_until=_morning(made.ends_on) + dt.timedelta(days=1),
            created_at=now,
        )
        for made in fresh[:MOST]
    ]


def _qualifications(now: dt.datetime) -> list[Message]:
    told = Message.objects.filter(kind=Kind.QUALIFICATION, about_id=OuterRef("pk"))
    active = Qualification.objects.filter(~Exists(told), person__is_active=True)
    planned = []
    for held in expiring_soon(active)[:MOST]:
        last = held.valid_until or clock.today()
        for days, useful_days in zip(DAYS_BEFORE, (*DAYS_BEFORE[1:], 0), strict=True):
            due_at = _morning(last - dt.timedelta(days=days))
            useful_until = _morning(last - dt.timedelta(days=useful_days))
            if useful_until > now and due_at > held.granted_at:
                planned.append(_about(held, days, due_at, useful_until, now))
    return planned


def _about(
    held: Qualification,
    days: int,
    due_at: dt.datetime,
    useful_until: dt.datetime,
    now: dt.datetime,
) -> Message:
    return Message(
        cause=f"qualification-{held.pk}-{days}-{held.valid_until}",
        kind=Kind.QUALIFICATION,
        person_id=held.person_id,
        about_id=held.pk,
        due_at=due_at,
        useful_until=useful_until,
        created_at=now,
    )


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, MORNING, ZoneInfo(settings.TIME_ZONE))
