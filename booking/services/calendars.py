"""The only way into django-scheduler's tables: validated, one Rule per Event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from schedule.models import Calendar, Event, Rule

from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.weekly import DAYS, WeeklyHours, at_wall, format_clock
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


def _first_day(days: Sequence[str], since: dt.date) -> dt.date:
    for ahead in range(7):
        day = since + dt.timedelta(days=ahead)
        if DAYS[day.weekday()] in days:
            return day
    raise AssertionError("require_sane lets no unknown day through")


def add_weekly(
    calendar: AvailabilityCalendar,
    hours: WeeklyHours,
    since: dt.date,
    until: dt.date | None,
) -> Event | None:
    """Add opening hours from a date on, until and with another; None if none remain."""
    zone = calendar.zone
    first = _first_day(hours.days, since)
    if until is not None and first > until:
        return None
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
    return event


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
