"""Series against series, against single reservations, and against their own shift."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from booking.models import Reservation, Series
from booking.models.reservation import Status
from booking.services.lifecycle import reservation_cancel
from booking.services.series import series_create
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from booking.services.series_wanted import series_wanted_book
from tests.booking.series import reserve_series, series_wish, states
from tests.booking.test_series import in_weeks
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def test_create__sixteen_on_the_same_dates__one_gets_them(cast: Cast) -> None:
    asked = series_wish(cast.lab, cast.booker)
    jobs = [partial(series_create, actor=cast.booker, wish=asked)] * THREADS
    assert outcomes(race(jobs)) == {"done": 1, "SeriesClash": THREADS - 1}
    assert Reservation.objects.count() == 4
    assert_all_is_well()


def test_create__keep_against_single_ones__each_slot_once(cast: Cast) -> None:
    asked = series_wish(cast.lab, cast.booker)
    jobs: list[Any] = [partial(series_create, actor=cast.booker, wish=asked, keep=True)]
    jobs += [
        partial(reserve, cast.lab, cast.stranger, in_weeks(n % 4)) for n in range(15)
    ]
    random.Random(5).shuffle(jobs)
    came_of_it = outcomes(race(jobs, THREADS))
    assert set(came_of_it) <= {"done", "approved", "SlotTaken", "SeriesClash"}
    assert Reservation.objects.count() == 4
    assert_all_is_well()


def test_wanted__freed_and_swept_by_sixteen__is_booked_once(cast: Cast) -> None:
    other = reserve(cast.lab, cast.stranger, in_weeks(1))
    made = reserve_series(cast.lab, cast.booker, keep=True)
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    booked = race([series_wanted_book] * THREADS)
    assert sum(booked) == 1
    assert states(made) == ["booked"] * 4
    assert_all_is_well()


def test_everything__at_random__keeps_the_ledger_true(cast: Cast) -> None:
    dice = random.Random(7)
    made = [
        reserve_series(cast.lab, cast.booker, hour=hour, repeats="daily", count=5)
        for hour in (6, 9, 12)
    ]
    jobs: list[Callable[[], Any]] = []
    for n in range(120):
        series = dice.choice(made)
        hour = dice.randrange(5, 15)
        chosen = Chosen(series.reference, dice.choice(Which.values), dice.randint(1, 5))
        known: dict[str, Any] = {"actor": cast.booker, "chosen": chosen}
        shift = Change(shift=dice.randint(-2, 25) * HOUR)
        asked = series_wish(cast.lab, cast.stranger, hour=hour, repeats="daily")
        cancel = partial(series_cancel, **known)
        moved = partial(series_change, change=shift, keep=dice.random() < 0.5, **known)
        single = partial(reserve, cast.lab, cast.stranger, in_weeks(0, hour))
        create = partial(series_create, actor=cast.stranger, wish=asked, keep=True)
        rest: list[Callable[[], Any]] = [
            moved,
            moved,
            single,
            create,
            series_wanted_book,
        ]
        jobs.append(cancel if n % 12 == 0 else dice.choice(rest))
    came_of_it = outcomes(race(jobs, THREADS))
    refusals = {"SlotTaken", "SeriesClash", "WrongStatus"}
    assert set(came_of_it) <= refusals | {"done", "approved"}
    assert came_of_it["done"] >= 20
    assert came_of_it["SeriesClash"]
    assert Series.objects.count() > len(made)
    assert Reservation.objects.filter(status=Status.APPROVED).exists()
    assert_all_is_well()
