"""The same once more: the next free one of the same weekday and hour."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import Reservation
from booking.models.reservation import Status
from booking.selectors.again import again_slots, last_reservations
from booking.selectors.facts import Wish
from booking.services.lifecycle import reservation_cancel
from config import clock
from labs.models import Membership
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, SOFIA

WEEK = 7 * DAY


def slot_of(reservation: Reservation) -> Any:
    read = Reservation.objects.select_related("resource__site").get(pk=reservation.pk)
    return again_slots([read], clock.now()).get(reservation.pk)


def later(reservation: Reservation, weeks: int) -> dt.datetime:
    """The start so many weeks later, by the clock on the wall."""
    wall = reservation.starts_at.astimezone(SOFIA).replace(tzinfo=None)
    return (wall + weeks * WEEK).replace(tzinfo=SOFIA).astimezone(dt.UTC)


def test_again__free_next_week__is_the_same_hour_next_week(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker, factories.wish(10, 2))
    slot = slot_of(made)
    assert slot == (later(made, 1), later(made, 1) + 2 * HOUR)


def test_again__next_week_taken__is_the_week_after(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    start = later(made, 1)
    factories.reserve(cast.lab, cast.stranger, Wish(start, start + HOUR))
    assert slot_of(made).start == later(made, 2)


def test_again__long_ago__is_in_the_week_that_comes(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    start = factories.tomorrow_at(10, days=-34)
    end = start + HOUR
    Reservation.objects.update(starts_at=start, ends_at=end, free_at=end)
    made.occupancy.all().delete()
    slot = slot_of(made)
    assert clock.now() < slot.start <= clock.now() + WEEK
    assert slot.start.astimezone(SOFIA).hour == 10


def test_again__too_short_notice__is_the_first_that_the_rules_allow(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    factories.set_policy(cast.lab, notice_minutes=10 * 1440)
    assert slot_of(made).start == later(made, 2)


def test_again__closed_or_unpublished__is_nothing(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    factories.publish(cast.lab, ())
    assert slot_of(made) is None
    factories.publish(cast.lab)
    assert slot_of(made)
    cast.lab.listing = "archived"
    cast.lab.save()
    assert slot_of(made) is None


def test_again__pool__needs_as_many_units(cast: Cast) -> None:
    pool = factories.open_lab(units=3, organisation=cast.host)
    made = factories.reserve(pool, cast.booker, factories.wish(quantity=2))
    start = later(made, 1)
    factories.reserve(pool, cast.stranger, Wish(start, start + HOUR))
    assert slot_of(made).start == later(made, 1)
    factories.reserve(pool, cast.stranger, Wish(start, start + HOUR))
    assert slot_of(made).start == later(made, 2)


def test_again__many__is_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    for hour in (10, 12, 14):
        factories.reserve(cast.lab, cast.booker, factories.wish(hour))
    rows = list(Reservation.objects.select_related("resource__site"))
    with django_assert_num_queries(0):
        assert again_slots([], clock.now()) == {}
    with django_assert_num_queries(1):
        assert len(again_slots(rows, clock.now())) == 3


def test_last__several__the_newest_of_each_resource(cast: Cast) -> None:
    factories.reserve(cast.lab, cast.booker, factories.wish(10))
    newest = factories.reserve(cast.lab, cast.booker, factories.wish(12))
    other = factories.reserve(cast.studio, cast.booker)
    factories.reserve(cast.lab, cast.stranger, factories.wish(14))
    assert last_reservations(cast.booker, 3) == [other, newest]
    assert last_reservations(cast.booker, 1) == [other]


@pytest.mark.parametrize("why", ["cancelled", "archived", "left"])
def test_last__not_to_be_had_again__is_left_out(cast: Cast, why: str) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    assert last_reservations(cast.booker, 3) == [made]
    if why == "cancelled":
        reservation_cancel(actor=cast.booker, reference=made.reference)
        made.refresh_from_db()
        assert made.status == Status.CANCELLED
    elif why == "archived":
        cast.lab.listing = "archived"
        cast.lab.save()
    else:
        Membership.objects.filter(user=cast.booker).delete()
        del cast.booker.roles
    assert last_reservations(cast.booker, 3) == []
