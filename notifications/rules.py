"""Whether a message may still go out; pure, so that both ends of its life ask alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from booking.models.reservation import Status
from notifications.models import Kind, State

_ON = frozenset({Status.APPROVED, Status.IN_USE, Status.COMPLETED, Status.NO_SHOW})

#: With which statuses of its reservation a message is true. What has taken place keeps
#: it true: such a message is late, not wrong.
TRUE_WHILE: dict[str, frozenset[Status]] = {
    Kind.REQUESTED: frozenset({Status.PENDING}),
    Kind.ASKED: frozenset({Status.PENDING}),
    Kind.ANSWERED: frozenset({Status.PENDING}),
    Kind.RESERVED: _ON,
    Kind.APPROVED: _ON,
    Kind.MOVE_ASKED: frozenset({Status.PENDING, Status.APPROVED}),
    Kind.MOVED: _ON | {Status.PENDING},
    Kind.DECLINED: frozenset({Status.DECLINED}),
    Kind.CANCELLED: frozenset({Status.CANCELLED}),
    Kind.EXPIRED: frozenset({Status.EXPIRED}),
    Kind.STAGE_APPROVED: frozenset({Status.PENDING}),
    Kind.ESCALATED: frozenset({Status.PENDING}),
    Kind.COUNTERED: frozenset({Status.PENDING}),
    Kind.ACCEPTED: _ON | {Status.PENDING},
    Kind.PASSED: frozenset({Status.PENDING}),
    Kind.OFFERED: frozenset({Status.HELD}),
    Kind.CHANGED: _ON | {Status.PENDING},
    Kind.HANDED_OVER: _ON | {Status.PENDING},
    Kind.MISSED: frozenset({Status.NO_SHOW}),
    # Who has checked in needs no reminder.
    Kind.REMINDER: _ON - {Status.IN_USE},
    Kind.LAPSING: frozenset({Status.PENDING, Status.HELD}),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at."""

    now: dt.datetime
    kind: str
    useful_until: dt.datetime | None
    #: Of its reservation; a notice has none.
    status: str | None
    lapses_at: dt.datetime | None
    #: The time, or the decision, that the message speaks of is still the reservation's.
    is_current: bool
    #: The person may still sign in, and see the reservation.
    may_know: bool


def still_true(facts: Facts) -> bool:
    """It says what is so, to somebody who may know it."""
    if not (facts.may_know and facts.is_current):
        return False
    lapsed = facts.lapses_at is not None and facts.lapses_at <= facts.now
    status = Status.EXPIRED if lapsed else facts.status
    return status is None or status in TRUE_WHILE[facts.kind]


def still_useful(facts: Facts) -> bool:
    """There is still something to be done with it."""
    return facts.useful_until is None or facts.now < facts.useful_until


def state_due(facts: Facts) -> State:
    """Return PLANNED for a message that may go out, else the state it must end in."""
    if not still_true(facts):
        return State.WITHDRAWN
    return State.PLANNED if still_useful(facts) else State.MISSED


def only_person_left(facts: Facts) -> bool:
    """It might still go out, to somebody who may know it: its person may not."""
    someone = replace(facts, may_know=True)
    return not facts.may_know and state_due(someone) == State.PLANNED
