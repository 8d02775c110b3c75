"""Fills some weeks around now: what is asked for where, when and by whom."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from booking.demo import data
from booking.demo.diary import Diary
from booking.demo.lives import DECISION, HOUR, MINUTE, QUIET, Fate, Life
from booking.demo.places import Hub, Person, Place
from booking.models.reservation import Status
from booking.periods import Period
from booking.selectors.facts import Wish
from booking.weekly import at_wall, parse_clock

DAY = dt.timedelta(days=1)
WEEKS = range(-21, 22)
#: Nobody reserves rooms before eight or after ten in the evening.
WAKING = (8 * 60, 22 * 60)
#: Up to which day from now which share of the slots is taken.
DEMAND = ((-1, 0.5), (0, 0.75), (3, 0.6), (7, 0.45), (14, 0.25), (21, 0.1))
#: So many units of a pool, of ten, are lent at once on a full day.
LANES_PER_TEN = 4

#: What becomes of reservations, in what proportion: dealt out like cards, so that
#: each one turns up. Keyed by whether it is over, and whether it needs approval.
FATES: dict[tuple[bool, bool], dict[Status, int]] = {
    (True, True): {
        Status.COMPLETED: 14,
        Status.NO_SHOW: 1,
        Status.CANCELLED: 2,
        Status.DECLINED: 2,
        Status.EXPIRED: 1,
    },
    (True, False): {Status.COMPLETED: 17, Status.NO_SHOW: 1, Status.CANCELLED: 2},
    (False, True): {
        Status.APPROVED: 17,
        Status.PENDING: 1,
        Status.CANCELLED: 1,
        Status.DECLINED: 1,
    },
    (False, False): {Status.APPROVED: 19, Status.CANCELLED: 1},
}


def demand_on(offset: int) -> float:
    """Return which share of the slots is taken, so many days from now."""
    return next(share for until, share in DEMAND if offset <= until)


@dataclass
class Weeks:
    """Chooses reservations by a fixed seed, and keeps the diary of them."""

    hub: Hub
    diary: Diary
    now: dt.datetime
    today: dt.date
    rng: random.Random
    _cards: dict[tuple[bool, bool], list[Status]] = field(default_factory=dict)

    def fill(self) -> Iterator[Life]:
        """Yield what is reserved, in the order of the resources."""
        for place in self.hub.places.values():
            lanes = 1
            if place.resource.is_pool:
                lanes = -(-len(place.units) * LANES_PER_TEN // 10)
            for _ in range(lanes):
                periods = self._hires(place) if place.data.hire else self._days(place)
                for period in periods:
                    yield from self._reserve(place, period)

    def _days(self, place: Place) -> Iterator[Period]:
        zone = place.resource.site.zone
        for offset in WEEKS:
            day = self.today + offset * DAY
            waking = Period(*(at_wall(day, minute, zone) for minute in WAKING))
            share = demand_on(offset) * place.data.demand
            for span in self.diary.open_within(place, waking):
                yield from self._sessions(place, span, share)

    def _sessions(self, place: Place, span: Period, share: float) -> Iterator[Period]:
        at = on_grid(span.start, place)
        while True:
            length = self.rng.choice(place.data.sessions) * MINUTE
            if at + length > span.end:
                return
            if self.rng.random() < share:
                yield Period(at, at + length)
                at = on_grid(at + length + place.policy.turnaround, place)
            else:
                at = on_grid(at + length / 2, place)

    def _hires(self, place: Place) -> Iterator[Period]:
        """Yield whole days, or nights, that touch the weeks."""
        hire, zone = place.data.hire, place.resource.site.zone
        offset = WEEKS.start
        while offset in WEEKS:
            day, length = self.today + offset * DAY, 0
            if self.rng.random() < demand_on(offset):
                length = self.rng.choice(hire["days"])
                yield Period(
                    at_wall(day, parse_clock(hire["from"]), zone),
                    at_wall(day + length * DAY, parse_clock(hire["until"]), zone),
                )
            offset += max(length, 1)

    def _reserve(self, place: Place, period: Period) -> Iterator[Life]:
        status = self._status(place, period)
        asked_at = self._asked_at(place, period, status)
        quantity = 1
        if place.resource.is_pool:
            quantity = self.rng.choice([1, 1, 1, 2])
        guest = self.hub.guest_for(place, self.rng)
        people = self.rng.randint(1, min(place.resource.people, 12))
        wish = Wish(*period, people=people, quantity=quantity)
        yield from self.live(place, guest, wish, asked_at, status)

    def live(
        self,
        place: Place,
        guest: Person,
        wish: Wish,
        asked_at: dt.datetime,
        status: Status,
    ) -> Iterator[Life]:
        """Yield the reservation, or nothing where the rules or others forbid it."""
        units = self.diary.take(place, wish, asked_at)
        if not units:
            return
        purpose = self.rng.choice(data.purposes(place.data.theme, guest.user.language))
        life = Life(place, guest, wish, purpose, units)
        Fate(self.hub, self.now, self.rng).run(life, asked_at, status)
        yield life

    def _status(self, place: Place, period: Period) -> Status:
        is_over = period.end <= self.now
        if not is_over and period.start <= self.now:
            return Status.IN_USE
        status = self._deal((is_over, place.policy.needs_approval))
        if status == Status.PENDING and period.start < self.now + DAY:
            return Status.APPROVED
        if status == Status.EXPIRED and period.start > self.now - QUIET:
            return Status.COMPLETED
        return status

    def _deal(self, kind: tuple[bool, bool]) -> Status:
        cards = self._cards.setdefault(kind, [])
        if not cards:
            cards += [card for card, n in FATES[kind].items() for _ in range(n)]
            self.rng.shuffle(cards)
        return cards.pop()

    def _asked_at(self, place: Place, period: Period, status: Status) -> dt.datetime:
        """Early enough for the notice, a decision, and not to be news any more."""
        if status == Status.PENDING:
            return self._waits_since(place)
        notice = place.policy.notice_minutes * MINUTE
        news = self.now - QUIET - DECISION
        at = min(period.start - notice - DECISION - 2 * HOUR, news)
        at -= self.rng.random() * 9 * DAY
        hour = at.astimezone(place.resource.site.zone).hour
        if hour < 8:
            return at - (hour + 5) * HOUR
        return at - max(hour - 19, 0) * HOUR

    def _waits_since(self, place: Place) -> dt.datetime:
        """Not news any more, not yet lapsed, and rather not in the night."""
        for _ in range(20):
            at = self.now - self.rng.uniform(30, 70) * HOUR
            due = place.time.after(
                at, place.policy.decide_within_hours * HOUR, self.now + 30 * DAY
            )
            by_day = 8 <= at.astimezone(place.resource.site.zone).hour < 20
            if by_day and due > self.now + 3 * HOUR:
                break
        else:
            at = self.now - 27 * HOUR
        return at


def on_grid(instant: dt.datetime, place: Place) -> dt.datetime:
    """Return the first instant from this one on that the policy lets it start at."""
    wall = instant.astimezone(place.resource.site.zone)
    past = dt.timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)
    grid = place.policy.start_grid_minutes * MINUTE
    return instant + -past % grid


def first_free(
    diary: Diary,
    place: Place,
    days: Sequence[dt.date],
    at: str,
    minutes: int,
    asked_at: dt.datetime,
    *,
    people: int = 1,
) -> tuple[Wish, list[int]] | None:
    """Take the first of the days on which that time is free, by the rules."""
    for day in days:
        starts_at = at_wall(day, parse_clock(at), place.resource.site.zone)
        wish = Wish(starts_at, starts_at + minutes * MINUTE, people=people)
        if units := diary.take(place, wish, asked_at):
            return wish, units
    return None
