"""The finder against a naive oracle, and against what `reserve` then says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.exceptions import RuleViolation, SlotTaken
from booking.periods import Period
from booking.selectors.facts import Wish
from booking.selectors.finding import Search, first_free, free_slots, resources_free
from config.errors import Missing
from labs.models import Resource
from tests.booking.examples import at, examples, rolled_back
from tests.booking.hubs import hubs, lengths, quantities, windows, wishes
from tests.booking.oracle import MINUTE, Hub, Thing, every_step
from tests.factories import reserve


def may_reserve(hub: Hub, resource: Resource, wish: Wish) -> bool:
    """Whether `reserve` accepts; nothing is left of it."""
    with rolled_back():
        try:
            return bool(reserve(resource, hub.booker, wish))
        except (RuleViolation, SlotTaken, Missing):
            return False


@pytest.mark.django_db
@examples(20)
@given(hubs(), st.data())
def test_free__any_window__is_what_the_oracle_finds_and_reserve_accepts(
    hub: Hub, data: st.DataObject
) -> None:
    wish = data.draw(wishes(hub))
    start, end = wish.starts_at, wish.ends_at
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
@examples(30)
@given(hubs(), st.data())
def test_free_slots__any_resource__offer_every_start_that_the_oracle_finds(
    hub: Hub, data: st.DataObject
) -> None:
    within, quantity = data.draw(windows(hub)), data.draw(quantities)
    # Somebody who moves a reservation does not stand in the own way.
    but = data.draw(st.sampled_from([None, *range(len(hub.taken))]))
    with rolled_back(), at(hub.now):
        hub.save()
        apart_from = None if but is None else hub.saved_taken[but].pk
        for resource, thing in zip(hub.saved, hub.things, strict=True):
            minutes = data.draw(lengths(thing))
            search = Search(*within, minutes, quantity, apart_from)
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
    within, quantity = data.draw(windows(hub)), data.draw(quantities)
    with rolled_back(), at(hub.now):
        hub.save()
        for resource, thing in zip(hub.saved, hub.things, strict=True):
            minutes = data.draw(lengths(thing))
            search = Search(*within, minutes, quantity)
            for slot in free_slots(resource, search, hub.now)[:3]:
                last = max(starts_within(hub, thing, [slot], minutes * MINUTE))
                for start in (slot.start, last):
                    end = start + minutes * MINUTE
                    wish = Wish(start, end, quantity=quantity)
                    assert may_reserve(hub, resource, wish) == thing.is_published


@pytest.mark.django_db
@examples(30)
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
