"""What an outside calendar takes up, read in a process of its own.

A few bytes of iCalendar can keep a processor busy for hours (INTERVAL=0 for ever), and
no thread can be stopped. A child, which the system ends at its limits, can.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from booking.periods import Period

logger = logging.getLogger(__name__)

#: More than any calendar that a person keeps; each is a row and a hole in the hours.
MOST_EVENTS = 5_000
CPU_SECONDS = 20
WALL_SECONDS = 45
MEMORY = 1024**3
LONGEST_NOTE = 200
TOO_OFTEN = {"SECONDLY", "MINUTELY"}


class Busy(NamedTuple):
    start: dt.datetime
    end: dt.datetime
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The calendar's own name, and what in it takes up time, sorted."""

    name: str
    busy: list[Busy]


class Fault(Exception):
    """A code of `outside_errors`, and what it does not tell by itself."""


def calendar_read(body: bytes, zone: ZoneInfo, window: Period) -> Reading:
    """Return what takes up time in the window; takes at most `WALL_SECONDS`.

    `zone` is where days begin and what times without a zone mean. Events that are
    cancelled, or do not take up the time, are left out. Raises Unreadable.
    """
    from booking.outside_errors import Unreadable  # the child has no use for Django

    command = [sys.executable, "-m", __name__, zone.key]
    command += [edge.isoformat() for edge in window]
    try:
        child = subprocess.run(
            command,
            input=body,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_complex") from error
    if child.returncode:
        logger.warning("reading a calendar ended with %s", child.returncode)
        logger.info("it said: %s", child.stderr[-2000:].decode(errors="replace"))
        raise Unreadable("too_complex")
    said = json.loads(child.stdout)
    if "fault" in said:
        raise Unreadable(*said["fault"])
    at = dt.datetime.fromisoformat
    busy = [Busy(at(start), at(end), note) for start, end, note in said["busy"]]
    return Reading(said["name"], busy)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    zone, *edges = sys.argv[1:]
    window = Period(*map(dt.datetime.fromisoformat, edges))
    said: dict[str, Any]
    try:
        name, busy = _read(sys.stdin.buffer.read(), ZoneInfo(zone), window)
        rows = [(one.start.isoformat(), one.end.isoformat(), one.note) for one in busy]
        said = {"name": name, "busy": rows}
    except Fault as fault:
        said = {"fault": fault.args}
    json.dump(said, sys.stdout)


def _read(body: bytes, zone: ZoneInfo, window: Period) -> tuple[str, list[Busy]]:
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(body, multiple=True)
    except (ValueError, LookupError, TypeError) as error:
        raise Fault("not_a_calendar") from error
    if not found or any(each.name != "VCALENDAR" for each in found):
        raise Fault("not_a_calendar")
    busy: dict[Period, str] = {}
    for calendar in found:
        for event in calendar.walk("VEVENT"):
            _require_sane(event)
        for one in _busy(calendar, zone, window):
            busy.setdefault(Period(one.start, one.end), one.note)
            if len(busy) > MOST_EVENTS:
                raise Fault("too_many_events", str(MOST_EVENTS))
    name = _line(found[0].get("X-WR-CALNAME") or found[0].get("NAME"))
    return name, [Busy(*period, note) for period, note in sorted(busy.items())]


def _require_sane(event: Any) -> None:
    """Refuse what cannot be read, and what nobody means, before it costs anything."""
    title = _line(event.get("SUMMARY")) or _line(event.get("UID"))
    try:
        event.start, event.end  # noqa: B018 - they raise where they make no sense
        rules = event.get("RRULE") or []
        for rule in rules if isinstance(rules, list) else [rules]:
            (frequency,) = rule["FREQ"]
            if frequency in TOO_OFTEN:
                raise Fault("too_often", title)
            if min(rule.get("INTERVAL") or [1]) < 1:
                raise Fault("broken_event", title)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Fault("broken_event", title) from error


def _busy(calendar: Any, zone: ZoneInfo, window: Period) -> Iterator[Busy]:
    from recurring_ical_events import of as recurring
    from x_wr_timezone import to_standard

    try:
        standard = to_standard(calendar)
        events = recurring(standard, components=["VEVENT"]).between(*window)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Fault("broken_events") from error
    for event in events:
        free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        if free or str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        start, end = _instant(event.start, zone), _instant(event.end, zone)
        if start < end and Period(start, end).overlaps(window):
            yield Busy(start, end, _line(event.get("SUMMARY")))


def _instant(at: dt.date | dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return it in UTC; a day begins, and a time without a zone is, by the site's."""
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)


def _line(value: object) -> str:
    """Return it on one line, without signs that a page or a database chokes on."""
    text = "" if value is None else str(value)
    signs = (sign if sign.isprintable() else " " for sign in text)
    return " ".join("".join(signs).split())[:LONGEST_NOTE]


if __name__ == "__main__":
    _main()
