"""What the database itself refuses of series and of their dates."""

from __future__ import annotations

from typing import Any

import pytest

from booking.models import Series, SeriesDate
from booking.series import Repeats
from config import clock
from tests.booking.series import reserve_series
from tests.booking.test_guards import assert_refused_by
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at


def a_series(cast: Cast, **fields: Any) -> Series:
    """Write a row past every service: the lab each week, from tomorrow at ten."""
    start = tomorrow_at(10)
    given: dict[str, Any] = {
        "resource": cast.lab,
        "organisation": cast.startup,
        "requested_by": cast.booker,
        "purpose": "Every week",
        "repeats": Repeats.WEEKLY,
        "first_on": start.date(),
        "clock": start.time(),
        "minutes": 60,
        "created_at": clock.now(),
    }
    return Series.objects.create(**given | fields)


def a_date(of: Series, **fields: Any) -> SeriesDate:
    start = tomorrow_at(10)
    given: dict[str, Any] = {
        "series": of,
        "number": 1,
        "starts_at": start,
        "ends_at": start + HOUR,
        "state": SeriesDate.State.WANTED,
    }
    return SeriesDate.objects.create(**given | fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("booking_series_counts", {"people": 0}),
        ("booking_series_counts", {"quantity": 0}),
        ("booking_series_counts", {"minutes": 0}),
        ("booking_series_repeats", {"repeats": "never"}),
    ],
)
def test_series__what_makes_no_sense__is_refused(
    cast: Cast, name: str, fields: dict[str, Any]
) -> None:
    with assert_refused_by(name):
        a_series(cast, **fields)


def test_series__same_reference__is_refused(cast: Cast) -> None:
    first = a_series(cast)
    with assert_refused_by("booking_series_reference"):
        a_series(cast, reference=first.reference)


def test_series__same_key_of_one_person__is_refused(cast: Cast) -> None:
    a_series(cast, idempotency_key="once")
    a_series(cast, idempotency_key="once", requested_by=cast.colleague)
    for _ in range(2):
        a_series(cast)
    with assert_refused_by("booking_series_idempotency"):
        a_series(cast, idempotency_key="once")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("booking_seriesdate_order", {"ends_at": tomorrow_at(10)}),
        ("booking_seriesdate_state", {"state": "asleep"}),
        ("booking_seriesdate_booked", {"state": SeriesDate.State.BOOKED}),
    ],
)
def test_date__what_makes_no_sense__is_refused(
    cast: Cast, name: str, fields: dict[str, Any]
) -> None:
    of = a_series(cast)
    with assert_refused_by(name):
        a_date(of, **fields)


def test_date__same_number_of_one_series__is_refused(cast: Cast) -> None:
    of = a_series(cast)
    a_date(of)
    a_date(of, number=2)
    a_date(a_series(cast))
    with assert_refused_by("booking_seriesdate_number"):
        a_date(of)


@pytest.mark.parametrize("state", ["wanted", "skipped", "cancelled"])
def test_date__with_a_reservation_but_not_booked__is_refused(
    cast: Cast, state: str
) -> None:
    booked = reserve_series(cast.lab, cast.booker).dates.filter(number=1)
    with assert_refused_by("booking_seriesdate_booked"):
        booked.update(state=state)
