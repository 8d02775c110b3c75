"""A refusal is never a dead end: the nearest times, and resources like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from booking.expander import from_wall, to_wall
from booking.models import EffectivePolicy, Reservation
from booking.periods import Period
from booking.rules import off_grid
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, free_slots, resources_free
from booking.selectors.policies import policy_for
from config import clock
from labs.models import Resource, User

#: How far around the wanted time to look, and how many of each kind to offer.
AROUND = dt.timedelta(days=7)
MOST = 3


def on_grid_near(
    slot: Period, wanted: Period, grid_minutes: int, zone: ZoneInfo
) -> Period | None:
    """Return the place in the slot nearest to the wanted one, on the grid; or None.

    Pure. As long as wanted; starts and ends on multiples of the grid after midnight.
    """
    length = wanted.end - wanted.start
    latest = slot.end - length
    if latest < slot.start:
        return None
    start = min(max(wanted.start, slot.start), latest)
    wall = start.astimezone(zone)
    since_midnight = wall.replace(tzinfo=None) - dt.datetime.combine(wall, dt.time())
    grid = dt.timedelta(minutes=grid_minutes)
    back = since_midnight % grid
    places = [Period(at, at + length) for at in (start - back, start - back + grid)]
    fitting = [
        place
        for place in places
        if slot.contains(place)
        and not any(off_grid(e, zone, grid_minutes) for e in place)
    ]
    return min(
        fitting, key=lambda p: (abs(p.start - wanted.start), p.start), default=None
    )


def nearest(
    slots: Iterable[Period], wanted: Period, grid_minutes: int, zone: ZoneInfo
) -> list[Period]:
    """Return up to three places for the wanted period, the nearest first; pure."""
    places = {on_grid_near(slot, wanted, grid_minutes, zone) for slot in slots}
    found = [place for place in places if place is not None]
    return sorted(found, key=lambda p: (abs(p.start - wanted.start), p.start))[:MOST]


def another_day(
    slots: Sequence[Period], wanted: Period, grid_minutes: int, zone: ZoneInfo
) -> list[Period]:
    """Return the place nearest to that hour on the first later day with any; pure."""
    length = wanted.end - wanted.start
    wall = to_wall(wanted.start, zone)
    for days in range(1, AROUND.days + 1):
        start = from_wall(wall + dt.timedelta(days=days), zone)
        near = nearest(slots, Period(start, start + length), grid_minutes, zone)
        date = (wall + dt.timedelta(days=days)).date()
        that_day = [
            place for place in near if to_wall(place.start, zone).date() == date
        ]
        if that_day:
            return that_day[:1]
    return []


def alternatives_for(
    actor: User,
    resource: Resource,
    wish: Wish,
    *,
    apart_from: Reservation | None = None,
    guest: int | None = None,
    policy: EffectivePolicy | None = None,
) -> list[dict[str, Any]]:
    """Return what could be reserved instead, in three queries; `guest` by whom.

    In two where the policy is known that holds for them on that day.

    Rows of `{resource, name, starts_at, ends_at, why}`: `why` is `nearest_time` for
    the same resource, `other_day` for the same resource on a later day, `same_kind`
    for another that is free at the wanted time.
    """
    found = choices_for(
        actor, resource, wish, apart_from=apart_from, guest=guest, policy=policy
    )
    return [
        {
            "resource": of.slug,
            "name": of.local_name,
            "starts_at": place.start,
            "ends_at": place.end,
            "why": why,
        }
        for of, place, why in found
    ]


def choices_for(
    actor: User,
    resource: Resource,
    wish: Wish,
    *,
    apart_from: Reservation | None = None,
    guest: int | None = None,
    policy: EffectivePolicy | None = None,
) -> list[tuple[Resource, Period, str]]:
    """Return the same with the resources themselves, whose sites are known."""
    now = clock.now()
    day = to_wall(wish.starts_at, resource.site.zone).date()
    policy = policy or policy_for(resource.pk, guest, day)
    near, later = _times(resource, wish, now, apart_from, guest, policy)
    found = [(resource, place, "nearest_time") for place in near]
    found += [(resource, place, "other_day") for place in later]
    like_it = Resource.objects.visible_to(actor).filter(kind=resource.kind)
    wanted = Period(wish.starts_at, wish.ends_at)
    guests = None if guest is None else [guest]
    others = resources_free(like_it.exclude(pk=resource.pk), wish, now, guests)[:MOST]
    return found + [(other, wanted, "same_kind") for other in others]


def _times(
    resource: Resource,
    wish: Wish,
    now: dt.datetime,
    apart_from: Reservation | None,
    guest: int | None,
    policy: EffectivePolicy,
) -> tuple[list[Period], list[Period]]:
    """Return the nearest times in the same resource, and one of a later day."""
    zone = resource.site.zone
    room = policy.room_for(resource.people)
    if resource.listing != Resource.Listing.PUBLISHED or wish.people > room:
        return [], []
    # As long as wanted, or as near to that as the rules allow.
    minutes = policy.length_near(int((wish.ends_at - wish.starts_at).total_seconds()))
    search = Search(
        max(now, wish.starts_at - AROUND),
        wish.ends_at + AROUND,
        minutes,
        wish.quantity,
        apart_from.pk if apart_from else None,
        guest,
    )
    if search.start >= search.end:
        return [], []
    slots = free_slots(resource, search, now)
    wanted = Period(wish.starts_at, wish.starts_at + dt.timedelta(minutes=minutes))
    place = (slots, wanted, policy.start_grid_minutes, zone)
    near, later = nearest(*place), another_day(*place)
    # Each place once: the nearest of all is that, the others may be another day's.
    near = [each for each in near if each == near[0] or each not in later]
    return near, [each for each in later if each not in near]
