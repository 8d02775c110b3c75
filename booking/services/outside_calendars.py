"""Calendars kept elsewhere: read when they are due, their events close a resource.

Nothing is read inside a transaction. What was read is written as the difference to
what is there, and only where there is one; a failure changes nothing but its own state.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from schedule.models import Event
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from booking.exceptions import Busy as TooBusy
from booking.models import AvailabilityCalendar, AvailabilityRule, OutsideCalendar
from booking.models.outside_calendar import LONGEST_URL
from booking.outside import Busy, Reading, calendar_read
from booking.outside_errors import Unreadable
from booking.periods import Period
from booking.services.availability import Outcome, managed_resource, publish
from booking.services.open_periods import AHEAD, PAST
from config import clock
from config.errors import DomainError, Invalid, Missing
from config.outbound import Answer, NoAnswer, fetch
from labs.models import Resource, User

logger = logging.getLogger(__name__)

MOST_CALENDARS = 5
LARGEST = 5 * 1024 * 1024
DEADLINE = dt.timedelta(seconds=20)
INTERVAL = dt.timedelta(minutes=30)
#: How long to wait after failures: twice as long after each, until that.
LONGEST_WAIT = dt.timedelta(days=1)
#: So often all of it is read, or its repetitions would end where the horizon was.
ANEW = dt.timedelta(days=7)
#: Whoever is reading a calendar is given up after that.
LEASE = dt.timedelta(minutes=10)
LONGEST_TAG = 100
#: A worker's turn: well below CELERY_TASK_TIME_LIMIT with one more slow calendar.
TURN_SECONDS = 120.0
#: What a preview counts.
SOON = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a calendar has: its row (none in a preview), and what it would hit."""

    calendar: OutsideCalendar
    soon: int
    outcome: Outcome


def outside_calendar_add(
    *, actor: User, resource_slug: str, url: str, preview: bool = False
) -> Glance:
    """Read a calendar once and let it close the resource from now on.

    Raises Missing, Forbidden, Invalid (400), NoAnswer and Unreadable (422).
    """
    resource = managed_resource(actor, resource_slug)
    address = _address(url)
    answer = _answer(address)
    reading, now = _reading(answer, resource), clock.now()

    def change(own: AvailabilityCalendar) -> Outcome:
        there = OutsideCalendar.objects.filter(resource=resource)
        if there.filter(url=address).exists():
            raise Invalid({"url": [_("This calendar is there already.")]})
        if there.count() >= MOST_CALENDARS:
            text = _("A resource has at most %(n)d outside calendars.")
            raise Invalid({"url": [text % {"n": MOST_CALENDARS}]})
        made = OutsideCalendar(
            resource=resource,
            url=address,
            name=reading.name,
            added_at=now,
            read_at=now,
            expanded_at=now,
            due_at=now + INTERVAL,
            **_tags(answer),
        )
        made.save()
        found.append(made)
        closures_replace(own, made, reading.busy, now)
        return Outcome()

    found: list[OutsideCalendar] = []
    outcome = publish(resource, change, preview)
    soon = sum(1 for each in reading.busy if each.start < now + SOON)
    return Glance(found[0], soon, outcome)


def _address(url: str) -> str:
    """Return a URL as it is kept: `webcal:` is https, in ASCII, without a fragment."""
    text = url.strip()
    for scheme in ("webcal://", "webcals://"):
        if text.lower().startswith(scheme):
            text = f"https://{text[len(scheme) :]}"
    try:
        address = parse_url(text)._replace(fragment=None).url
    except LocationParseError as error:
        raise NoAnswer("bad_url") from error
    if len(address) > LONGEST_URL:
        raise Invalid({"url": [_("This address is too long.")]})
    return address


def _answer(url: str, *, etag: str = "", modified: str = "") -> Answer:
    """Ask for a calendar: 200, or 304 if it is the one that was there then."""
    answer = fetch(url, etag=etag, modified=modified, limit=LARGEST, deadline=DEADLINE)
    is_unchanged = answer.status == 304 and bool(etag or modified)
    if answer.status != 200 and not is_unchanged:
        raise Unreadable("bad_status", str(answer.status))
    return answer


def _reading(answer: Answer, resource: Resource) -> Reading:
    now = clock.now()
    return calendar_read(answer.body, resource.site.zone, Period(now, now + AHEAD))


def _tags(answer: Answer) -> dict[str, str]:
    """Return by what the server knows this state of it; odd ones are not kept."""
    tags = {"etag": "ETag", "modified": "Last-Modified"}
    found = {name: answer.headers.get(header, "") for name, header in tags.items()}
    return {name: tag if len(tag) <= LONGEST_TAG else "" for name, tag in found.items()}


def _ahead(calendar: OutsideCalendar, now: dt.datetime) -> dict[Busy, int]:
    """Return what it closes now or later, with the ids of the events."""
    rows = AvailabilityRule.objects.filter(
        outside_calendar=calendar, event__end__gt=now
    ).values_list("event__start", "event__end", "note", "event")
    return {Busy(start, end, note): event for start, end, note, event in rows}


