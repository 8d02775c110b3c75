"""The finder against a naive oracle, and against what `reserve` then says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from booking.exceptions import RuleViolation, SlotTaken
from booking.models import Reservation
from booking.periods import Period
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, first_free, free_slots, resources_free
from config import clock
from config.errors import Missing
from labs.models import Resource
from tests import factories
from tests.booking.examples import at, examples, rolled_back
from tests.booking.hubs import hubs, period, windows
from tests.booking.oracle import MINUTE, Hub, Thing, every_step
from tests.factories import DAY, HOUR, reserve

quantities = st.sampled_from([1, 1, 2, 3, 4])


def may_reserve(hub: Hub, resource: Resource, wish: Wish) -> bool:
    """Whether `reserve` accepts; nothing is left of it."""
    with rolled_back():
        try:
            return bool(reserve(resource, hub.booker, wish))
        except (RuleViolation, SlotTaken, Missing):
            return False


@pytest.mark.django_db
@examples(25)
@given(hubs(), st.data())
def test_free__any_window__is_what_the_oracle_finds_and_reserve_accepts(
    hub: Hub, data: st.DataObject
) -> None:
    start, end = data.draw(
        st.tuples(st.integers(-12, 300), st.integers(1, 60)).map(
            lambda given: period(hub.now.replace(second=0), *given)
        )
    )
    wish = Wish(start, end, data.draw(st.integers(1, 4)), data.draw(quantities))
    with rolled_back(), at(hub.now):
        hub.save()
        found = resources_free(Resource.objects.all(), wish, hub.now)
        expected = {
            resource.slug
            for resource, thing in zip(hub.saved, hub.things, strict=True)
            if thing.is_published
            and thing.people >= wish.people
            and hub.allows(thing, start, end)
            and hub.is_free(thing, start, end, wish.quantity)
        }
        assert {resource.slug for resource in found} == expected
        for resource in hub.saved:
            offered = resource.slug in expected
            assert may_reserve(hub, resource, wish) == offered, resource


def starts_within(
    hub: Hub, thing: Thing, slots: list[Period], length: dt.timedelta
) -> set[dt.datetime]:
    """Every start that the slots offer: on the grid, as its end is."""
    return {
        start
        for slot in slots
        for start in every_step(slot.start, slot.end)
        if start + length <= slot.end
        and hub.on_grid(thing, start)
        and hub.on_grid(thing, start + length)
    }


@pytest.mark.django_db
@examples(40)
@given(hubs(), st.data())
def test_free_slots__any_resource__offer_every_start_that_the_oracle_finds(
    hub: Hub, data: st.DataObject
) -> None:
    within = data.draw(windows(hub))
    minutes = data.draw(st.sampled_from([5, 30, 45, 60, 120]))
    quantity = data.draw(quantities)
    but = data.draw(st.none() | st.integers(0, len(hub.taken))) or None
    but = but - 1 if but else None
    with rolled_back(), at(hub.now):
        hub.save()
        apart_from = None if but is None else hub.saved_taken[but].pk
        search = Search(*within, minutes, quantity, apart_from)
        for resource, thing in zip(hub.saved, hub.things, strict=True):
            slots = free_slots(resource, search, hub.now)
            length = minutes * MINUTE
            expected = hub.starts(thing, within, length, quantity, but)
            assert starts_within(hub, thing, slots, length) == expected
            # Each can be had from its very start, and none is said twice.
            assert {slot.start for slot in slots} <= expected
            assert slots == sorted(set(slots))
            starts = [slot.start for slot in slots]
            assert len(starts) == len(set(starts)), "each is the longest from its start"


@pytest.mark.django_db
@examples(12)
@given(hubs(), st.data())
def test_free_slots__both_ends_of_each__can_be_reserved(
    hub: Hub, data: st.DataObject
) -> None:
    within, minutes = data.draw(windows(hub)), data.draw(st.sampled_from([30, 60]))
    quantity = data.draw(quantities)
    with rolled_back(), at(hub.now):
        hub.save()
        for resource, thing in zip(hub.saved, hub.things, strict=True):
            search = Search(*within, minutes, quantity)
            for slot in free_slots(resource, search, hub.now)[:3]:
                last = max(starts_within(hub, thing, [slot], minutes * MINUTE))
                for start in (slot.start, last):
                    end = start + minutes * MINUTE
                    wish = Wish(start, end, quantity=quantity)
                    assert may_reserve(hub, resource, wish) == thing.is_published


@pytest.mark.django_db
@examples(40)
@given(hubs(), st.data())
def test_first_free__of_all__is_the_oracles_earliest_of_each(
    hub: Hub, data: st.DataObject
) -> None:
    within = data.draw(windows(hub))
    minutes, quantity = data.draw(st.sampled_from([30, 60])), data.draw(quantities)
    with rolled_back():
        hub.save()
        found = first_free(
            Resource.objects.all(), Search(*within, minutes, quantity), hub.now
        )
    expected = []
    for number, thing in enumerate(hub.things):
        starts = hub.starts(thing, within, minutes * MINUTE, quantity)
        if thing.is_published and starts:
            expected.append((min(starts), thing.name, f"thing-{number}"))
    assert [(row.starts_at, row.name, row.slug) for row in found] == sorted(expected)


def test_free_slots__two_seats_free_before_one_mark__is_said_once(db: None) -> None:
    pool = factories.open_lab(units=2, policy={"start_grid_minutes": 5})
    booker = factories.person(pool.organisation)
    for (from_, from_minute), (until, until_minute) in (
        ((8, 0), (10, 5)),
        ((8, 0), (10, 10)),
        ((12, 0), (13, 0)),
    ):
        start = factories.tomorrow_at(from_, from_minute)
        reserve(pool, booker, Wish(start, factories.tomorrow_at(until, until_minute)))
    factories.set_policy(pool, start_grid_minutes=60)
    search = Search(factories.tomorrow_at(9), factories.tomorrow_at(14), 60)
    # Both seats can be had from eleven; the one that is free for longer counts.
    assert free_slots(pool, search, clock.now()) == [
        Period(factories.tomorrow_at(11), factories.tomorrow_at(14)),
        Period(factories.tomorrow_at(13), factories.tomorrow_at(14)),
    ]


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
    start = factories.tomorrow_at(7)
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
        start = factories.tomorrow_at(8, days=1 + n // 5) + n % 5 * 2 * HOUR
        reserve(lab, booker, Wish(start, start + HOUR))
    assert Reservation.objects.count() == 50
    begin = factories.tomorrow_at(0)
    with django_assert_num_queries(1):
        slots = free_slots(lab, Search(begin, begin + 10 * DAY, 60), clock.now())
    # Four gaps between five a day, and the night; the first and the last are cut off.
    assert len(slots) == 51


# Nights


def test_free_slots__across_midnight__are_one_slot(db: None) -> None:
    lab = factories.open_lab()
    booker = factories.person(lab.organisation)
    for hour, days in ((20, 1), (4, 2)):
        start = factories.tomorrow_at(hour, days=days)
        reserve(lab, booker, Wish(start, start + HOUR))
    search = Search(
        factories.tomorrow_at(20), factories.tomorrow_at(5, days=2), minutes=60
    )
    assert free_slots(lab, search, clock.now()) == [
        Period(factories.tomorrow_at(21), factories.tomorrow_at(4, days=2))
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
        search = Search(
            factories.tomorrow_at(0), factories.tomorrow_at(0, days=2), hours * 60
        )
        (slot,) = free_slots(lab, search, evening)
        assert slot.end - slot.start == hours * HOUR
        booker = factories.person(lab.organisation)
        made = reserve(lab, booker, Wish(slot.start, slot.end))
        assert free_slots(lab, search, evening) == []
        assert made.ends_at == factories.tomorrow_at(0, days=2)
