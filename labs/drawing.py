"""How rooms lie on a floor: pure, in metres from the top left."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _


class Rectangle(NamedTuple):
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal

    @property
    def right(self) -> Decimal:
        return self.x + self.width

    @property
    def bottom(self) -> Decimal:
        return self.y + self.height

    def overlaps(self, other: Rectangle) -> bool:
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def contains(self, other: Rectangle) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


def room_faults(floor: Rectangle, rooms: Sequence[tuple[str, Rectangle]]) -> list[str]:
    """Return what is wrong with where the rooms, each with its name, lie on the floor.

    One may stand within another, as a machine in its workshop; half within, none.
    """
    faults = [
        _("%(room)s reaches beyond the floor.") % {"room": name}
        for name, place in rooms
        if not floor.contains(place)
    ]
    for number, (name, place) in enumerate(rooms):
        for other_name, other in rooms[:number]:
            nested = place.contains(other) or other.contains(place)
            if (place.overlaps(other) and not nested) or place == other:
                text = _("%(room)s and %(other)s overlap.")
                faults.append(text % {"room": other_name, "other": name})
    return faults
