"""Feeds as calendars get them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import recurring_ical_events
from django.test import Client
from icalendar import Calendar

from booking.expander import to_wall
from booking.models import Feed
from booking.selectors.feeds import Owner
from booking.services.feeds import feed_make
from labs.models import User
from tests.factories import SOFIA

FAR = dt.timedelta(days=1200)


def address(by: User, kind: str = "person", slug: str = "", shows: str = "") -> str:
    """Make a feed and return its path."""
    made = feed_make(actor=by, owner=Owner(kind, slug), name="phone", shows=shows)
    return f"/calendars/{made[1]}.ics"


def feed_of(path: str) -> Feed:
    secret = path.removeprefix("/calendars/").removesuffix(".ics")
    return Feed.objects.get(hash=Feed.hash_of(secret))


def body(path: str) -> str:
    """What a calendar reads there, without signing in."""
    response = Client().get(path)
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def events(path: str) -> list[Any]:
    return list(Calendar.from_ical(body(path)).walk("VEVENT"))


def one(path: str) -> Any:
    (found,) = events(path)
    return found


def walls(text: str | bytes, since: dt.datetime) -> list[tuple[dt.datetime, str]]:
    """Expand it as a calendar does: when each begins by Sofia's clock, and what."""
    calendar = Calendar.from_ical(text)
    found = recurring_ical_events.of(calendar).between(since, since + FAR)
    return sorted(
        (to_wall(each["DTSTART"].dt, SOFIA), str(each["SUMMARY"])) for each in found
    )
