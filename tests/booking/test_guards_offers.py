"""What the database itself refuses of offers and of waiting lists."""

from __future__ import annotations

from typing import Any

import pytest

from booking.models import WaitingEntry
from booking.models.reservation import Status
from config import clock
from tests.booking.test_guards import a_reservation, assert_refused_by
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at


def an_entry(cast: Cast, **fields: Any) -> WaitingEntry:
    """Write a row past every service: an hour of the lab tomorrow, from ten to one."""
    start = tomorrow_at(10)
    given: dict[str, Any] = {
        "resource": cast.lab,
        "organisation": cast.startup,
        "person": cast.booker,
        "window_starts_at": start,
        "window_ends_at": start + 3 * HOUR,
        "minutes": 60,
        "purpose": "Recording a pilot",
        "created_at": clock.now(),
    }
    return WaitingEntry.objects.create(**given | fields)


def held(cast: Cast, **fields: Any) -> Any:
    lapses = {"lapses_at": tomorrow_at(9)}
    return a_reservation(cast, status=Status.HELD, **lapses | fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("booking_waiting_fits_window", {"minutes": 181}),
        ("booking_waiting_counts", {"people": 0}),
        ("booking_waiting_counts", {"quantity": 0}),
        ("booking_waiting_counts", {"minutes": 0}),
        ("booking_waiting_status", {"status": "asleep"}),
    ],
)
def test_waiting__what_makes_no_sense__is_refused(
    cast: Cast, name: str, fields: dict[str, Any]
) -> None:
    with assert_refused_by(name):
        an_entry(cast, **fields)


def test_waiting__same_reference__is_refused(cast: Cast) -> None:
    first = an_entry(cast)
    with assert_refused_by("booking_waiting_reference"):
        an_entry(cast, resource=cast.studio, reference=first.reference)


def test_waiting__twice_for_the_same_time__is_refused_while_it_waits(
    cast: Cast,
) -> None:
    first = an_entry(cast)
    with assert_refused_by("booking_waiting_once"):
        an_entry(cast, window_starts_at=first.window_ends_at - HOUR)
    an_entry(
        cast,
        window_starts_at=first.window_ends_at,
        window_ends_at=first.window_ends_at + HOUR,
    )
    first.status = WaitingEntry.Status.LEFT
    first.save()
    an_entry(cast)


def test_offer__two_to_one_entry_at_once__is_refused(cast: Cast) -> None:
    entry = an_entry(cast)
    first = held(cast, offered_to=entry)
    with assert_refused_by("booking_reservation_one_offer"):
        held(cast, offered_to=entry)
    first.status, first.lapses_at = Status.EXPIRED, None
    first.save()
    held(cast, offered_to=entry)


def test_counter__not_held__is_refused(cast: Cast) -> None:
    request = a_reservation(cast)
    name = "booking_reservation_counter_is_held"
    with assert_refused_by(name):
        a_reservation(cast, instead_of=request)
    with assert_refused_by(name):
        held(cast, instead_of=request, offered_to=an_entry(cast))
    held(cast, instead_of=request)
