"""When somebody is told of a thing, as they wish it; pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings

from booking.expander import from_wall, to_wall
from booking.periods import Period
from notifications.models import TIMED, How, Message, Preference, State

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


def wish(message: Message, preference: Preference, now: dt.datetime) -> Message:
    """Set state and time of a message that is being planned.

    What would be of no use any more in the digest, or after the quiet hours, is not
    kept until then: a reminder comes before they begin, the others at once.
    """
    how, until = preference.how(message.kind), message.useful_until
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
