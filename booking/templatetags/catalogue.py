"""What the public pages show in their own way: photos, what holds now, data."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from booking.expander import to_wall
from booking.selectors.presence import Presence, State
from booking.templatetags.booking import clocks, period
from booking.web.wall import clock_at, minutes_of
from booking.weekly import format_clock
from booking.words import date_text, zone_text
from config import clock
from labs.models import Resource
from labs.services.photos import small_url

register = template.Library()

SYMBOLS = {
    State.FREE: "check",
    State.IN_USE: "people",
    State.WAITING: "clock",
    State.ASKED: "clock",
    State.HELD: "clock",
    State.PREPARING: "again",
    State.CLOSED: "lock",
}

DAY = dt.timedelta(days=1)
#: So, nothing in a page's data can end the script that it stands in.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.inclusion_tag("booking/photo.html")
def photo(resource: Resource, sizes: str, *, first: bool = False) -> dict[str, Any]:
    """Show its photo, or a drawing of its kind; `sizes` says how wide that will be.

    `first`: it is seen at once, so there is nothing to wait for.
    """
    small = small_url(resource)
    return {"resource": resource, "small": small, "sizes": sizes, "first": first}


@register.simple_tag
def linked_data(data: dict[str, Any]) -> SafeString:
    """Show data for search engines; a script by its name, which no browser runs."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    # Nothing of HTML is left in it.
    safe = mark_safe(text)  # noqa: S308
    return format_html('<script type="application/ld+json">{}</script>', safe)


@register.simple_tag
def until(presence: Presence, zone: ZoneInfo) -> str:
    """Show how long that holds, by the clock there; empty where there is no end."""
    if presence.until is None:
        return ""
    wall, today = to_wall(presence.until, zone), to_wall(clock.now(), zone).date()
    at = format_clock(minutes_of(wall))
    if wall == dt.datetime.combine(today, dt.time()) + DAY:
        at = "24:00"
    elif wall.date() != today:
        at = f"{date_text(wall, short=True)}, {at}"
    if presence.state == State.CLOSED:
        return _("opens %(at)s") % {"at": at}
    return _("until %(at)s") % {"at": at}


@register.simple_tag
def clock_of(at: dt.datetime, zone: ZoneInfo) -> str:
    """Show what the clock there shows."""
    return clock_at(at, zone)


@register.simple_tag
def zone_of(zone: ZoneInfo, at: dt.datetime) -> str:
    """Show whose clock it is; nothing of the reader's own, who stands before it."""
    return _("Times in %(zone)s") % {"zone": zone_text(zone, at)}


@register.simple_tag
def period_from_today(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo
) -> SafeString:
    """Show a period; without its date where that is today."""
    start, end = to_wall(starts_at, zone), to_wall(ends_at, zone)
    today = to_wall(clock.now(), zone).date()
    if start.date() == today and end <= dt.datetime.combine(today, dt.time()) + DAY:
        return clocks(starts_at, ends_at, zone)
    return period(starts_at, ends_at, zone, short=True)


@register.filter
def symbol(state: State) -> str:
    """Return the icon that stands beside a state's words."""
    return SYMBOLS[state]


@register.filter
def is_web(address: str) -> bool:
    """Whether an address is one that a page may link to."""
    return address.startswith(("https://", "http://"))
