"""A floor plan as numbers and words that a template turns into SVG."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from booking.selectors.presence import Presence
from labs.models import FloorPlan, Resource, Room

#: Units of the drawing to a metre; its letters are 16 units high.
SCALE = 26
LETTER = 10
LINE = 19
EDGE = 10
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class DrawnRoom:
    """A rectangle, the lines of its name, and what holds there now."""

    resource: Resource
    presence: Presence | None
    x: int
    y: int
    width: int
    height: int
    lines: list[tuple[int, str]]

    @property
    def text_x(self) -> int:
        return self.x + EDGE

    @property
    def state_y(self) -> int:
        """Where the state stands, below the name; 0 where there is no room for it."""
        below = self.lines[-1][0] + LINE if self.lines else 0
        return below if below + EDGE // 2 <= self.y + self.height else 0


@dataclass(frozen=True, slots=True)
class Drawing:
    plan: FloorPlan
    width: int
    height: int
    rooms: list[DrawnRoom]


def drawing_of(
    plan: FloorPlan, rooms: Iterable[Room], states: Mapping[int, Presence]
) -> Drawing:
    """Return the floor with its rooms; without a state where `states` has none."""
    drawn = [_room(room, states.get(room.resource_id)) for room in rooms]
    return Drawing(plan, _units(plan.width), _units(plan.height), drawn)


def _units(metres: Decimal) -> int:
    return round(metres * SCALE)


def _room(room: Room, presence: Presence | None) -> DrawnRoom:
    x, y = _units(room.x), _units(room.y)
    width, height = _units(room.width), _units(room.height)
    letters = int((width - 2 * EDGE) / LETTER)
    fitting = min(MOST_LINES, (height - EDGE) // LINE)
    lines: list[str] = []
    if letters > 1 and fitting > 0:
        lines = textwrap.wrap(
            room.resource.local_name, letters, max_lines=fitting, placeholder="…"
        )
    placed = [(y + EDGE + 12 + LINE * n, line) for n, line in enumerate(lines)]
    return DrawnRoom(room.resource, presence, x, y, width, height, placed)
