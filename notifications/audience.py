"""Who is told what: from one history row and the parties of its reservation; pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from booking.models import History
from booking.models.paths import Level, Turn
from booking.models.reservation import Status
from notifications.models import Kind

Action = History.Action

#: Nobody is told of these.
SILENT = frozenset(
    {
        Action.IMPORTED,
        Action.TAKEN_BACK,
        Action.CHECKED_IN,
        Action.CHECKED_OUT,
        Action.COMPLETED,
        Action.CONFIRMED,
    }
)
#: What the messages about the others are called; the reminder has no history row.
KINDS = {action: Kind(action.value) for action in Action if action not in SILENT}
#: These go to guests only, the others to the host as well or alone.
GUESTS_ONLY = frozenset(
    {
        Kind.APPROVED,
        Kind.DECLINED,
        Kind.ASKED,
        Kind.MOVE_ASKED,
        Kind.EXPIRED,
        Kind.COUNTERED,
        Kind.OFFERED,
        Kind.REMINDER,
        Kind.LAPSING,
    }
)

#: What those who decide say to the guests, or the clock for them.
TO_GUESTS = frozenset(
    {
        Action.APPROVED,
        Action.DECLINED,
        Action.ASKED,
        Action.MOVE_ASKED,
        Action.COUNTERED,
        Action.OFFERED,
        Action.EXPIRED,
    }
)


class Place(enum.Enum):
    """Where a reservation stands among those that were asked for with it."""

    ALONE = enum.auto()
    FIRST = enum.auto()
    LATER = enum.auto()


@dataclass(frozen=True, slots=True)
class Parties:
    """Ids of active people: the guests to write to, the host's managers, hub staff."""

    guests: frozenset[int]
    managers: frozenset[int]
    staff: frozenset[int]
    #: Of those whose turn it is; and how far it was passed on.
    deputies: frozenset[int] = frozenset()
    turn: str = Turn.EITHER
    level: int = Level.QUIET

    @property
    def deciders(self) -> frozenset[int]:
        """Those who may decide now, and their deputies."""
        found = self.deputies
        if self.turn != Turn.HUB:
            found |= self.managers
        if self.turn != Turn.HOST or self.level == Level.STAFF:
            found |= self.staff
        return found

    @property
    def passed_to(self) -> frozenset[int]:
        """Those who are reminded, or to whom it was passed on last."""
        if self.level == Level.DEPUTIES:
            return self.deputies
        return self.staff if self.level == Level.STAFF else self.deciders


def people_told(
    *,
    action: str,
    to_status: str,
    actor_id: int | None,
    of: Parties,
    place: Place = Place.ALONE,
    former: frozenset[int] = frozenset(),
) -> frozenset[int]:
    """Return the ids of those to tell; never the actor, but for their confirmation.

    Of a kit the guests hear once, with its first part, and each host of its own;
    `former` is who was to come before it was handed over.
    """
    if action in {Action.REQUESTED, Action.RESERVED} and place != Place.ALONE:
        hosts = _told(action, to_status, actor_id, replace(of, guests=frozenset()))
        return hosts | of.guests if place == Place.FIRST else hosts
    if action == Action.HANDED_OVER:
        return (of.guests | former) - {actor_id}
    return _told(action, to_status, actor_id, of)


def _told(
    action: str, to_status: str, actor_id: int | None, of: Parties
) -> frozenset[int]:
    actor = frozenset() if actor_id is None else frozenset({actor_id})
    told: frozenset[int] = frozenset()
    if action == Action.REQUESTED and actor_id is not None:
        # A guest for whom somebody else asked hears of it.
        told = of.deciders | (frozenset() if actor & of.guests else of.guests)
    elif action in {Action.REQUESTED, Action.ANSWERED, Action.ACCEPTED}:
        told = of.deciders
    elif action == Action.PASSED:
        # What the waiting list offered and was passed is the next one's business.
        told = of.deciders if to_status == Status.PENDING else told
    elif action == Action.STAGE_APPROVED:
        told = of.guests | of.deciders
    elif action == Action.ESCALATED:
        told = of.passed_to
    elif action in TO_GUESTS:
        told = of.guests
        if action == Action.APPROVED and of.turn == Turn.HUB:
            # The host did not decide last, and is to know who comes.
            told |= of.managers
    elif action in {Action.RESERVED, Action.MISSED}:
        return of.guests | (of.managers - actor)
    elif action in {Action.MOVED, Action.CHANGED, Action.CANCELLED}:
        asks_again = action != Action.CANCELLED and to_status == Status.PENDING
        told = of.guests | _hosts_told(actor, of, asks_again=asks_again)
    return told - actor


def _hosts_told(
    actor: frozenset[int], of: Parties, *, asks_again: bool
) -> frozenset[int]:
    """Return the side that did not do it; with the hub where it is to decide again."""
    if actor & of.managers:
        return frozenset()
    again = asks_again and not actor & of.staff
    return of.managers | of.deciders if again else of.managers
