"""Who came and who did not, in the state machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, rule

from booking.exceptions import SlotTaken, WrongStatus
from booking.models import Reservation
from booking.models.reservation import Status
from booking.services import lifecycle, no_shows
from tests.booking.machine_offers import picks
from tests.cast import Cast


class Presence(RuleBasedStateMachine):
    """The part of `Booking` that comes, leaves, or stays away."""

    cast: ClassVar[Cast]
    now: dt.datetime

    def _pick(self, number: int, likely: Collection[str]) -> Reservation:
        raise NotImplementedError

    def _step(
        self,
        service: Callable[..., Any],
        made: Reservation,
        allowed: bool,
        **given: Any,
    ) -> None:
        """Do it; it must be refused where it is not allowed, and only there."""
        try:
            service(reference=made.reference, **given)
        except WrongStatus:
            assert not allowed
        else:
            assert allowed

    @rule(number=picks)
    def check_in(self, number: int) -> None:
        made = self._pick(number, {Status.APPROVED})
        begun = made.starts_at - lifecycle.CHECK_IN_EARLY <= self.now < made.ends_at
        allowed = made.status == Status.APPROVED and begun
        actor = {"actor": self.cast.booker}
        self._step(lifecycle.reservation_check_in, made, allowed, **actor)

    @rule(number=picks)
    def check_out(self, number: int) -> None:
        made = self._pick(number, {Status.IN_USE})
        actor = {"actor": self.cast.booker}
        there = made.starts_at < self.now < made.ends_at
        allowed = made.status == Status.IN_USE and there
        self._step(lifecycle.reservation_check_out, made, allowed, **actor)

    @rule(number=picks)
    def miss(self, number: int) -> None:
        made = self._pick(number, {Status.APPROVED})
        came = made.history.filter(action="checked_in").exists()
        begun = made.starts_at <= self.now and not came
        allowed = made.status in no_shows.MISSABLE and begun
        actor = {"actor": self.cast.manager}
        self._step(no_shows.reservation_miss, made, allowed, **actor)

    @rule(number=picks)
    def was_there(self, number: int) -> None:
        made = self._pick(number, {Status.NO_SHOW})
        known = {"actor": self.cast.staff}
        missed = made.status == Status.NO_SHOW
        try:
            self._step(no_shows.reservation_was_there, made, missed, **known)
        except SlotTaken:
            assert missed
            assert made.free_at > self.now
