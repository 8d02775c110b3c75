"""What several resources have in common: when all are free, and the parts of a kit."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from booking.models import Reservation
from booking.periods import Period
from booking.rules import off_grid
from booking.selectors.alternatives import AROUND, nearest
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, Slot, resources_free, slots_of_each
from booking.selectors.reservations import reservations_visible_to
from config import clock
from config.errors import Missing
from labs.models import Resource, User


@dataclass(frozen=True, slots=True)
class Piece:
    """One resource with what is wanted of it; `apart_from` it is moved from."""

    resource: Resource
    wish: Wish
    apart_from: int | None = None

    @classmethod
    def of(cls, resource: Resource, wish: Wish, quantity: int) -> Piece:
        """Return what a kit's wish comes to for one of its resources."""
        people = wish.people
        if resource.kind == Resource.Kind.EQUIPMENT:
            # Not everybody who comes to the lab lays hands on each instrument.
            people = min(people, resource.people)
        return cls(resource, replace(wish, people=people, quantity=quantity))


def kit_parts(user: User, reference: str) -> list[Reservation]:
    """Return the parts that this person may see; raises Missing (404) for none."""
    rows = reservations_visible_to(user).filter(kit__reference=reference)
    found = list(rows.with_parts().order_by("pk"))
    if not found:
        raise Missing
    return found


def pieces_free(pieces: Iterable[Piece]) -> set[int]:
    """Return the ids of the resources that can be had; a query per quantity."""
    found: set[int] = set()
    now = clock.now()
    for wish, ids in _alike(pieces).items():
        rows = Resource.objects.filter(pk__in=ids)
        found |= {each.pk for each in resources_free(rows, wish, now)}
    return found


def _alike(pieces: Iterable[Piece]) -> dict[Wish, list[int]]:
    """Return the ids of resources of which the same is wanted."""
    alike: dict[Wish, list[int]] = defaultdict(list)
    for piece in pieces:
        alike[piece.wish].append(piece.resource.pk)
    return alike


def together_near(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    """Return the nearest periods at which all can be had; a query per quantity.

    Rows of `{starts_at, ends_at, why}`. None where one of them cannot take so many
    people at any time.
    """
    if any(each.wish.people > each.resource.people for each in pieces):
        return []
    slots = _slots(pieces)
    common = together([slots[piece.resource.pk] for piece in pieces])
    wish = pieces[0].wish
    all_slots = [slot for each in slots.values() for slot in each]
    grids = {(slot.grid_minutes, slot.zone) for slot in all_slots}
    if not common:
        return []
    grid = math.lcm(*(minutes for minutes, _zone in grids))
    wanted, zone = Period(wish.starts_at, wish.ends_at), all_slots[0].zone
    places = nearest(common, wanted, grid, zone)
    if wanted in places:
        # A hall and its half, say: another time is no help.
        return []
    return [
        {"starts_at": place.start, "ends_at": place.end, "why": "nearest_time"}
        for place in places
        if not any(off_grid(at, z, n) for n, z in grids for at in place)
    ]


def together(each: Sequence[Sequence[Slot]]) -> list[Period]:
    """Return the periods that lie in a slot of every one; pure."""
    periods = [[slot.period for slot in slots] for slots in each]
    return reduce(_common, periods)


def _common(ones: list[Period], others: list[Period]) -> list[Period]:
    met = {
        (max(one.start, other.start), min(one.end, other.end))
        for one in ones
        for other in others
    }
    return [Period(start, end) for start, end in sorted(met) if start < end]


def _slots(pieces: Sequence[Piece]) -> dict[int, list[Slot]]:
    """Return when each can be had for so long, in the days around; own id each."""
    now = clock.now()
    found: dict[int, list[Slot]] = {piece.resource.pk: [] for piece in pieces}
    moving = [piece for piece in pieces if piece.apart_from]
    groups = [([piece], piece.apart_from) for piece in moving] or [
        ([p for p in pieces if p.wish.quantity == quantity], None)
        for quantity in sorted({piece.wish.quantity for piece in pieces})
    ]
    for group, apart_from in groups:
        wish = group[0].wish
        minutes = int((wish.ends_at - wish.starts_at) / dt.timedelta(minutes=1))
        start, end = max(now, wish.starts_at - AROUND), wish.ends_at + AROUND
        if start >= end:
            continue
        search = Search(start, end, minutes, wish.quantity, apart_from)
        rows = Resource.objects.filter(pk__in=[each.resource.pk for each in group])
        for slot in slots_of_each(rows, search, now):
            found[slot.resource_id].append(slot)
    return found
