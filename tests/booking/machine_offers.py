"""What is offered in the state machine: instead of a request, and to who waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from booking.exceptions import RuleViolation, SlotTaken, WrongStatus
from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.waiting import Want, waiting_join, waiting_sweep
from config.errors import Conflict, Invalid
from labs.models import Resource
from tests.cast import Cast

hours = st.integers(0, 14)
lengths = st.sampled_from([1, 1, 2, 3])
picks = st.integers(0, 99)


class Offers(RuleBasedStateMachine):
    """The part of `Booking` that offers and answers."""

    cast: ClassVar[Cast]
    resources: ClassVar[list[Resource]]
    told: set[int]

    def _pick(self, number: int, likely: Collection[str]) -> Reservation:
        raise NotImplementedError

    def _in(self, hour: int, length: int) -> tuple[dt.datetime, dt.datetime]:
        raise NotImplementedError

    @rule(number=picks, which=st.integers(0, 4), hour=hours, length=lengths)
    def counter(self, number: int, which: int, hour: int, length: int) -> None:
        before = self._pick(number, {Status.PENDING})
        start, end = self._in(hour, length)
        try:
            reservation_counter(
                actor=self.cast.manager,
                reference=before.reference,
                resource=self.resources[which].slug,
                starts_at=start,
                ends_at=end,
            )
        except WrongStatus:
            assert before.status != Status.PENDING
        except (SlotTaken, RuleViolation, Invalid):
            assert before.version == Reservation.objects.get(pk=before.pk).version
        else:
            offer = Reservation.objects.get(instead_of=before.pk)
            assert (offer.starts_at, offer.ends_at) == (start, end)

    @rule(number=picks, accepts=st.booleans())
    def answer_offer(self, number: int, accepts: bool) -> None:
        before = self._pick(number, {Status.HELD, Status.PENDING})
        step = offer_accept if accepts else offer_pass
        try:
            after = step(actor=self.cast.booker, reference=before.reference)
        except WrongStatus:
            waits = before.status == Status.PENDING
            offers = Reservation.objects.filter(instead_of=before.pk)
            assert before.status != Status.HELD
            assert not (waits and offers.exists())
        except RuleViolation:
            # Closed meanwhile.
            assert accepts
        else:
            waited = before.status == Status.HELD
            passed = Status.CANCELLED if waited else Status.PENDING
            assert accepts or after.status == passed
            if accepts:
                self.told.discard(after.pk)

    @rule(which=st.integers(0, 4), hour=hours, length=lengths)
    def join(self, which: int, hour: int, length: int) -> None:
        start, end = self._in(hour, length + 1)
        with suppress(Conflict, Invalid):
            waiting_join(
                actor=self.cast.booker,
                resource_slug=self.resources[which].slug,
                organisation_slug="",
                want=Want(start, end, 60 * length),
                purpose="Whenever it is free",
            )

    @rule()
    def serve(self) -> None:
        waiting_sweep()
        assert waiting_sweep() == 0
