"""Periods in words, for plain text: as pages say them, without no-break spaces."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from booking.words import date_text, zone_text


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def moment_text(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return such as Monday 23 November 2026, 10:00."""
    local = moment.astimezone(zone)
    return f"{_plain(date_text(local.date()))}, {local:%H:%M}"


def period_text(starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo) -> str:
    """Return such as Monday 23 November 2026, 10:00–12:00.

    Both dates where it spans midnight; one that ends there ends at 24:00.
    """
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if start.date() == end.date():
        return f"{moment_text(start, zone)}–{end:%H:%M}"
    midnight = dt.datetime.combine(start.date() + dt.timedelta(days=1), dt.time())
    if end.replace(tzinfo=None) == midnight:
        return f"{moment_text(start, zone)}–24:00"
    return f"{moment_text(start, zone)} – {moment_text(end, zone)}"


def own_time_text(
    starts_at: dt.datetime, ends_at: dt.datetime, site: ZoneInfo, own: str
) -> str:
    """Return the period by the reader's own clock; nothing where it shows the same."""
    if not own:
        return ""
    zone = ZoneInfo(own)
    pairs = [(m.astimezone(site), m.astimezone(zone)) for m in (starts_at, ends_at)]
    if all(there.utcoffset() == here.utcoffset() for there, here in pairs):
        return ""
    return _("%(period)s in %(zone)s") % {
        "period": period_text(starts_at, ends_at, zone),
        "zone": zone_text(zone, starts_at),
    }
