from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import Reservation
from booking.periods import Period
from booking.selectors.presence import Presence, State, Taken, presence, presence_of
from booking.services.lifecycle import reservation_check_in
from config import clock
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR

NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
OPEN = [Period(NOON - 3 * HOUR, NOON + 6 * HOUR)]


def taken(start: float, end: float, status: str = "approved", units: int = 1) -> Taken:
    """Hours from noon; half an hour of turnaround."""
    free_at = NOON + (end + 0.5) * HOUR
    return Taken(NOON + start * HOUR, NOON + end * HOUR, free_at, status, "", "", units)


def judged(*rows: Taken, opened: list[Period] = OPEN, units: int = 1) -> Presence:
    given: dict[str, Any] = {"units": units, "is_pool": units > 1}
    return presence(NOON, opened=opened, taken=rows, **given)


@pytest.mark.parametrize(
    ("rows", "state", "until"),
    [
        ([], State.FREE, 6),
        ([taken(2, 3)], State.FREE, 2),
        ([taken(-1, 1, "in_use")], State.IN_USE, 1),
        ([taken(0, 1)], State.WAITING, 1),
        ([taken(0, 1, "pending")], State.ASKED, 1),
        ([taken(0, 1, "held")], State.HELD, 1),
        ([taken(-1, 0, "in_use")], State.PREPARING, 0.5),
        ([taken(-2, -0.5, "in_use")], State.FREE, 6),
    ],
)
def test_presence__of_a_lab__is_told(
    rows: list[Taken], state: State, until: float
) -> None:
    found = judged(*rows)
    assert (found.state, found.until) == (state, NOON + until * HOUR)


def test_presence__closed__until_it_opens() -> None:
    later = [Period(NOON + HOUR, NOON + 2 * HOUR)]
    assert judged(opened=later).state == State.CLOSED
    assert judged(opened=later).until == NOON + HOUR
    assert judged(opened=[]).until is None
    # Whoever is in there is in there, whatever the hours say.
    assert judged(taken(-1, 1, "in_use"), opened=[]).state == State.IN_USE


def test_presence__always_open__has_no_end() -> None:
    always = [Period(NOON - HOUR, NOON + 1000 * HOUR)]
    assert judged(opened=always).until is None


def test_presence__pool__is_free_while_one_is() -> None:
    some = judged(taken(-1, 1, "in_use", 2), taken(2, 3, units=2), units=3)
    assert (some.state, some.free, some.until) == (State.FREE, 1, NOON + 6 * HOUR)
    soon = judged(taken(-1, 4, "in_use", 2), taken(2, 3), units=3)
    assert soon.until == NOON + 2 * HOUR
    full = judged(taken(-1, 4, "in_use", 2), taken(-1, 1), units=3)
    assert (full.state, full.free, full.until) == (State.IN_USE, 0, NOON + HOUR)


def test_presence_of__hall_and_parts__show_what_each_has(
    cast: Cast, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    hall = factories.hall([cast.lab, cast.studio])
    factories.set_policy(hall)
    factories.publish(hall)
    mine = factories.reserve(cast.lab, cast.booker, factories.wish(10))
    factories.reserve(hall, cast.booker, factories.wish(14))
    then, two = factories.tomorrow_at(10, 15), factories.tomorrow_at(14)
    monkeypatch.setattr(clock, "now", lambda: then)
    reservation_check_in(actor=cast.booker, reference=mine.reference)

    with django_assert_num_queries(3 + 1):
        found = presence_of(Resource.objects.all(), then)

    states = {each: found[each.pk].state for each in (cast.lab, cast.studio, hall)}
    assert states == {
        cast.lab: State.IN_USE,
        cast.studio: State.FREE,
        hall: State.IN_USE,
    }
    assert found[cast.studio.pk].until == two
    assert [each.units for each in found[hall.pk].coming] == [2]
    assert found[hall.pk].now[0].organisation == "Startup"


def test_presence_of__lapsed_request__holds_nothing(cast: Cast) -> None:
    asked = factories.reserve(cast.studio, cast.booker, factories.wish(10))
    then = factories.tomorrow_at(10, 15)
    Reservation.objects.filter(pk=asked.pk).update(lapses_at=then)
    assert presence_of([cast.studio], then)[cast.studio.pk].state == State.FREE
