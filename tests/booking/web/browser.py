"""A person at the pages: what is clicked, typed and read, without a browser."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

from django.test import Client

from booking.models import Reservation
from booking.web.links import when_values
from labs.models import Resource, User
from tests.factories import SOFIA, tomorrow_at

TAGS = re.compile(r"<[^>]+>")


def signed_in(user: User, **options: Any) -> Client:
    """A browser in which that person is signed in."""
    client = Client(**options)
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    """What a person reads of a page, on one line."""
    plain = html.unescape(TAGS.sub(" ", response.content.decode()))
    return re.sub(r" ([,.])", r"\1", " ".join(plain.split()))


def when(hour: int = 10, hours: float = 1, *, days: int = 1) -> dict[str, str]:
    """Tomorrow at that hour as the forms send it."""
    starts_at = tomorrow_at(hour, days=days)
    return when_values(starts_at, starts_at + dt.timedelta(hours=hours), SOFIA)


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field of a page."""
    pattern = rf'type="hidden" name="{name}" value="([^"]*)"'
    found = re.search(pattern, response.content.decode())
    assert found, f"no {name} in the page"
    return found[1]


def ask_for(client: Client, resource: Resource, hour: int = 10, **fields: Any) -> Any:
    """Open the form of a resource, fill it in and send it."""
    url = f"/reserve/{resource.slug}/"
    key = hidden(client.get(url), "key")
    sent = {"people": 2, "purpose": "Recording a pilot", "key": key}
    return client.post(url, when(hour) | sent | fields)


def step(client: Client, reservation: Reservation, verb: str, **fields: Any) -> Any:
    """Take a step from the reservation's page, as it was when last read."""
    sent = {"version": reservation.version, **fields}
    return client.post(f"/reservations/{reservation.reference}/{verb}/", sent)
