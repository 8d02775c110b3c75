"""When somebody is told of a thing, as they wish it; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings

from booking.expander import from_wall, to_wall
from booking.models.reservation import LAPSING
from booking.periods import Period
from notifications.models import TIMED, How, Kind, Message, Preference, State

DAY = dt.timedelta(days=1)


def zone_of(preference: Preference) -> ZoneInfo:
    """Return the zone that one's own clock is in."""
    return ZoneInfo(preference.person.time_zone or settings.TIME_ZONE)


def quiet_at(preference: Preference, moment: dt.datetime) -> Period | None:
    """Return the quiet hours that a moment lies in."""
    since, until = preference.quiet_from, preference.quiet_until
    if since is None or until is None:
        return None
    zone = zone_of(preference)
    today = to_wall(moment, zone).date()
    for day in (today - DAY, today):
        last = day if until > since else day + DAY
        quiet = Period(
            from_wall(dt.datetime.combine(day, since), zone),
            from_wall(dt.datetime.combine(last, until), zone),
        )
        if quiet.start <= moment < quiet.end:
            return quiet
    return None


def next_digest(preference: Preference, after: dt.datetime) -> dt.datetime:
    """Return when the next digest goes out."""
    zone, hour = zone_of(preference), dt.time(preference.digest_hour)
    today = to_wall(after, zone).date()
    first = from_wall(dt.datetime.combine(today, hour), zone)
    if first > after:
        return first
    return from_wall(dt.datetime.combine(today + DAY, hour), zone)


def too_late_at(message: Message) -> dt.datetime | None:
    """Return from when on a message comes too late, if ever.

    Once it is of no use, once what it asks for has run out, and once that which it is
    about begins, at the time of now or at the one before it was moved.
    """
    ends = [message.useful_until, *_lapses(message), *_starts(message)]
    return min((end for end in ends if end and end > message.due_at), default=None)


def _lapses(message: Message) -> Iterator[dt.datetime | None]:
    reservation = message.reservation
    if reservation is None or reservation.status not in LAPSING:
        return
    yield reservation.lapses_at
    if message.kind == Kind.COUNTERED:
        yield getattr(reservation, "counter", reservation).lapses_at


def _starts(message: Message) -> Iterator[dt.datetime]:
    if message.reservation is None:
        return
    yield message.reservation.starts_at
    if message.history and "starts_at" in message.history.changes:
        yield dt.datetime.fromisoformat(message.history.changes["starts_at"][0])


def waits_until(message: Message, now: dt.datetime) -> dt.datetime | None:
    """Return the end of the quiet hours that one which is due is to wait for.

    Whenever it was due: workers that were away in the evening wake nobody at night.
    """
    preference: Preference | None = getattr(message.person, "preference", None)
    quiet = quiet_at(preference, now) if preference else None
    until = too_late_at(message)
    return quiet.end if quiet and not (until and until <= quiet.end) else None


def wish(message: Message, preference: Preference, now: dt.datetime) -> Message:
    """Set state and time of a message that is being planned.

    What would come too late in the digest, or after the quiet hours, is not kept until
    then: a reminder comes before they begin, the others at once.
    """
    how, until = preference.how(message.kind), too_late_at(message)
    if how == How.NONE:
        message.state = State.UNWANTED
        return message
    if how == How.DIGEST:
        digest = next_digest(preference, max(message.due_at, now))
        if until is None or digest < until:
            message.state, message.due_at = State.COLLECTED, digest
            return message
    if quiet := quiet_at(preference, message.due_at):
        if until is None or quiet.end < until:
            message.due_at = quiet.end
        elif message.kind in TIMED:
            message.due_at = quiet.start
    return message
