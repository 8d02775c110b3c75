"""Who is told what: from one history row and the parties of its reservation; pure."""

from __future__ import annotations

from dataclasses import dataclass

from booking.models import History
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
        Action.STAGE_APPROVED,
        Action.ESCALATED,
        Action.COUNTERED,
        Action.ACCEPTED,
        Action.PASSED,
        Action.OFFERED,
        Action.CHANGED,
        Action.HANDED_OVER,
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
        Kind.REMINDER,
    }
)

#: What those who decide say to the guests.
TO_GUESTS = frozenset(
    {Action.APPROVED, Action.DECLINED, Action.ASKED, Action.MOVE_ASKED}
)


@dataclass(frozen=True, slots=True)
class Parties:
    """Ids of active people: the guests to write to, the host's managers, hub staff."""

    guests: frozenset[int]
    managers: frozenset[int]
    staff: frozenset[int]

    @property
    def deciders(self) -> frozenset[int]:
        return self.managers | self.staff


def people_told(
    *, action: str, to_status: str, actor_id: int | None, of: Parties
) -> frozenset[int]:
    """Return the ids of those to tell; never the actor, but for their confirmation."""
    actor = frozenset() if actor_id is None else frozenset({actor_id})
    told: frozenset[int] = frozenset()
    if action in {Action.REQUESTED, Action.ANSWERED}:
        told = of.deciders
    elif action in TO_GUESTS:
        told = of.guests
    elif action == Action.RESERVED:
        return of.guests | (of.managers - actor)
    elif action == Action.EXPIRED:
        told = of.guests
    elif action == Action.MISSED:
        told = of.guests | of.managers
    elif action in {Action.MOVED, Action.CANCELLED}:
        asks_again = action == Action.MOVED and to_status == Status.PENDING
        told = of.guests | _hosts_told(actor, of, asks_again=asks_again)
    return told - actor


def _hosts_told(
    actor: frozenset[int], of: Parties, *, asks_again: bool
) -> frozenset[int]:
    """Return the side that did not do it; with the hub where it is to decide again."""
    if actor & of.managers:
        return frozenset()
    return of.deciders if asks_again and not actor & of.staff else of.managers
