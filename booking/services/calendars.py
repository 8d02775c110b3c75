"""The only way into django-scheduler's tables: validated, one Rule per Event."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from schedule.models import Calendar, Event, Occurrence, Rule

from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.periods import Period
from booking.weekly import DAYS, WeeklyHours, at_wall, format_clock, is_shown
from labs.models import Resource


def own_calendar(resource: Resource) -> AvailabilityCalendar:
    """Return the resource's own calendar, made when first asked for."""
    found = AvailabilityCalendar.objects.filter(resource=resource).first()
    if found is None:
        calendar = Calendar.objects.create(
            name=resource.name, slug=f"resource-{resource.pk}"
        )
        found = AvailabilityCalendar.objects.create(
            calendar=calendar, resource=resource
        )
    found.resource = resource
    return found


def _dates(days: Sequence[str], since: dt.date) -> Iterator[dt.date]:
    """Yield the dates from one on that fall on the days, without end."""
    for ahead in itertools.count():
        day = since + dt.timedelta(days=ahead)
        if DAYS[day.weekday()] in days:
            yield day


def add_weekly(
    calendar: AvailabilityCalendar,
    hours: WeeklyHours,
    since: dt.date,
    until: dt.date | None,
) -> Event | None:
    """Add opening hours from a date on, until and with another; None if none remain.

    An event is two instants, from which the clock's times are read back: it begins on
    a date that has both. Dates before it where spring skips one are added by hand.
    """
    zone = calendar.zone
    early: dict[dt.date, Period] = {}
    for first in _dates(hours.days, since):
        if is_shown(first, hours.opens, zone) and is_shown(first, hours.closes, zone):
            break
        period = period_on(first, hours, zone)
        if period is not None and (until is None or first <= until):
            early[first] = period
    if until is not None and first > until:
        if not early:
            return None
        until = max(early)
    days = [day for day in DAYS if day in hours.days]
    rule = Rule.objects.create(
        name=f"weekly {','.join(days)}"[:32],
        description="",
        frequency="WEEKLY",
        params=f"byweekday:{','.join(days)}",
    )
    event = Event.objects.create(
        calendar=calendar.calendar,
        title=f"{format_clock(hours.opens)}–{format_clock(hours.closes)}",
        start=at_wall(first, hours.opens, zone),
        end=at_wall(first, hours.closes, zone),
        rule=rule,
        end_recurring_period=at_wall(until, 1439, zone) if until else None,
    )
    AvailabilityRule.objects.create(event=event, effect=AvailabilityRule.Effect.OPEN)
    Occurrence.objects.bulk_create(
        Occurrence(
            event=event, start=start, end=end, original_start=start, original_end=end
        )
        for start, end in early.values()
    )
    return event


def period_on(day: dt.date, hours: WeeklyHours, zone: ZoneInfo) -> Period | None:
    """Return when that is on a date; None where spring skips all of it."""
    start, end = at_wall(day, hours.opens, zone), at_wall(day, hours.closes, zone)
    return Period(start, end) if start < end else None


def added_by_hand(calendar: AvailabilityCalendar) -> QuerySet[Occurrence]:
    """Return the dates that `add_weekly` added by hand: they lie before their event."""
    found: QuerySet[Occurrence] = Occurrence.objects.filter(
        event__calendar=calendar.calendar,
        event__rule__isnull=False,
        original_start__lt=F("event__start"),
    )
    return found


def add_once(
    calendar: AvailabilityCalendar,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    effect: AvailabilityRule.Effect,
    reason: str = "",
    note: str = "",
    note_bg: str = "",
) -> AvailabilityRule:
    """Add an opening or a closure that does not recur."""
    event = Event.objects.create(
        calendar=calendar.calendar, title=note[:255], start=starts_at, end=ends_at
    )
    return AvailabilityRule.objects.create(
        event=event, effect=effect, reason=reason, note=note, note_bg=note_bg
    )


def remove(event: Event) -> None:
    """Delete an event and its rule, which is no other's."""
    rule = event.rule
    event.delete()
    if rule is not None:
        rule.delete()
