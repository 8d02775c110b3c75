"""Anything a guest, a host, the hub and the clock may do, in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import ExitStack
from hashlib import sha256
from typing import Any

import pytest
from django.db.models import Exists, OuterRef
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from booking.exceptions import (
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import Occupancy, OpenPeriod, Reservation
from booking.models.reservation import CANCELLABLE, LAPSING, MOVABLE, Status
from booking.selectors.facts import Wish
from booking.services import decisions, lifecycle, no_shows
from booking.services.availability import closure_add, closure_remove
from booking.services.holds import (
    HOLD,
    MOST_HOLDS,
    can_renew,
    hold_release,
    hold_renew,
    reservation_hold,
)
from booking.services.reservations import Idempotency, reservation_move
from config import clock
from labs.models import Resource, User
from tests import factories
from tests.booking.examples import examples, rolled_back
from tests.booking.machine_kits import Kits
from tests.booking.machine_offers import Offers, hours, lengths, picks
from tests.booking.machine_presence import Presence
from tests.booking.machine_series import SeriesRules
from tests.booking.truth import assert_history_is_whole, assert_ledger_is_true
from tests.cast import make_cast
from tests.factories import HOUR, reserve

NOW = dt.datetime(2027, 3, 26, 7, tzinfo=dt.UTC)
#: What may be against the rules here: the past, a closure, more units than there are.
RULES = {"in_the_past", "outside_opening_hours", "too_many_units"}

#: A form's key, which resource it is for, and whether another person has it open.
Form = tuple[str, int, bool]
requests = st.tuples(st.integers(0, 4), hours, lengths, st.integers(1, 3))


class Booking(Offers, Presence, Kits, SeriesRules):
    """Five resources; summer time begins in the second night."""

    closures = Bundle("closures")
    forms = Bundle("forms")

    def __init__(self) -> None:
        super().__init__(NOW)
        #: Those that some host was told of when it closed.
        self.told: set[int] = set()
        self.violated: set[str] = set()
        self.undo = ExitStack()
        self.undo.enter_context(rolled_back())
        patch = self.undo.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(clock, "now", lambda: self.now)

    def teardown(self) -> None:
        self.undo.close()

    # What anybody does

    @initialize(wanted=st.lists(requests, min_size=6, max_size=10))
    def begin(self, wanted: list[tuple[int, int, int, int]]) -> None:
        for request in wanted:
            self._reserve(*request)

    @rule(wanted=st.lists(requests, min_size=1, max_size=3))
    def reserve(self, wanted: list[tuple[int, int, int, int]]) -> None:
        for request in wanted:
            self._reserve(*request)

    def _reserve(self, which: int, hour: int, length: int, quantity: int) -> None:
        resource = self.resources[which]
        needed = quantity if resource.is_pool else resource.units.count()
        wish = Wish(*self._in(hour, length), quantity=quantity if which == 1 else 1)
        free = self._units_free(resource, wish)
        try:
            made = reserve(resource, self.cast.booker, wish)
        except SlotTaken:
            assert free < needed
        except RuleViolation as error:
            self.violated |= {found.code for found in error.violations}
        else:
            assert free >= needed
            assert (made.status == Status.PENDING) == (made.lapses_at is not None)

    @rule(target=forms, key=st.uuids(), wanted=requests, other=st.booleans())
    def open_form(
        self, key: Any, wanted: tuple[int, int, int, int], other: bool
    ) -> Any:
        form = str(key), wanted[0], other
        self._hold(form, *wanted[1:])
        return form

    @rule(form=forms, hour=hours, length=lengths, quantity=st.integers(1, 3))
    def change_form(self, form: Form, hour: int, length: int, quantity: int) -> None:
        self._hold(form, hour, length, quantity)

    def _hold(self, form: Form, hour: int, length: int, quantity: int) -> None:
        key, which, other = form
        resource = self.resources[which]
        wish = Wish(*self._in(hour, length), quantity=quantity if which == 1 else 1)
        before = self._made_with(key)
        try:
            made = reservation_hold(
                actor=self._person(other),
                resource_slug=resource.slug,
                organisation_slug="",
                wish=wish,
                key=key,
            )
        except (SlotTaken, RuleViolation):
            assert self._made_with(key) == before
        else:
            sent = before is not None and before.status != Status.HELD
            wanted = before.starts_at if before and sent else wish.starts_at
            assert (made.status != Status.HELD, made.starts_at) == (sent, wanted)

    @rule(form=forms, hour=hours, length=lengths)
    def send(self, form: Form, hour: int, length: int) -> None:
        key, which, other = form
        before = self._made_with(key)
        sent = before is not None and before.status != Status.HELD
        wish = Wish(*self._in(hour, length))
        if before is not None and hour % 2:
            wish = Wish(before.starts_at, before.ends_at, quantity=before.quantity)
        known = Idempotency(key, sha256(repr(wish).encode()).hexdigest())
        try:
            person = self._person(other)
            made = reserve(self.resources[which], person, wish, idempotency=known)
        except IdempotencyKeyReused:
            assert sent
        except (SlotTaken, RuleViolation):
            assert not sent
        else:
            if before is not None and before.lapses_at is not None and not sent:
                # A hold that lapsed is let go, and another one made.
                assert (made.pk == before.pk) == (before.lapses_at > self.now)

    @rule(form=forms)
    def release(self, form: Form) -> None:
        hold_release(actor=self._person(form[2]), key=form[0])
        left = self._made_with(form[0])
        assert left is None or left.status != Status.HELD

    @rule(form=forms)
    def renew(self, form: Form) -> None:
        before = self._made_with(form[0])
        holds = before is not None and before.status == Status.HELD
        try:
            after = hold_renew(actor=self._person(form[2]), key=form[0])
        except WrongStatus:
            if before is not None and before.lapses_at is not None and holds:
                assert before.lapses_at <= self.now or not can_renew(before)
        else:
            assert before is not None
            assert before.lapses_at is not None
            assert after.lapses_at == before.lapses_at + HOLD

    def _person(self, other: bool) -> User:
        return self.cast.stranger if other else self.cast.booker

    def _made_with(self, key: str) -> Reservation | None:
        return Reservation.objects.filter(idempotency_key=key).first()

    def _in(self, hour: int, length: int) -> tuple[dt.datetime, dt.datetime]:
        """A period that begins so many whole hours from the last one on."""
        start = self.now - (self.now - NOW) % HOUR + hour * HOUR
        return start, start + length * HOUR

    @rule(number=picks, length=lengths, hour=hours, host=st.booleans())
    def move(self, number: int, hour: int, length: int, host: bool) -> None:
        before = self._pick(number, MOVABLE)
        start, end = self._in(hour, length)
        try:
            after = reservation_move(
                actor=self.cast.manager if host else self.cast.booker,
                reference=before.reference,
                starts_at=start,
                ends_at=end,
            )
        except WrongStatus:
            assert before.status not in MOVABLE or before.ends_at <= self.now
        except (SlotTaken, RuleViolation):
            assert before.version == Reservation.objects.get(pk=before.pk).version
        else:
            assert before.status in MOVABLE
            assert (after.starts_at, after.ends_at) == (start, end)
            # It goes where it is open, so nobody needs to be told of it any more.
            self.told.discard(after.pk)

    @rule(number=picks, staff=st.booleans())
    def approve(self, number: int, staff: bool) -> None:
        made = self._pick(number, {Status.PENDING})
        known = {"actor": self.cast.staff if staff else self.cast.manager}
        pending = made.status == Status.PENDING
        self._step(decisions.reservation_approve, made, pending, **known)

    @rule(number=picks)
    def decline(self, number: int) -> None:
        made = self._pick(number, {Status.PENDING})
        known = {"actor": self.cast.manager, "reason": "Painting"}
        pending = made.status == Status.PENDING
        self._step(decisions.reservation_decline, made, pending, **known)

    @rule(number=picks, host=st.booleans())
    def cancel(self, number: int, host: bool) -> None:
        made = self._pick(number, CANCELLABLE)
        allowed = made.status in CANCELLABLE and made.ends_at > self.now
        actor = self.cast.manager if host else self.cast.booker
        known = {"actor": actor, "reason": "Flood" if host else ""}
        self._step(lifecycle.reservation_cancel, made, allowed, **known)

    @rule(target=closures, which=st.integers(0, 4), hour=hours, length=lengths)
    def close(self, which: int, hour: int, length: int) -> Any:
        start, end = self._in(hour, length)
        outcome = closure_add(
            actor=self.cast.manager,
            resource_slug=self.resources[which].slug,
            starts_at=start,
            ends_at=end,
            reason="maintenance",
        )
        self.told |= {hit.pk for hit in outcome.hits}
        assert outcome.rule is not None
        return which, outcome.rule.pk

    @rule(closure=consumes(closures))
    def reopen(self, closure: tuple[int, int]) -> None:
        closure_remove(
            actor=self.cast.manager,
            resource_slug=self.resources[closure[0]].slug,
            closure_id=closure[1],
        )

    # What the clock does

    @rule(minutes=st.sampled_from([10, 55, 120, 300]))
    @precondition(lambda self: self.now < NOW + 40 * HOUR)
    def wait(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        lapsed = set(Reservation.objects.lapsed(self.now))
        assert lifecycle.reservations_expire_lapsed() == len(lapsed)
        no_shows.reservations_miss_absent()
        lifecycle.reservations_complete_ended()
        assert not Reservation.objects.lapsed(self.now).exists()
        over = Reservation.objects.filter(free_at__lte=self.now)
        assert not over.filter(status__in=[Status.APPROVED, Status.IN_USE]).exists()

    # What always holds

    @invariant()
    def only_rules_that_can_be_broken_here_were(self) -> None:
        assert self.violated <= RULES

    @invariant()
    def the_ledger_is_true(self) -> None:
        assert_ledger_is_true()

    @invariant()
    def nobody_holds_more_than_three(self) -> None:
        for other in (True, False):
            held = Reservation.objects.held_by(self._person(other))
            assert held.count() <= MOST_HOLDS

    @invariant()
    def the_history_is_whole(self) -> None:
        assert_history_is_whole()

    @invariant()
    def nobody_is_behind_a_closure_that_did_not_list_them(self) -> None:
        opened = OpenPeriod.objects.filter(
            resource=OuterRef("resource"),
            during__startswith__lte=OuterRef("starts_at"),
            during__endswith__gte=OuterRef("ends_at"),
        )
        # What is offered is judged once more when it is accepted.
        sent = Reservation.objects.occupying().exclude(status=Status.HELD)
        coming = sent.filter(ends_at__gt=self.now)
        behind = coming.exclude(Exists(opened)).values_list("pk", flat=True)
        assert set(behind) <= self.told

    # Looking

    def _pick(self, number: int, likely: Collection[str]) -> Reservation:
        """Choose one, mostly of a likely status; as a step would find it."""
        every = list(Reservation.objects.sent().order_by("pk"))
        for made in every:
            if made.status in LAPSING and made.lapses_at and made.lapses_at <= self.now:
                made.status = Status.EXPIRED
        some = [made for made in every if made.status in likely]
        pool = some if some and number % 4 else every
        return pool[number % len(pool)]

    def _units_free(self, resource: Resource, wish: Wish) -> int:
        policy = resource.effective_policy
        lapsed = Reservation.objects.lapsed(self.now)
        # What one's own forms hold gives way.
        own = Reservation.objects.held_by(self.cast.booker).order_by()
        gone = lapsed | own
        busy = Occupancy.objects.exclude(reservation__in=gone).filter(
            unit__in=resource.units.all(),
            during__overlap=(wish.starts_at, wish.ends_at + policy.turnaround),
        )
        return resource.units.exclude(pk__in=busy.values("unit")).count()


@pytest.mark.django_db
def test_booking__anything_in_any_order__keeps_the_ledger_and_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        cast = make_cast()
        given: dict[str, Any] = {"organisation": cast.host, "site": cast.lab.site}
        shortly = {"needs_approval": True, "decide_within_hours": 6}
        slowly = {"turnaround_minutes": 30, **shortly}
        pool = factories.open_lab(units=3, policy=slowly, **given)
        buffered = {"turnaround_minutes": 60}
        parts = [factories.open_lab(policy=buffered, **given) for _ in range(2)]
        hall = factories.hall(parts)
        factories.set_policy(hall, **slowly)
        factories.publish(hall)
    monkeypatch.setattr(Booking, "cast", cast, raising=False)
    everything = [cast.lab, pool, hall, *parts]
    monkeypatch.setattr(Booking, "resources", everything, raising=False)
    run_state_machine_as_test(
        Booking, settings=settings(examples(6), stateful_step_count=20)
    )
