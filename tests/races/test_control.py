"""The guards taken away one by one: the race is real, and this is who does what."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from booking.exceptions import SlotTaken
from booking.models import Occupancy, Reservation
from booking.services import ledger
from labs.models import Unit
from tests.booking.truth import overbooked, units_taken_twice
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10
RACERS = 8


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The units are read as ever, only not locked."""

    def only_read(resource_ids: Iterable[int]) -> list[int]:
        units = Unit.objects.filter(coverage__resource__in=list(resource_ids))
        return sorted(set(units.values_list("pk", flat=True)))

    monkeypatch.setattr(ledger, "lock_units", only_read)


@contextmanager
def dropped_constraint() -> Iterator[None]:
    (constraint,) = (
        found
        for found in Occupancy._meta.constraints
        if found.name == "booking_occupancy_no_overlap"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(Occupancy, constraint)
    try:
        yield
    finally:
        # What was booked twice would not let it come back.
        Occupancy.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Occupancy, constraint)


@pytest.fixture
def no_constraint(db: None) -> Iterator[None]:
    with dropped_constraint():
        yield


@pytest.fixture(autouse=True)
def slow_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody think for a moment between looking and writing."""
    looked = ledger.free_units

    def look_and_wait(*given: Any, **named: Any) -> list[int]:
        found = looked(*given, **named)
        time.sleep(0.005)
        return found

    monkeypatch.setattr(ledger, "free_units", look_and_wait)


def a_round(cast: Cast, hour: int) -> dict[str, int]:
    jobs = [partial(reserve, cast.lab, cast.booker, wish(hour))] * RACERS
    return outcomes(race(jobs))


def test_control__no_lock_and_no_constraint__books_twice(
    cast: Cast, no_lock: None, no_constraint: None
) -> None:
    for n in range(ROUNDS):
        if a_round(cast, 8 + n).get("approved", 0) > 1:
            break
    else:
        pytest.fail(
            f"{ROUNDS} rounds of {RACERS} and no race: what do the others show?"
        )
    assert units_taken_twice()
    assert overbooked()


def test_control__no_lock__the_constraint_lets_one_win(
    cast: Cast, no_lock: None
) -> None:
    for n in range(ROUNDS // 3):
        came_of_it = a_round(cast, 8 + n)
        assert came_of_it["approved"] == 1
        # Without the lock PostgreSQL may have to break a deadlock, which is Busy.
        assert set(came_of_it) <= {"approved", "SlotTaken", "Busy"}
    assert Reservation.objects.count() == ROUNDS // 3
    assert units_taken_twice() == overbooked() == []


def test_control__no_constraint__the_lock_lets_one_win(
    cast: Cast, no_constraint: None
) -> None:
    for n in range(ROUNDS // 3):
        assert a_round(cast, 8 + n) == {"approved": 1, "SlotTaken": RACERS - 1}
    assert units_taken_twice() == overbooked() == []


def test_control__after_it__the_constraint_is_back(cast: Cast, no_lock: None) -> None:
    with dropped_constraint():
        pass
    reserve(cast.lab, cast.booker)
    taken = Occupancy.objects.get()
    with pytest.raises(SlotTaken), transaction.atomic():
        ledger.occupy(taken.reservation, [taken.unit_id])
    assert Occupancy.objects.count() == 1
