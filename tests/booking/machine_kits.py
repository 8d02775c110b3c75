"""Several resources at once in the state machine: all of them or none."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, rule

from booking.exceptions import PartsRefused, WrongStatus
from booking.models import Kit, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.kits import PartWish, kit_cancel, kit_move, kit_reserve
from labs.models import Resource
from tests.booking.machine_offers import hours, lengths, picks
from tests.cast import Cast


class Kits(RuleBasedStateMachine):
    """The part of `Booking` that takes two of the five resources together."""

    cast: ClassVar[Cast]
    resources: ClassVar[list[Resource]]
    told: set[int]
    now: dt.datetime

    def _in(self, hour: int, length: int) -> tuple[dt.datetime, dt.datetime]:
        raise NotImplementedError

    @rule(first=picks, second=picks, hour=hours, length=lengths)
    def ask_for_kit(self, first: int, second: int, hour: int, length: int) -> None:
        one, other = first % 5, second % 4
        chosen = [self.resources[n] for n in (one, other + (other >= one))]
        kits, before = Kit.objects.count(), Reservation.objects.sent().count()
        try:
            made = kit_reserve(
                actor=self.cast.booker,
                organisation_slug="",
                parts=[PartWish(each.slug, 1) for each in chosen],
                wish=Wish(*self._in(hour, length)),
                purpose="A pilot",
                idempotency=None,
            )
        except PartsRefused:
            assert Kit.objects.count() == kits
            assert Reservation.objects.sent().count() == before
        else:
            found = {part.resource_id for part in made.parts.all()}
            assert found == {each.pk for each in chosen}

    @rule(number=picks, hour=hours, length=lengths)
    def move_kit(self, number: int, hour: int, length: int) -> None:
        start, end = self._in(hour, length)
        times = {"starts_at": start, "ends_at": end}
        if moved := self._of_kit(number, kit_move, **times):
            assert {(part.starts_at, part.ends_at) for part in moved} == {(start, end)}
            self.told -= {part.pk for part in moved}

    @rule(number=picks)
    def cancel_kit(self, number: int) -> None:
        ended = self._of_kit(number, kit_cancel) or []
        assert {part.status for part in ended} <= {Status.CANCELLED}

    def _of_kit(self, number: int, service: Any, **given: Any) -> list[Reservation]:
        """Do it, and return the parts that it was done to."""
        kits = list(Kit.objects.order_by("pk"))
        if not kits:
            return []
        kit = kits[number % len(kits)]
        before = {part.pk: part.version for part in kit.parts.all()}
        try:
            service(actor=self.cast.booker, reference=kit.reference, **given)
        except (PartsRefused, WrongStatus):
            assert before == {part.pk: part.version for part in kit.parts.all()}
            return []
        # One that had lapsed expires meanwhile.
        left = kit.parts.exclude(status=Status.EXPIRED)
        return [part for part in left if part.version != before[part.pk]]
