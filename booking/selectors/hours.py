"""What was published: weekly hours by season, dates of their own, closures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from schedule.models import Event

from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.weekly import format_clock, weekly_of
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


def opening_hours_of(resource: Resource) -> dict[str, Any]:
    """Return `{time_zone, seasons, calendars}`: hours now and later, four queries.

    A season is `{valid_from, valid_until, weekly: [{days, from, to}]}`, in local dates.
    """
    calendar = (
        AvailabilityCalendar.objects.select_related("calendar", "resource__site")
        .filter(resource=resource)
        .first()
    )
    seasons: dict[Any, list[dict[str, Any]]] = {}
    today = clock.now().astimezone(resource.site.zone).date()
    for event in weekly_events(calendar) if calendar else []:
        hours, first, last = weekly_of(event, resource.site.zone)
        if last is None or last >= today:
            seasons.setdefault((max(first, today), last), []).append(
                {
                    "days": list(hours.days),
                    "from": format_clock(hours.opens),
                    "to": format_clock(hours.closes),
                }
            )
    shared = resource.shared_calendars.values_list("calendar__slug", flat=True)
    return {
        "time_zone": resource.site.time_zone,
        "seasons": [
            {"valid_from": first, "valid_until": last, "weekly": weekly}
            for (first, last), weekly in seasons.items()
        ],
        "calendars": sorted(shared),
    }


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
