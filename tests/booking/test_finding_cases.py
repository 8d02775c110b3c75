"""The finder in cases that chance meets too seldom, and its number of statements."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import Reservation
from booking.periods import Period
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, first_free, free_slots, resources_free
from config import clock
from labs.models import Resource
from tests import factories
from tests.booking.examples import at
from tests.factories import DAY, HOUR, reserve, tomorrow_at


def take(lab: Resource, *spans: tuple[dt.datetime, dt.datetime]) -> None:
    """Reserve at any five minutes, whatever its grid is afterwards."""
    booker = factories.person(lab.organisation)
    factories.set_policy(lab, start_grid_minutes=5)
    for span in spans:
        reserve(lab, booker, Wish(*span))


def test_free_slots__two_seats_free_before_one_mark__is_said_once(db: None) -> None:
    pool = factories.open_lab(units=2)
    take(
        pool,
        (tomorrow_at(8), tomorrow_at(10, 5)),
        (tomorrow_at(8), tomorrow_at(10, 10)),
        (tomorrow_at(12), tomorrow_at(13)),
    )
    factories.set_policy(pool, start_grid_minutes=60)
    search = Search(tomorrow_at(9), tomorrow_at(14), 60)
    # Both seats can be had from eleven; the one that is free for longer counts.
    assert free_slots(pool, search, clock.now()) == [
        Period(tomorrow_at(11), tomorrow_at(14)),
        Period(tomorrow_at(13), tomorrow_at(14)),
    ]


def test_free__of_a_pool__counts_the_seats_that_are_left(db: None) -> None:
    pool = factories.open_lab(units=3)
    # Two seats are taken at some time of the window, each by two parties.
    take(
        pool,
        (tomorrow_at(10), tomorrow_at(11)),
        (tomorrow_at(10), tomorrow_at(11)),
        (tomorrow_at(11), tomorrow_at(12)),
        (tomorrow_at(11), tomorrow_at(12)),
    )
    for quantity, offered in ((1, [pool]), (2, []), (3, [])):
        wish = Wish(tomorrow_at(10), tomorrow_at(12), quantity=quantity)
        assert resources_free(Resource.objects.all(), wish, clock.now()) == offered


def test_first_free__first_gap_has_no_mark_with_room__is_in_the_next(
    db: None,
) -> None:
    lab = factories.open_lab()
    take(
        lab,
        (tomorrow_at(8), tomorrow_at(9, 10)),
        # 65 minutes, of which 15 are left from ten o'clock on.
        (tomorrow_at(10, 15), tomorrow_at(11)),
        # And an hour, of which nothing is left.
        (tomorrow_at(12), tomorrow_at(13, 5)),
    )
    factories.set_policy(lab, start_grid_minutes=60)
    search = Search(tomorrow_at(8), tomorrow_at(20), 60)
    found = first_free(Resource.objects.all(), search, clock.now())
    assert [row.starts_at for row in found] == [tomorrow_at(11)]
    take(lab, (tomorrow_at(11), tomorrow_at(12)))
    factories.set_policy(lab, start_grid_minutes=60)
    found = first_free(Resource.objects.all(), search, clock.now())
    assert [row.starts_at for row in found] == [tomorrow_at(14)]


# How many statements


@pytest.mark.parametrize("number", [1, 50])
def test_finding__each_question__is_one_statement_for_any_number_of_rows(
    db: None, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner, site = factories.organisation(), factories.site()
    booker = factories.person(owner)
    labs = [
        factories.open_lab(organisation=owner, site=site, units=1 + n % 3)
        for n in range(number)
    ]
    for n, lab in enumerate(labs[::2]):
        reserve(lab, booker, factories.wish(8 + n % 8))
    start = tomorrow_at(7)
    wish, search = Wish(start, start + HOUR), Search(start, start + DAY, 60)
    everything, now = Resource.objects.all(), clock.now()
    with django_assert_num_queries(1):
        free = resources_free(everything, wish, now)
        assert len(free) == number
        assert {lab.site.slug for lab in free} == {site.slug}
        assert {lab.organisation.slug for lab in free} == {owner.slug}
        assert {lab.effective_policy.notice_minutes for lab in free} == {0}
    with django_assert_num_queries(1):
        assert len(first_free(everything, search, now)) == number
    with django_assert_num_queries(1):
        assert free_slots(labs[0], search, now)


def test_finding__reservations_grow__answers_stay_one_statement(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lab = factories.open_lab()
    booker = factories.person(lab.organisation)
    for n in range(50):
        start = tomorrow_at(8, days=1 + n // 5) + n % 5 * 2 * HOUR
        reserve(lab, booker, Wish(start, start + HOUR))
    assert Reservation.objects.count() == 50
    begin = tomorrow_at(0)
    with django_assert_num_queries(1):
        slots = free_slots(lab, Search(begin, begin + 10 * DAY, 60), clock.now())
    # Four gaps between five a day, and the night; the first and the last are cut off.
    assert len(slots) == 51


# Nights


def test_free_slots__across_midnight__are_one_slot(db: None) -> None:
    lab = factories.open_lab()
    booker = factories.person(lab.organisation)
    for hour, days in ((20, 1), (4, 2)):
        start = tomorrow_at(hour, days=days)
        reserve(lab, booker, Wish(start, start + HOUR))
    search = Search(tomorrow_at(20), tomorrow_at(5, days=2), minutes=60)
    assert free_slots(lab, search, clock.now()) == [
        Period(tomorrow_at(21), tomorrow_at(4, days=2))
    ]


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        (dt.datetime(2027, 3, 27, 20, tzinfo=dt.UTC), 23),
        (dt.datetime(2027, 10, 30, 19, tzinfo=dt.UTC), 25),
    ],
)
def test_free_slots__day_and_night_on_the_day_of_a_change__are_as_long(
    db: None, evening: dt.datetime, hours: int
) -> None:
    with at(evening):
        lab = factories.open_lab(policy={"max_duration_minutes": 26 * 60})
        search = Search(tomorrow_at(0), tomorrow_at(0, days=2), hours * 60)
        (slot,) = free_slots(lab, search, evening)
        assert slot.end - slot.start == hours * HOUR
        booker = factories.person(lab.organisation)
        made = reserve(lab, booker, Wish(slot.start, slot.end))
        assert free_slots(lab, search, evening) == []
        assert made.ends_at == tomorrow_at(0, days=2)


SPRING = dt.datetime(2027, 3, 27, 20, tzinfo=dt.UTC)
AUTUMN = dt.datetime(2027, 10, 30, 20, tzinfo=dt.UTC)
LORD_HOWE = dt.datetime(2027, 4, 3, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("evening", "zone", "until", "grid", "then"),
    [
        # 02:50, and the clock goes on from 03:00 to 04:00.
        (SPRING, "Europe/Sofia", (0, 50), 15, (1, 0)),
        (SPRING, "Europe/Sofia", (0, 50), 60, (1, 0)),
        # Every two hours: from 02:10 the next mark is 04:00, which is an hour early.
        (SPRING, "Europe/Sofia", (0, 10), 120, (1, 0)),
        # 03:10 and 03:50 for the first time; after 03:59 it is 03:00 once more.
        (AUTUMN, "Europe/Sofia", (0, 10), 15, (0, 15)),
        (AUTUMN, "Europe/Sofia", (0, 50), 15, (1, 0)),
        (AUTUMN, "Europe/Sofia", (0, 50), 60, (1, 0)),
        (AUTUMN, "Europe/Sofia", (1, 10), 15, (1, 15)),
        # Every two hours: the second 03:00 is no mark, 04:00 is.
        (AUTUMN, "Europe/Sofia", (0, 50), 120, (2, 0)),
        # 01:40 for the first time, in the half hour that Lord Howe has twice.
        (LORD_HOWE, "Australia/Lord_Howe", (14, 40), 15, (14, 45)),
        (LORD_HOWE, "Australia/Lord_Howe", (14, 50), 30, (15, 0)),
    ],
)
def test_free_slots__from_within_the_night_of_a_change__begin_at_the_next_mark(
    db: None,
    evening: dt.datetime,
    zone: str,
    until: tuple[int, int],
    grid: int,
    then: tuple[int, int],
) -> None:
    night = (evening + DAY if evening.hour == 20 else evening).date()
    taken, expected = (
        dt.datetime.combine(night, dt.time(*clock_), dt.UTC) for clock_ in (until, then)
    )
    with at(evening):
        lab = factories.open_lab(site=factories.site(time_zone=zone))
        take(lab, (taken - HOUR, taken))
        factories.set_policy(lab, start_grid_minutes=grid)
        search = Search(taken - HOUR, taken + DAY, max(grid, 30))
        (slot,) = free_slots(lab, search, evening)
        assert slot.start == expected
        (first,) = first_free(Resource.objects.all(), search, evening)
        assert first.starts_at == expected
        booker = factories.person(lab.organisation)
        length = max(grid, 30) * HOUR / 60
        assert reserve(lab, booker, Wish(expected, expected + length)).occupies
