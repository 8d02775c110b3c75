"""Ten thousand steps of every kind, by everybody, while the clock runs on."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from booking.models import History, Kit, Reservation, Series
from booking.models.reservation import MOVABLE, Status
from booking.selectors.facts import Wish
from booking.series import Pattern, Repeats
from booking.services import lifecycle, no_shows
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.kits import PartWish, kit_cancel, kit_move, kit_reserve
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.reservations import reservation_move
from booking.services.series import SeriesWish, series_create
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from booking.services.series_wanted import series_wanted_book
from booking.services.waiting import Want, waiting_join, waiting_sweep
from config import clock
from config.errors import DomainError, Missing
from labs.models import Resource, User
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, SOFIA, reserve, tomorrow_at
from tests.races.threads import Job, race

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS, THREADS = 10_000, 16
#: So long the clock runs on with every look at it.
TICK = dt.timedelta(seconds=2)
QUARTER = HOUR / 4


class Everybody:
    """Each verb with a target that is drawn when it is its turn."""

    def __init__(self, cast: Cast, resources: list[Resource]) -> None:
        self.cast, self.resources = cast, resources
        self.came_of: Counter[tuple[str, str]] = Counter()

    def step(self, seed: int) -> Job:
        dice = random.Random(seed)
        verb = dice.choice(VERBS)

        def job() -> None:
            try:
                verb(self, dice)
            except DomainError as error:
                self.came_of[verb.__name__, type(error).__name__] += 1
            else:
                self.came_of[verb.__name__, "done"] += 1

        return job

    def when(self, dice: random.Random, *, least: int = 0) -> dict[str, Any]:
        """One to six quarters of an hour, in the next hours."""
        now = clock.now()
        start = now - (now - tomorrow_at(0)) % QUARTER
        start += dice.randint(least, 40) * QUARTER
        return {"starts_at": start, "ends_at": start + dice.randint(1, 6) * QUARTER}

    def guest(self, dice: random.Random) -> User:
        return dice.choice([self.cast.booker, self.cast.stranger])

    def decider(self, dice: random.Random) -> User:
        return dice.choice([self.cast.manager, self.cast.staff])

    def one(self, dice: random.Random, *statuses: str) -> dict[str, Any]:
        """A late one, mostly of a status that fits; and somebody who may do it."""
        rows = Reservation.objects.sent().order_by("-pk")
        if statuses and dice.random() < 0.8:
            rows = rows.filter(status__in=statuses)
        some = list(rows.select_related("requested_by")[:40])
        if not some:
            return {"reference": "22222222", "actor": self.cast.staff}
        made = dice.choice(some)
        return {"reference": made.reference, "actor": made.requested_by}

    def reserve(self, dice: random.Random) -> None:
        resource = dice.choice(self.resources)
        quantity = dice.randint(1, 3) if resource.is_pool else 1
        wanted = Wish(**self.when(dice, least=1), quantity=quantity)
        reserve(resource, self.guest(dice), wanted)

    def move(self, dice: random.Random) -> None:
        reservation_move(**self.one(dice, "pending", "approved"), **self.when(dice))

    def cancel(self, dice: random.Random) -> None:
        lifecycle.reservation_cancel(**self.one(dice, "pending", "approved"))

    def approve(self, dice: random.Random) -> None:
        asked = self.one(dice, "pending") | {"actor": self.decider(dice)}
        reservation_approve(**asked)

    def decline(self, dice: random.Random) -> None:
        asked = self.one(dice, "pending") | {"actor": self.decider(dice)}
        reservation_decline(**asked, reason="Painting")

    def counter(self, dice: random.Random) -> None:
        asked = self.one(dice, "pending") | {"actor": self.decider(dice)}
        instead = dice.choice(self.resources).slug
        reservation_counter(**asked, resource=instead, **self.when(dice, least=1))

    def accept(self, dice: random.Random) -> None:
        offer_accept(**self.offered(dice))

    def pass_on(self, dice: random.Random) -> None:
        offer_pass(**self.offered(dice))

    def offered(self, dice: random.Random) -> dict[str, Any]:
        """A request with a counter-offer, or what the waiting list holds."""
        offers = Reservation.objects.filter(status="held").order_by("-pk")
        some = list(offers.select_related("instead_of", "requested_by")[:20])
        if not some:
            return self.one(dice, "pending")
        offer = dice.choice(some)
        made = offer.instead_of or offer
        return {"reference": made.reference, "actor": made.requested_by}

    def join(self, dice: random.Random) -> None:
        when = self.when(dice, least=1)
        longest = int((when["ends_at"] - when["starts_at"]) / dt.timedelta(minutes=1))
        waiting_join(
            actor=self.guest(dice),
            resource_slug=dice.choice(self.resources).slug,
            organisation_slug="",
            want=Want(when["starts_at"], when["ends_at"] + HOUR, longest),
            purpose="Whenever it is free",
        )

    def repeat(self, dice: random.Random) -> None:
        when = self.when(dice, least=1)
        first = when["starts_at"].astimezone(SOFIA).replace(tzinfo=None)
        length = int((when["ends_at"] - when["starts_at"]) / dt.timedelta(minutes=1))
        pattern = Pattern(Repeats.DAILY, first, length, count=dice.randint(2, 3))
        slug = dice.choice(self.resources).slug
        wanted = SeriesWish(slug, "", pattern, "Daily")
        series_create(actor=self.guest(dice), wish=wanted, keep=dice.random() < 0.7)

    def of_series(self, dice: random.Random) -> dict[str, Any]:
        some = list(Series.objects.order_by("-pk")[:10])
        if not some:
            raise Missing
        series = dice.choice(some)
        chosen = Chosen(series.reference, dice.choice(Which.values), dice.randint(1, 2))
        return {"actor": series.requested_by, "chosen": chosen}

    def shift(self, dice: random.Random) -> None:
        change = Change(shift=dice.randint(-8, 100) * QUARTER)
        keep = dice.random() < 0.5
        series_change(**self.of_series(dice), change=change, keep=keep)

    def end_series(self, dice: random.Random) -> None:
        series_cancel(**self.of_series(dice))

    def ask_for_kit(self, dice: random.Random) -> None:
        parts = dice.sample(self.resources, 2)
        kit_reserve(
            actor=self.guest(dice),
            organisation_slug="",
            parts=[PartWish(each.slug, 1) for each in parts],
            wish=Wish(**self.when(dice, least=1)),
            purpose="A pilot",
            idempotency=None,
        )

    def of_kit(self, dice: random.Random) -> dict[str, Any]:
        ahead = Reservation.objects.filter(
            status__in=MOVABLE, ends_at__gt=clock.now(), kit__isnull=False
        )
        some = list(Kit.objects.filter(pk__in=ahead.values("kit")).order_by("-pk")[:10])
        if not some:
            raise Missing
        kit = dice.choice(some)
        made = kit.parts.select_related("requested_by").first()
        assert made is not None
        return {"actor": made.requested_by, "reference": kit.reference}

    def move_kit(self, dice: random.Random) -> None:
        kit_move(**self.of_kit(dice), **self.when(dice, least=1))

    def cancel_kit(self, dice: random.Random) -> None:
        kit_cancel(**self.of_kit(dice))

    def begun(
        self, dice: random.Random, by: dt.datetime, statuses: Iterable[str]
    ) -> Reservation:
        """One of the last that began by then, and nobody came to."""
        rows = Reservation.objects.filter(status__in=statuses, starts_at__lte=by)
        rows = rows.exclude(history__action=History.Action.CHECKED_IN)
        some = list(rows.select_related("requested_by").order_by("-starts_at")[:20])
        if not some:
            raise Missing
        return dice.choice(some)

    def check_in(self, dice: random.Random) -> None:
        made = self.begun(dice, clock.now() + QUARTER, [Status.APPROVED])
        lifecycle.reservation_check_in(
            actor=made.requested_by, reference=made.reference
        )

    def check_out(self, dice: random.Random) -> None:
        lifecycle.reservation_check_out(**self.one(dice, "in_use"))

    def miss(self, dice: random.Random) -> None:
        gone = self.begun(dice, clock.now(), no_shows.MISSABLE).reference
        no_shows.reservation_miss(actor=self.cast.manager, reference=gone)

    def was_there(self, dice: random.Random) -> None:
        gone = self.one(dice, "no_show") | {"actor": self.cast.staff}
        no_shows.reservation_was_there(**gone)

    def sweep(self, dice: random.Random) -> None:
        """What the clock does."""
        dice.choice(SWEEPS)()


SWEEPS: list[Callable[[], Any]] = [
    lifecycle.reservations_expire_lapsed,
    lifecycle.reservations_complete_ended,
    no_shows.reservations_miss_absent,
    waiting_sweep,
    series_wanted_book,
]
RARE = [
    Everybody.cancel,
    Everybody.decline,
    Everybody.counter,
    Everybody.accept,
    Everybody.pass_on,
    Everybody.join,
    Everybody.repeat,
    Everybody.shift,
    Everybody.end_series,
    Everybody.ask_for_kit,
    Everybody.move_kit,
    Everybody.cancel_kit,
    Everybody.check_in,
    Everybody.check_out,
    Everybody.miss,
    Everybody.was_there,
    Everybody.sweep,
]
VERBS = [*RARE, *[Everybody.reserve] * 4, *[Everybody.move] * 2, Everybody.approve]


def test_ten_thousand_steps__of_every_kind__never_two_in_one_slot_and_no_fault(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortly = {"needs_approval": True, "decide_within_hours": 1}
    given: dict[str, Any] = {"organisation": cast.host, "site": cast.lab.site}
    pool = factories.open_lab(units=3, policy=shortly, **given)
    parts = [
        factories.open_lab(policy={"turnaround_minutes": 15}, **given) for _ in range(2)
    ]
    hall = factories.hall(parts)
    factories.set_policy(hall, turnaround_minutes=30, **shortly)
    factories.publish(hall)
    looks, begins = itertools.count(), tomorrow_at(8)
    monkeypatch.setattr(clock, "now", lambda: begins + next(looks) * TICK)

    everybody = Everybody(cast, [cast.lab, cast.studio, pool, hall, *parts])
    jobs = [everybody.step(seed) for seed in range(OPERATIONS)]
    faults = [each for each in race(jobs, THREADS) if isinstance(each, Exception)]

    assert not faults, Counter(map(repr, faults)).most_common(5)
    done = {verb for verb, what in everybody.came_of if what == "done"}
    never = {verb.__name__ for verb in VERBS} - done
    assert not never, f"{never}: {sorted(everybody.came_of.items())}"
    assert_all_is_well()
