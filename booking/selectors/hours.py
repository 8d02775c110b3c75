"""What was published: weekly hours by season, dates of their own, closures."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db.models import Q, QuerySet
from schedule.models import Event

from booking.expander import to_wall
from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.weekly import Season, at_wall, format_clock, seasons_of, weekly_of
from config import clock
from labs.models import Resource


def weekly_events(calendar: AvailabilityCalendar) -> list[Event]:
    """Return the calendar's recurring openings, oldest first."""
    found = Event.objects.filter(
        calendar=calendar.calendar,
        rule__isnull=False,
        availability_rule__effect=AvailabilityRule.Effect.OPEN,
    )
    return list(found.select_related("rule").order_by("start", "pk"))


def hours_version(resource: Resource) -> str:
    """Return what differs whenever other weekly hours are published; one query."""
    events = Event.objects.filter(
        calendar__availability__resource=resource, rule__isnull=False
    ).order_by("pk")
    rows = events.values_list("pk", "start", "end_recurring_period")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]


def opening_hours_of(resource: Resource) -> dict[str, Any]:
    """Return `{time_zone, seasons, calendars}`: hours now and later, four queries.

    A season is `{valid_from, valid_until, weekly: [{days, from, to}]}`, in local dates.
    """
    calendar = (
        AvailabilityCalendar.objects.select_related("calendar", "resource__site")
        .filter(resource=resource)
        .first()
    )
    zone = resource.site.zone
    events = weekly_events(calendar) if calendar else []
    published = [weekly_of(event, zone) for event in events]
    today = clock.now().astimezone(zone).date()
    shared = resource.shared_calendars.values_list("calendar__slug", flat=True)
    return {
        "time_zone": resource.site.time_zone,
        "seasons": [_season(each) for each in seasons_of(published, today)],
        "calendars": sorted(shared),
    }


def _season(season: Season) -> dict[str, Any]:
    return {
        "valid_from": season.first,
        "valid_until": season.last,
        "weekly": [
            {
                "days": list(hours.days),
                "from": format_clock(hours.opens),
                "to": format_clock(hours.closes),
            }
            for hours in season.weekly
        ],
    }


def dates_of(resource: Resource) -> dict[dt.date, list[tuple[str, str]]]:
    """Return the dates ahead with hours of their own, none where it is closed.

    Two queries.
    """
    zone = resource.site.zone
    today = clock.now().astimezone(zone).date()
    own = Event.objects.filter(
        calendar__availability__resource=resource,
        rule__isnull=True,
        availability_rule__effect=AvailabilityRule.Effect.OPEN,
        start__gte=at_wall(today, 0, zone),
    ).order_by("start", "pk")
    found: dict[dt.date, list[tuple[str, str]]] = {}
    for event in own.prefetch_related("occurrence_set"):
        start, end = to_wall(event.start, zone), to_wall(event.end, zone)
        spans = found.setdefault(start.date(), [])
        if not any(each.cancelled for each in event.occurrence_set.all()):
            until = "24:00" if end.date() > start.date() else f"{end:%H:%M}"
            spans.append((f"{start:%H:%M}", until))
    return found


def closures_of(resource: Resource) -> QuerySet[AvailabilityRule]:
    """Return the closures of its own and its shared calendars that are not over."""
    return (
        AvailabilityRule.objects.filter(
            Q(event__calendar__availability__resource=resource)
            | Q(event__calendar__availability__resources=resource),
            effect=AvailabilityRule.Effect.CLOSED,
            event__end__gt=clock.now(),
        )
        .select_related("event__calendar__availability")
        .order_by("event__start", "pk")
        .distinct()
    )


def closures_during(
    start: dt.datetime, end: dt.datetime
) -> list[tuple[int, AvailabilityRule]]:
    """Return what closes then, with the id of each resource it closes; two queries."""
    closing = AvailabilityRule.objects.filter(
        effect=AvailabilityRule.Effect.CLOSED,
        event__start__lt=end,
        event__end__gt=start,
    ).select_related("event__calendar__availability")
    calendars = {rule: rule.event.calendar.availability for rule in closing}
    shared = AvailabilityCalendar.resources.through.objects.filter(
        availabilitycalendar__in={
            calendar.pk for calendar in calendars.values() if not calendar.resource_id
        }
    ).values_list("availabilitycalendar", "resource")
    resources: dict[int, list[int]] = {}
    for calendar_id, resource_id in shared:
        resources.setdefault(calendar_id, []).append(resource_id)
    return [
        (resource_id, rule)
        for rule, calendar in calendars.items()
        for resource_id in (
            [calendar.resource_id]
            if calendar.resource_id
            else resources.get(calendar.pk, [])
        )
    ]