def closures_replace(
    own: AvailabilityCalendar,
    calendar: OutsideCalendar,
    busy: Iterable[Busy],
    now: dt.datetime,
) -> None:
    """Make the closures those of the calendar; past ones stay as long as they show."""
    there, wanted = _ahead(calendar, now), {each for each in busy if each.end > now}
    gone = [event for each, event in there.items() if each not in wanted]
    past = Event.objects.filter(
        availability_rule__outside_calendar=calendar, end__lt=now - PAST
    )
    Event.objects.filter(pk__in=[*gone, *past.values_list("pk", flat=True)]).delete()
    events = Event.objects.bulk_create(
        Event(calendar=own.calendar, title=each.note, start=each.start, end=each.end)
        for each in sorted(wanted - there.keys())
    )
    AvailabilityRule.objects.bulk_create(
        AvailabilityRule(
            event=event,
            effect=AvailabilityRule.Effect.CLOSED,
            reason=AvailabilityRule.Reason.PRIVATE_USE,
            note=event.title,
            outside_calendar=calendar,
        )
        for event in events
    )


def outside_calendar_refresh(
    *, actor: User, resource_slug: str, calendar_id: int
) -> OutsideCalendar:
    """Read one now; what came of it is in its state. Raises Missing, Forbidden."""
    resource = managed_resource(actor, resource_slug)
    calendar = resource.outside_calendars.filter(pk=calendar_id).first()
    if calendar is None:
        raise Missing
    calendar.resource = resource
    _refresh(calendar)
    found = resource.outside_calendars.filter(pk=calendar_id).first()
    if found is None:
        raise Missing
    return found


def outside_calendar_remove(
    *, actor: User, resource_slug: str, calendar_id: int
) -> None:
    """Forget one, and open what it closed. Raises Missing, Forbidden."""
    resource = managed_resource(actor, resource_slug)

    def change(own: AvailabilityCalendar) -> Outcome:
        calendar = resource.outside_calendars.filter(pk=calendar_id).first()
        if calendar is None:
            raise Missing
        Event.objects.filter(availability_rule__outside_calendar=calendar).delete()
        calendar.delete()
        return Outcome()

    publish(resource, change, preview=False)


def outside_calendars_refresh_due() -> int:
    """Read those that are due, one after the other for two minutes; returns how many.

    Several workers share them: each is claimed before it is read.
    """
    done, ends = 0, time.monotonic() + TURN_SECONDS
    while time.monotonic() < ends and (calendar := _claimed()) is not None:
        try:
            _refresh(calendar)
        except TooBusy:
            logger.warning("calendar %s: too busy, its lease runs out", calendar.pk)
        done += 1
    return done


def _claimed() -> OutsideCalendar | None:
    """Return one that is due; nobody else reads it until its lease runs out."""
    now = clock.now()
    with transaction.atomic(durable=True):
        calendar = (
            OutsideCalendar.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("resource__site")
            .exclude(resource__listing=Resource.Listing.ARCHIVED)
            .filter(due_at__lte=now)
            .order_by("due_at", "pk")
            .first()
        )
        if calendar is not None:
            calendar.due_at = now + LEASE
            calendar.save(update_fields=["due_at"])
    return calendar


def _refresh(calendar: OutsideCalendar) -> None:
    now = clock.now()
    is_old = calendar.expanded_at < now - ANEW
    known = {} if is_old else {"etag": calendar.etag, "modified": calendar.modified}
    state: dict[str, Any] = {"failures": 0, "failed_since": None, "error": ""}
    state |= {"error_detail": "", "read_at": now, "due_at": now + INTERVAL}
    try:
        answer = _answer(calendar.url, **known)
        if answer.status == 200:
            reading = _reading(answer, calendar.resource)
            _replace(calendar, reading.busy, now)
            state |= {"name": reading.name, "expanded_at": now, **_tags(answer)}
    except (NoAnswer, Unreadable) as refusal:
        state = _failed(calendar, refusal, now)
    OutsideCalendar.objects.filter(pk=calendar.pk).update(**state)


def _replace(calendar: OutsideCalendar, busy: Sequence[Busy], now: dt.datetime) -> None:
    wanted = {each for each in busy if each.end > now}
    if wanted == _ahead(calendar, now).keys():
        return

    def change(own: AvailabilityCalendar) -> Outcome:
        # Somebody may have removed it while it was read.
        if OutsideCalendar.objects.filter(pk=calendar.pk).exists():
            closures_replace(own, calendar, busy, now)
        return Outcome()

    publish(calendar.resource, change, preview=False)


def _failed(
    calendar: OutsideCalendar, refusal: DomainError, now: dt.datetime
) -> dict[str, Any]:
    """Return its state after another failure: the next try is twice as far."""
    failures = calendar.failures + 1
    wait = min(INTERVAL * 2 ** min(failures, 10), LONGEST_WAIT)
    return {
        "failures": failures,
        "failed_since": calendar.failed_since or now,
        "error": refusal.code,
        "error_detail": getattr(refusal, "about", "")[:200],
        "due_at": now + wait,
    }
