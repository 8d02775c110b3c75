"""What a refusal offers instead: near, like it, and really to be had."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from booking.exceptions import RuleViolation, SlotTaken
from booking.models import EffectivePolicy, Reservation
from booking.periods import Period
from booking.selectors.alternatives import (
    AROUND,
    MOST,
    alternatives_for,
    nearest,
    on_grid_near,
)
from booking.selectors.facts import Wish
from booking.services.reservations import reservation_move
from labs.models import Resource
from tests import factories
from tests.booking.examples import at, examples, rolled_back
from tests.booking.hubs import SOFIA, hubs, period
from tests.booking.oracle import MINUTE, Hub, every_step
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, tomorrow_at, wish

#: The evenings before both changes of the clocks, and a quiet one.
EVENINGS = [
    dt.datetime(2027, 3, 27, 20, tzinfo=dt.UTC),
    dt.datetime(2027, 10, 30, 20, tzinfo=dt.UTC),
    dt.datetime(2027, 6, 7, 20, tzinfo=dt.UTC),
]


def on_grid(instant: dt.datetime, grid: int) -> bool:
    wall = instant.astimezone(SOFIA)
    return (wall.hour * 60 + wall.minute) % grid == 0


def distance(place: dt.datetime, wanted: Period) -> tuple[dt.timedelta, dt.datetime]:
    return abs(place - wanted.start), place


@examples(300)
@given(
    st.sampled_from(EVENINGS),
    st.sampled_from([5, 15, 30, 60]),
    st.tuples(st.integers(0, 120), st.integers(1, 200)),
    st.tuples(st.integers(-60, 200), st.integers(1, 24)),
)
def test_on_grid_near__any_slot_and_wish__is_the_nearest_of_all_places(
    evening: dt.datetime, grid: int, slot: tuple[int, int], wanted: tuple[int, int]
) -> None:
    free = Period(*period(evening, *slot))
    asked = Period(*period(evening, wanted[0], wanted[1] * grid // 5))
    length = asked.end - asked.start
    places = [
        start
        for start in every_step(free.start, free.end)
        if on_grid(start, grid) and start + length <= free.end
    ]
    best = min(places, key=lambda place: distance(place, asked), default=None)
    found = on_grid_near(free, asked, grid, SOFIA)
    assert found == (best and Period(best, best + length))


@examples(200)
@given(
    st.sampled_from(EVENINGS),
    st.sampled_from([5, 30, 120, 180, 360, 720, 1440]),
    st.tuples(st.integers(-300, 300), st.integers(1, 600)),
    st.tuples(st.integers(-300, 300), st.integers(1, 300)),
)
def test_on_grid_near__any_grid__is_in_the_slot_and_on_the_grid(
    evening: dt.datetime, grid: int, slot: tuple[int, int], wanted: tuple[int, int]
) -> None:
    # A coarse grid and a change of clocks may leave no place, but never a wrong one.
    free, asked = Period(*period(evening, *slot)), Period(*period(evening, *wanted))
    found = on_grid_near(free, asked, grid, SOFIA)
    if found is not None:
        assert free.contains(found)
        assert found.end - found.start == asked.end - asked.start
        assert all(on_grid(edge, grid) for edge in found)


def test_nearest__many_slots__three_with_the_nearest_first() -> None:
    ten = tomorrow_at(10)
    slots = [Period(ten + n * DAY, ten + n * DAY + HOUR) for n in (-3, 1, -1, 2, 3)]
    wanted = Period(ten, ten + HOUR)
    starts = [place.start for place in nearest(slots, wanted, 15, SOFIA)]
    assert starts == [ten - DAY, ten + DAY, ten + 2 * DAY]
    assert nearest([], wanted, 15, SOFIA) == []


def refusal(hub: Hub, resource: Resource, asked: Wish) -> dict[str, Any] | None:
    with rolled_back():
        try:
            reserve(resource, hub.booker, asked)
        except (SlotTaken, RuleViolation) as error:
            return error.extra
    return None


@pytest.mark.django_db
@examples(10)
@given(hubs(), st.data())
def test_alternatives__of_any_refusal__can_be_reserved_and_the_first_is_the_nearest(
    hub: Hub, data: st.DataObject
) -> None:
    start, end = period(
        hub.now.replace(second=0, minute=0) + HOUR,
        data.draw(st.integers(0, 300)),
        data.draw(st.sampled_from([6, 12, 24])),
    )
    quantity, people = (
        data.draw(st.sampled_from([1, 1, 2, 4])),
        data.draw(st.integers(1, 4)),
    )
    asked = Wish(start, end, people, quantity)
    with rolled_back(), at(hub.now):
        hub.save()
        for resource, thing in zip(hub.saved, hub.things, strict=True):
            if not thing.is_published:
                continue
            refused = refusal(hub, resource, asked)
            if refused is None:
                continue
            rows = refused["alternatives"]
            near = [row for row in rows if row["why"] == "nearest_time"]
            like = [row for row in rows if row["why"] == "same_kind"]
            later = [row for row in rows if row["why"] == "other_day"]
            assert rows == near + later + like
            assert max(len(near), len(like)) <= MOST
            assert [row["resource"] for row in later] in ([], [resource.slug])
            assert {row["resource"] for row in near} <= {resource.slug}
            assert resource.slug not in {row["resource"] for row in like}
            for row in rows:
                place = Wish(row["starts_at"], row["ends_at"], people, quantity)
                other = Resource.objects.get(slug=row["resource"])
                assert refusal(hub, other, place) is None, (row, asked)
            within = start - AROUND, end + AROUND
            # As long as asked, or the nearest that the rules of the resource allow.
            policy = EffectivePolicy.objects.get(resource=resource)
            minutes = policy.length_near(int((end - start).total_seconds()))
            length = dt.timedelta(minutes=minutes)
            possible = hub.starts(thing, within, length, quantity)
            if thing.people < people:
                possible = set()
            wanted = Period(start, start + length)
            best = min((distance(p, wanted) for p in possible), default=None)
            first = distance(near[0]["starts_at"], wanted) if near else None
            assert (first and first[0]) == (best and best[0])


def test_alternatives__other_kinds_drafts_and_smaller_ones__are_not_offered(
    cast: Cast,
) -> None:
    given: dict[str, Any] = {"organisation": cast.host, "site": cast.lab.site}
    factories.open_lab(**given, kind="premises")
    factories.open_lab(**given, listing="draft")
    factories.open_lab(**given, people=1)
    fitting = factories.open_lab(**given, people=3)
    reserve(cast.lab, cast.booker)
    with pytest.raises(SlotTaken) as refused:
        reserve(cast.lab, cast.booker, wish(10, people=3))
    rows = refused.value.extra["alternatives"]
    like = {row["resource"] for row in rows if row["why"] == "same_kind"}
    assert like == {cast.studio.slug, fitting.slug}


def test_alternatives__of_a_move__count_its_own_time_as_free(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(10, 2))
    reserve(cast.lab, cast.stranger, wish(14, 2))
    reserve(cast.lab, cast.stranger, wish(8, 1))
    with pytest.raises(SlotTaken) as refused:
        reservation_move(
            actor=cast.booker,
            reference=made.reference,
            starts_at=tomorrow_at(13),
            ends_at=tomorrow_at(15),
        )
    first = refused.value.extra["alternatives"][0]
    # An hour later than now, partly where it is already.
    assert (first["starts_at"], first["ends_at"]) == (tomorrow_at(12), tomorrow_at(14))
    assert Reservation.objects.get(pk=made.pk).starts_at == tomorrow_at(10)


def test_alternatives__beside_fifty_others__take_three_queries(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(50):
        factories.resource(organisation=cast.host, site=cast.lab.site)
    reserve(cast.lab, cast.booker)
    cast.booker.roles  # noqa: B018 - asked once for every request, before
    # The policy with the site, the resource's own slots, those of its kind.
    with django_assert_num_queries(3):
        rows = alternatives_for(cast.booker, cast.lab, wish())
    assert rows[0]["starts_at"] - wish().starts_at in {HOUR, -HOUR, 60 * MINUTE}
