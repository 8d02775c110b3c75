"""Calendars that somebody keeps elsewhere."""

from __future__ import annotations

import datetime as dt

from booking.models import AvailabilityRule, OutsideCalendar
from booking.services.outside_calendars import outside_calendar_add
from labs.models import Resource, User
from tests import factories
from tests.answering import Answering


def event(*lines: str, uid: str = "1", title: str = "Recording") -> str:
    rows = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260901T000000Z", *lines]
    return "\r\n".join([*rows, f"SUMMARY:{title}", "END:VEVENT", ""])


def at(start: dt.datetime, hours: float = 1, *more: str) -> tuple[str, ...]:
    """Return the lines of an event's times."""
    end = start + dt.timedelta(hours=hours)
    form = "%Y%m%dT%H%M%SZ"
    utc = [edge.astimezone(dt.UTC).strftime(form) for edge in (start, end)]
    return (f"DTSTART:{utc[0]}", f"DTEND:{utc[1]}", *more)


def calendar(*events: str, head: str = "X-WR-CALNAME:Studio") -> bytes:
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//them//EN", head, ""]
    return ("\r\n".join(rows) + "".join(events) + "END:VCALENDAR\r\n").encode()


def serve(server: Answering, body: bytes, **headers: str) -> str:
    """Serve that at /a.ics, in place of what was there."""
    return server.at("/a.ics", lambda asked: asked.say(body=body, **headers))


def added(url: str, actor: User, lab: Resource) -> OutsideCalendar:
    return outside_calendar_add(actor=actor, resource_slug=lab.slug, url=url).calendar


def closed(lab: Resource) -> list[tuple[dt.datetime, dt.datetime, str]]:
    """Return what outside calendars close, in order."""
    rows = AvailabilityRule.objects.filter(outside_calendar__resource=lab)
    return list(
        rows.order_by("event__start").values_list("event__start", "event__end", "note")
    )


def tomorrow(hour: int) -> dt.datetime:
    return factories.tomorrow_at(hour)
