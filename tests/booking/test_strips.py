"""The day beside a card: what is open, what of it is taken, and what that leaves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.selectors.facts import Wish
from booking.selectors.strips import Strip, strips
from booking.weekly import DAYS, WeeklyHours
from config import clock
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, SOFIA

Hours = list[tuple[float, float]]


def day_of(resource: Resource, days: int = 1) -> Strip:
    day = factories.tomorrow_at(12, days=days).astimezone(SOFIA).date()
    return strips([resource], day, clock.now())[resource.pk]


def hours(strip: Strip, of: str) -> Hours:
    """Periods of the strip, in hours since its day began."""
    return [
        tuple((edge - strip.day.start).total_seconds() / 3600 for edge in period)
        for period in getattr(strip, of)
    ]


@pytest.fixture
def office(cast: Cast) -> Resource:
    factories.publish(cast.lab, (WeeklyHours(DAYS, 540, 1080),))
    return cast.lab


def test_strip__taken_in_the_middle__is_free_around(
    cast: Cast, office: Resource
) -> None:
    factories.reserve(office, cast.stranger, factories.wish(11, 2))
    strip = day_of(office)
    assert hours(strip, "open") == [(9, 18)]
    assert hours(strip, "taken") == [(11, 13)]
    assert hours(strip, "free") == [(9, 11), (13, 18)]


def test_strip__turnaround__is_taken_before_and_after(
    cast: Cast, office: Resource
) -> None:
    factories.set_policy(office, turnaround_minutes=30)
    factories.reserve(office, cast.stranger, factories.wish(11, 2))
    assert hours(day_of(office), "free") == [(9, 10.5), (13.5, 18)]


def test_strip__pool__is_taken_when_every_unit_is(cast: Cast) -> None:
    pool = factories.open_lab(units=2, organisation=cast.host)
    factories.reserve(pool, cast.stranger, factories.wish(10, 3))
    assert hours(day_of(pool), "taken") == []
    factories.reserve(pool, cast.booker, factories.wish(12, 3))
    assert hours(day_of(pool), "taken") == [(12, 13)]


def test_strip__hall__is_taken_when_any_part_is(cast: Cast) -> None:
    hall = factories.hall([cast.lab, cast.studio])
    factories.publish(hall)
    factories.reserve(cast.lab, cast.stranger, factories.wish(10, 1))
    assert hours(day_of(hall), "taken") == [(10, 11)]
    assert hours(day_of(cast.studio), "taken") == []


def test_strip__closed_or_over__is_not_open(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert day_of(cast.lab, days=-2).open == []
    now = factories.tomorrow_at(15)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert hours(day_of(cast.lab, days=0), "open") == [(15, 24)]


def test_strip__day_of_the_autumn_change__is_an_hour_longer(cast: Cast) -> None:
    day = dt.date(2027, 10, 31)
    strip = strips([cast.lab], day, clock.now())[cast.lab.pk]
    assert strip.day.end - strip.day.start == DAY + factories.HOUR


def test_strips__many__one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    start = factories.tomorrow_at(10)
    factories.reserve(cast.lab, cast.stranger, Wish(start, start + factories.HOUR))
    day = start.astimezone(SOFIA).date()
    with django_assert_num_queries(0):
        assert strips([], day, clock.now()) == {}
    with django_assert_num_queries(1):
        found = strips([cast.lab, cast.studio], day, clock.now())
    assert hours(found[cast.lab.pk], "taken") == [(10, 11)]
    assert hours(found[cast.studio.pk], "taken") == []
