"""What a mail brings to a calendar: iTIP (RFC 5546), for one who comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parseaddr

from django.conf import settings
from icalendar import Event, vCalAddress

from booking.ics.events import (
    CALENDAR,
    CANCELLED,
    END,
    Known,
    Said,
    event_of,
    said_of,
    uid_of,
    zone_texts,
)
from booking.ics.series import Rule, date_event, rule_of, series_events
from booking.models import Reservation, Series
from labs.models import User

REQUEST, CANCEL = "REQUEST", "CANCEL"


def invitation_of(
    reservation: Reservation, person: User, now: dt.datetime, *, gone: bool
) -> bytes:
    """Return one reservation as a request to come, or `gone` as one that is called off.

    Whoever has it already knows it by UID, and by SEQUENCE that this is newer.
    """
    made = event_of(reservation, now)
    return _calendar([made], [reservation], person, gone=gone)


def series_invitation_of(
    series: Series,
    dates: Sequence[Reservation],
    told: set[int],
    person: User,
    now: dt.datetime,
) -> bytes | None:
    """Return a whole series as it is now, None where no rule says it.

    `dates` are all of them with their `series_date`, and `told` the ids of those that
    the mail is about: where none of them takes place any more, these are called off.
    """
    rule = rule_of(series)
    if rule is None:
        return None
    known = Known(uid_of(series.reference), sum(e.version for e in dates), now)
    said = {
        each.series_date.number: (each, said_of(each, alone=False)) for each in dates
    }
    on = {number: pair for number, pair in said.items() if pair[1].status != CANCELLED}
    if on and any(each.pk in told for each, _said in on.values()):
        events = series_events(rule, known, on) or _dates(rule, known, on)
        return _calendar(events, dates, person, gone=False)
    off = {number: pair for number, pair in said.items() if pair[0].pk in told}
    return _calendar(_dates(rule, known, off), dates, person, gone=True)


def _dates(
    rule: Rule, known: Known, dates: Mapping[int, tuple[Reservation, Said]]
) -> list[Event]:
    return [date_event(rule, known, number, *pair) for number, pair in dates.items()]


def _calendar(
    events: Sequence[Event],
    reservations: Sequence[Reservation],
    person: User,
    *,
    gone: bool,
) -> bytes:
    method = CANCEL if gone else REQUEST
    for each in events:
        _address(each, person)
        if gone:
            each["status"] = CANCELLED
    zones = {each.resource.site.time_zone for each in reservations}
    first = min(each.starts_at for each in reservations)
    last = max(each.ends_at for each in reservations)
    return b"".join(
        [
            CALENDAR,
            f"METHOD:{method}\r\n".encode(),
            *zone_texts(zones, first, last),
            *(each.to_ical() for each in events),
            END,
        ]
    )


def _address(event: Event, person: User) -> None:
    hub, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = hub or address
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params |= {
        "CN": _parameter(person.name),
        "PARTSTAT": "ACCEPTED",
        "RSVP": "FALSE",
    }
    event["attendee"] = attendee


def _parameter(value: str) -> str:
    """Return it as a parameter can hold it: quotes and controls it cannot."""
    signs = (sign if sign.isprintable() and sign != '"' else " " for sign in value)
    return " ".join("".join(signs).split())
