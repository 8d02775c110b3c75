"""Addresses that carry a wish from page to page."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from booking.expander import to_wall
from booking.web.wall import minutes_of
from booking.weekly import format_clock

#: Web servers refuse longer lines (gunicorn: 4,094); a longer purpose stays behind.
LONGEST_QUERY = 3_500
#: How forms name a time.
WHEN = ("day", "from", "hours")


def hours_value(minutes: int) -> str:
    """Return minutes as hours, as in 1.5."""
    return f"{minutes / 60:.4f}".rstrip("0").rstrip(".")


def when_values(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo
) -> dict[str, str]:
    """Return `day`, `from` and `hours` as the forms read them."""
    wall = to_wall(starts_at, zone)
    minutes = int((ends_at - starts_at).total_seconds() // 60)
    return {
        "day": wall.date().isoformat(),
        "from": format_clock(minutes_of(wall)),
        "hours": hours_value(minutes),
    }


def find_url(when: dict[str, str]) -> str:
    """Return the address of the search for such a time."""
    return f"{reverse('find')}?{urlencode(when)}"


def reserve_url(slug: str, when: dict[str, str], **kept: object) -> str:
    """Return the address of a resource's form, with all that is known filled in."""
    values = when | {name: str(value) for name, value in kept.items() if value}
    query = urlencode(values)
    if len(query) > LONGEST_QUERY:
        values.pop("purpose", None)
        query = urlencode(values)
    return f"{reverse('reserve', args=[slug])}?{query}"


def join_url(slug: str, when: dict[str, str], **kept: object) -> str:
    """Return the address where one gets in line for such a time of a resource."""
    return f"{reverse('waiting-join', args=[slug])}?{urlencode({**when, **kept})}"
