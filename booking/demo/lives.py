"""Gives a reservation a believable life up to now: its status, and the history of it.

What is written here is not announced: each step that mails would speak of lies more
than a day back, so that nobody gets a flood of them when the worker starts.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from booking.demo import data
from booking.demo.places import Hub, Person, Place
from booking.models import History, Reservation
from booking.models.paths import STAGES, DeclineCode, Turn
from booking.models.reservation import LAPSING, Status
from booking.selectors.facts import Wish
from booking.services.paths import decide_by
from labs.models import User

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
#: Steps that mails would speak of are at least so old.
QUIET = 26 * HOUR
#: A decision takes at most so long, the night after it included.
DECISION = 32 * HOUR

#: Who is reminded of what begins within that time has been, before the hub is loaded.
REMINDED = 24 * HOUR

Action = History.Action


@dataclass
class Life:
    """One reservation with its history, not yet written."""

    place: Place
    guest: Person
    wish: Wish
    purpose: str
    units: list[int]
    steps: list[History] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.steps[-1].to_status if self.steps else ""

    @property
    def last_at(self) -> dt.datetime:
        return self.steps[-1].at

    def add(
        self,
        at: dt.datetime,
        actor: User | None,
        action: Action,
        status: Status,
        reason: str = "",
    ) -> None:
        self.steps.append(
            History(
                at=at,
                actor=actor,
                action=action,
                from_status=self.status,
                to_status=status,
                reason=reason,
            )
        )

    def reservation(self) -> Reservation:
        """Return the row that those steps would have left."""
        wish, policy, asked_at = self.wish, self.place.policy, self.steps[0].at
        stages = STAGES[policy.approval_path]
        decided = [s for s in self.steps if s.action in {"approved", "declined"}]
        ended = [s for s in self.steps if s.action in {"declined", "cancelled"}]
        lapses_at = decide_by(policy, asked_at, wish.starts_at, self.place.time)
        return Reservation(
            resource=self.place.resource,
            organisation=self.guest.organisation,
            requested_by=self.guest.user,
            status=self.status,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            free_at=wish.ends_at + policy.turnaround,
            cancel_by_at=policy.cancel_by(wish.starts_at),
            purpose=self.purpose,
            people=wish.people,
            quantity=wish.quantity,
            lapses_at=lapses_at if self.status in LAPSING else None,
            path=policy.approval_path,
            turn=stages[0] if stages else Turn.EITHER,
            turn_since=asked_at if self.status in LAPSING else None,
            if_undecided=policy.when_undecided,
            decline_code=DeclineCode.OTHER if self.status == "declined" else "",
            decided_by=decided[-1].actor if decided else None,
            decided_at=decided[-1].at if decided else None,
            reason=ended[-1].reason if ended else "",
            version=len(self.steps),
            created_at=asked_at,
        )


def said(what: str, speaker: User, rng: random.Random) -> str:
    """Choose words for it, in the language of who speaks."""
    words: list[str] = data.read("words")[what][speaker.language]
    return rng.choice(words)


@dataclass
class Fate:
    """Lets a life run until it has a given status."""

    hub: Hub
    now: dt.datetime
    rng: random.Random

    def run(self, life: Life, asked_at: dt.datetime, wanted: Status) -> None:
        """Add the steps, from the asking to the wanted status."""
        asks = life.place.policy.needs_approval
        action = Action.REQUESTED if asks else Action.RESERVED
        first = Status.PENDING if asks else Status.APPROVED
        life.add(asked_at, life.guest.user, action, first)
        ends: dict[Status, Callable[[Life], None]] = {
            Status.PENDING: self._talk,
            Status.APPROVED: self._await,
            Status.DECLINED: self._decline,
            Status.CANCELLED: self._cancel,
            Status.EXPIRED: self._expire,
            Status.IN_USE: self._check_in,
            Status.COMPLETED: self._complete,
            Status.NO_SHOW: self._miss,
        }
        ends[wanted](life)

    def _talk(self, life: Life) -> None:
        """Ask about a third of those that wait, and let half of these answer."""
        if self.rng.random() > 0.4:
            return
        decider = self.hub.decider_for(life.place, self.rng)
        number = self.rng.randrange(3)
        words = data.read("words")
        question = words["ask"][decider.language][number]
        at = life.last_at + self._minutes(20, 110)
        life.add(at, decider, Action.ASKED, Status.PENDING, question)
        if self.rng.random() < 0.5:
            guest = life.guest.user
            answer = words["answer"][guest.language][number]
            at += self._minutes(15, 100)
            life.add(at, guest, Action.ANSWERED, Status.PENDING, answer)

    def _approve(self, life: Life) -> None:
        if life.status == Status.PENDING:
            decider = self.hub.decider_for(life.place, self.rng)
            life.add(self._decided_at(life), decider, Action.APPROVED, Status.APPROVED)

    def _await(self, life: Life) -> None:
        """Let it be imported last, if it is near: the reminder went out elsewhere."""
        self._approve(life)
        if life.wish.starts_at <= self.now + REMINDED:
            life.add(self.now, None, Action.IMPORTED, Status.APPROVED)

    def _decline(self, life: Life) -> None:
        decider = self.hub.decider_for(life.place, self.rng)
        reason = said("decline", decider, self.rng)
        at = self._decided_at(life)
        life.add(at, decider, Action.DECLINED, Status.DECLINED, reason)

    def _cancel(self, life: Life) -> None:
        """Most often the guest gives it up; one in five times the host has to."""
        self._approve(life)
        actor, what = life.guest.user, "cancel"
        if self.rng.random() < 0.2:
            actor, what = self.hub.decider_for(life.place, self.rng), "withdraw"
        latest = min(life.wish.starts_at, self.now - QUIET)
        at = life.last_at + (latest - life.last_at) * self.rng.uniform(0.2, 0.9)
        reason = said(what, actor, self.rng)
        life.add(at, actor, Action.CANCELLED, Status.CANCELLED, reason)

    def _expire(self, life: Life) -> None:
        policy, starts_at = life.place.policy, life.wish.starts_at
        at = decide_by(policy, life.last_at, starts_at, life.place.time) or starts_at
        life.add(at, None, Action.EXPIRED, Status.EXPIRED)

    def _check_in(self, life: Life) -> None:
        self._approve(life)
        at = min(life.wish.starts_at + self._minutes(-10, 12), self.now - MINUTE)
        life.add(at, life.guest.user, Action.CHECKED_IN, Status.IN_USE)

    def _complete(self, life: Life) -> None:
        self._check_in(life)
        free_at = life.wish.ends_at + life.place.policy.turnaround
        if self.rng.random() < 0.5 and free_at <= self.now:
            life.add(free_at, None, Action.COMPLETED, Status.COMPLETED)
        else:
            at = life.wish.ends_at - self._minutes(0, 12)
            life.add(at, life.guest.user, Action.CHECKED_OUT, Status.COMPLETED)

    def _miss(self, life: Life) -> None:
        self._approve(life)
        decider = self.hub.decider_for(life.place, self.rng)
        at = life.wish.starts_at + 30 * MINUTE
        life.add(at, decider, Action.MISSED, Status.NO_SHOW)

    def _decided_at(self, life: Life) -> dt.datetime:
        """Some hours later, but not at night."""
        at = life.last_at + self.rng.uniform(0.3, 19) * HOUR
        hour = at.astimezone(life.place.resource.site.zone).hour
        if hour >= 20:
            at += (32 - hour) * HOUR
        elif hour < 8:
            at += (8 - hour) * HOUR
        return at

    def _minutes(self, low: int, high: int) -> dt.timedelta:
        return self.rng.randint(low, high) * MINUTE
