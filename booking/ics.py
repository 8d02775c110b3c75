"""Reservations as calendars read them (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from booking.models import Reservation
from booking.models.reservation import CANCELLABLE, OCCUPYING, Status
from booking.words import date_text, zone_text

#: Control characters, which a text may not hold (RFC 5545, 3.3.11), and what some
#: readers take for the end of a line.
CONTROL = dict.fromkeys(
    {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029} - {*map(ord, "\t\r\n")}, " "
)
STATUSES = {
    Status.PENDING: "TENTATIVE",
    Status.DECLINED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
    Status.EXPIRED: "CANCELLED",
}


def calendar_of(reservations: Iterable[Reservation], now: dt.datetime) -> bytes:
    """Return a calendar with the time zones that its events name.

    Needs `resource__site` and `resource__organisation` joined.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Atrium//Reservations//EN")
    days = [now.date()]
    for reservation in reservations:
        calendar.add_component(event_of(reservation, now))
        days += [reservation.starts_at.date(), reservation.ends_at.date()]
    # The changes of the clock in the years that matter, not in all that there were.
    year = dt.timedelta(days=366)
    calendar.add_missing_timezones(min(days) - year, max(days) + year)
    return bytes(calendar.to_ical())


def _description(reservation: Reservation) -> str:
    """Return what it is for, and until when cancelling is not late."""
    deadline = reservation.cancel_by_at
    if deadline is None or reservation.status not in CANCELLABLE:
        return reservation.purpose
    zone = reservation.resource.site.zone
    wall = deadline.astimezone(zone)
    until = f"{date_text(wall.date())}, {wall:%H:%M}"
    said = _("Cancel until %(until)s (%(zone)s)") % {
        "until": until,
        "zone": zone_text(zone, deadline),
    }
    return f"{reservation.purpose}\n{said}"


def event_of(reservation: Reservation, now: dt.datetime) -> Event:
    """Return one; whoever has it already is told by UID and SEQUENCE what changed."""
    resource, site = reservation.resource, reservation.resource.site
    host = urlsplit(settings.BASE_URL).hostname
    page = reverse("reservation", args=[reservation.reference])
    status = Status(reservation.status)
    event = Event()
    event.add("uid", f"{reservation.reference}@{host}")
    event.add("sequence", reservation.version)
    event.add("dtstamp", now)
    event.add("dtstart", reservation.starts_at.astimezone(site.zone))
    event.add("dtend", reservation.ends_at.astimezone(site.zone))
    event.add("summary", _text(resource.local_name))
    event.add("description", _text(_description(reservation)))
    event.add("location", _text(f"{site.local_name}, {site.address}"))
    if site.latitude is not None and site.longitude is not None:
        event.add("geo", (float(site.latitude), float(site.longitude)))
    event.add("url", settings.BASE_URL + page)
    event.add("status", STATUSES.get(status, "CONFIRMED"))
    event.add("transp", "OPAQUE" if status in OCCUPYING else "TRANSPARENT")
    return event


def _text(value: str) -> str:
    return value.translate(CONTROL)
