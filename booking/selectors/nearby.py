"""The times nearest to the wanted one, of what is taken or closed just then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from booking.periods import Period
from booking.rules import off_grid
from booking.selectors.alternatives import on_grid_near
from booking.selectors.finding import Slot


class Near(NamedTuple):
    resource_id: int
    period: Period


def nearest_of_each(slots: Iterable[Slot], wanted: Period, most: int) -> list[Near]:
    """Return each resource's place nearest to the wanted one, the nearest first; pure.

    As long as wanted.
    """
    ranked = sorted(
        slots, key=lambda slot: (_distance(slot.period, wanted), slot.resource_id)
    )
    found: dict[int, Near] = {}
    for slot in ranked:
        if len(found) == most:
            break
        place = on_grid_near(slot.period, wanted, slot.grid_minutes, slot.zone)
        if place is not None and slot.resource_id not in found:
            found[slot.resource_id] = Near(slot.resource_id, place)
    return list(found.values())


def _distance(slot: Period, wanted: Period) -> dt.timedelta:
    """Return how far one would have to go, the grid aside."""
    latest = slot.end - (wanted.end - wanted.start)
    return abs(min(max(wanted.start, slot.start), latest) - wanted.start)


def free_at(slots: Iterable[Slot], place: Period) -> int:
    """Return how many resources can be reserved for exactly that period; pure."""
    return len(
        {
            slot.resource_id
            for slot in slots
            if slot.period.contains(place)
            and not any(off_grid(e, slot.zone, slot.grid_minutes) for e in place)
        }
    )
