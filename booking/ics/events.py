"""One reservation as an event, and a calendar of some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Event

from booking.ics.zones import zone_text
from booking.models import Reservation
from booking.models.reservation import CANCELLABLE, OCCUPYING, Status
from booking.words import date_text
from booking.words import zone_text as zone_words

#: Control characters, which a text may not hold (RFC 5545, 3.3.11), and what some
#: readers take for the end of a line.
CONTROL = dict.fromkeys(
    {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029} - {*map(ord, "\t\r\n")}, " "
)
CANCELLED = "CANCELLED"
STATUSES = {
    Status.PENDING: "TENTATIVE",
    Status.DECLINED: CANCELLED,
    Status.CANCELLED: CANCELLED,
    Status.EXPIRED: CANCELLED,
}
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Atrium//Reservations//EN\r\n"
END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says, beside which one it is and when."""

    status: str
    takes_time: bool
    summary: str
    description: str = ""
    location: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Which event it is: whoever has it already is told by these what changed."""

    uid: str
    sequence: int
    stamp: dt.datetime
    url: str = ""


def calendar_of(reservations: Iterable[Reservation], now: dt.datetime) -> bytes:
    """Return a calendar with the time zones that its events name.

    Needs `resource__site` and `resource__organisation` joined.
    """
    known = list(reservations)
    zones = {each.resource.site.time_zone for each in known}
    times = [now, *(each.starts_at for each in known), *(e.ends_at for e in known)]
    return b"".join(
        [
            CALENDAR,
            *zone_texts(zones, min(times), max(times)),
            *(event_of(each, now).to_ical() for each in known),
            END,
        ]
    )


def zone_texts(
    tzids: Iterable[str], first: dt.datetime, last: dt.datetime
) -> Iterator[bytes]:
    for tzid in sorted(tzids):
        yield zone_text(tzid, first.year, last.year)


def event_of(reservation: Reservation, now: dt.datetime) -> Event:
    """Return one with all that those see who see its page."""
    zone = reservation.resource.site.zone
    return event(
        known_of(reservation, now),
        said_of(reservation),
        reservation.starts_at.astimezone(zone),
        reservation.ends_at.astimezone(zone),
    )


def known_of(reservation: Reservation, stamp: dt.datetime) -> Known:
    page = reverse("reservation", args=[reservation.reference])
    return Known(
        uid_of(reservation.reference),
        reservation.version,
        stamp,
        settings.BASE_URL + page,
    )


def uid_of(name: str) -> str:
    return f"{name}@{urlsplit(settings.BASE_URL).hostname}"


def event(
    known: Known, said: Said, starts_at: dt.datetime, ends_at: dt.datetime
) -> Event:
    """Return an event whose times are in the zone that it names."""
    made = Event()
    made.add("uid", known.uid)
    made.add("sequence", known.sequence)
    made.add("dtstamp", known.stamp)
    made.add("dtstart", starts_at)
    made.add("dtend", ends_at)
    made.add("summary", plain(said.summary))
    for name in ("description", "location"):
        if text := getattr(said, name):
            made.add(name, plain(text))
    if said.position is not None:
        made.add("geo", said.position)
    if known.url:
        made.add("url", known.url)
    made.add("status", said.status)
    made.add("transp", "OPAQUE" if said.takes_time else "TRANSPARENT")
    return made


def said_of(reservation: Reservation, *, alone: bool = True) -> Said:
    """Return all of it; `alone`: with what holds of this date of a series only."""
    resource, site = reservation.resource, reservation.resource.site
    status = Status(reservation.status)
    position = None
    if site.latitude is not None and site.longitude is not None:
        position = float(site.latitude), float(site.longitude)
    deadline = _deadline(reservation) if alone else ""
    return Said(
        status=STATUSES.get(status, "CONFIRMED"),
        takes_time=status in OCCUPYING,
        summary=resource.local_name,
        description="\n".join(filter(None, [reservation.purpose, deadline])),
        location=f"{site.local_name}, {site.address}",
        position=position,
    )


def _deadline(reservation: Reservation) -> str:
    """Return until when cancelling is not late, while there is something to cancel."""
    deadline = reservation.cancel_by_at
    if deadline is None or reservation.status not in CANCELLABLE:
        return ""
    zone: ZoneInfo = reservation.resource.site.zone
    wall = deadline.astimezone(zone)
    return _("Cancel until %(until)s (%(zone)s)") % {
        "until": f"{date_text(wall.date())}, {wall:%H:%M}",
        "zone": zone_words(zone, deadline),
    }


def plain(text: str) -> str:
    return text.translate(CONTROL)
