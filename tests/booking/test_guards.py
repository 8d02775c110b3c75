"""What the database itself refuses, whoever writes and by whatever path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import Favourite, History, Occupancy, Policy, Reservation
from booking.models.policy import OthersSee
from booking.models.reservation import Status
from booking.services.ledger import sqlstate
from config.errors import from_integrity_error
from labs.models import Unit
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, tomorrow_at


@contextmanager
def assert_refused_by(name: str) -> Iterator[None]:
    """The block must break that constraint, and leaves the transaction usable."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        yield
    diagnosis = getattr(refused.value.__cause__, "diag", None)
    assert getattr(diagnosis, "constraint_name", None) == name


def a_reservation(cast: Cast, **fields: Any) -> Reservation:
    """Write a row past every service, tomorrow at ten and approved unless told."""
    start = tomorrow_at(10)
    given: dict[str, Any] = {
        "resource": cast.lab,
        "organisation": cast.startup,
        "requested_by": cast.booker,
        "status": Status.APPROVED,
        "starts_at": start,
        "ends_at": start + HOUR,
        "free_at": start + HOUR,
        "purpose": "Recording a pilot",
        "created_at": start - DAY,
    }
    return Reservation.objects.create(**given | fields)


# History


def test_history__changed_or_deleted__is_refused_by_every_path(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    row = made.history.get()
    row.reason = "Rewritten"
    paths: list[Callable[[], object]] = [
        row.save,
        row.delete,
        lambda: History.objects.update(reason="Rewritten"),
        lambda: History.objects.filter(pk=row.pk).delete(),
    ]
    for path in paths:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            path()
        assert sqlstate(refused.value) == "23001"
    assert made.history.get().reason == ""


def test_history__its_reservation__cannot_be_deleted(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    with pytest.raises(models.ProtectedError):
        made.delete()
    made.occupancy.all().delete()
    past_django = "DELETE FROM booking_reservation"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="booking_history"):
            cursor.execute(past_django)


# The ledger


def occupy(made: Reservation, start: dt.datetime, end: dt.datetime) -> Occupancy:
    unit = Unit.objects.get(resources=made.resource)
    return Occupancy.objects.create(
        unit=unit, reservation=made, during=DateTimeTZRange(start, end)
    )


@pytest.mark.parametrize(("start", "end"), [(10, 11), (9, 12), (9, 11), (11, 13)])
def test_occupancy__overlap_on_one_unit__is_refused(
    cast: Cast, start: int, end: int
) -> None:
    occupy(a_reservation(cast), tomorrow_at(10), tomorrow_at(12))
    other = a_reservation(cast)
    with assert_refused_by("booking_occupancy_no_overlap"):
        occupy(other, tomorrow_at(start), tomorrow_at(end))


def test_occupancy__touching_or_on_another_unit__is_accepted(cast: Cast) -> None:
    made = a_reservation(cast)
    occupy(made, tomorrow_at(10), tomorrow_at(12))
    occupy(made, tomorrow_at(12), tomorrow_at(13))
    occupy(made, tomorrow_at(9), tomorrow_at(10))
    other = a_reservation(cast, resource=cast.studio)
    occupy(other, tomorrow_at(10), tomorrow_at(12))
    assert Occupancy.objects.count() == 4


def test_occupancy__empty__is_refused(cast: Cast) -> None:
    made = a_reservation(cast)
    with assert_refused_by("booking_occupancy_not_empty"):
        occupy(made, tomorrow_at(10), tomorrow_at(10))


# Reservations


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        (
            "booking_reservation_order",
            lambda s: {"ends_at": s, "free_at": s},
            lambda s: {"ends_at": s + dt.timedelta.resolution},
        ),
        (
            "booking_reservation_free_after_end",
            lambda s: {"free_at": s + HOUR - dt.timedelta.resolution},
            lambda s: {"free_at": s + HOUR},
        ),
        (
            "booking_reservation_bounded",
            lambda s: {"free_at": s + 32 * DAY + dt.timedelta.resolution},
            lambda s: {"free_at": s + 32 * DAY},
        ),
        (
            "booking_reservation_counts",
            lambda s: {"quantity": 0},
            lambda s: {"quantity": 1},
        ),
        (
            "booking_reservation_counts",
            lambda s: {"people": 0},
            lambda s: {"people": 1},
        ),
        (
            "booking_reservation_status",
            lambda s: {"status": "lost"},
            lambda s: {"status": "no_show"},
        ),
        (
            "booking_reservation_lapses",
            lambda s: {"status": "pending"},
            lambda s: {"status": "pending", "lapses_at": s},
        ),
        (
            "booking_reservation_lapses",
            lambda s: {"status": "approved", "lapses_at": s},
            lambda s: {"status": "held", "lapses_at": s},
        ),
    ],
)
def test_reservation__beyond_a_check__is_refused_and_at_its_edge_accepted(
    cast: Cast,
    name: str,
    wrong: Callable[[dt.datetime], dict[str, Any]],
    right: Callable[[dt.datetime], dict[str, Any]],
) -> None:
    with assert_refused_by(name):
        a_reservation(cast, **wrong(tomorrow_at(10)))
    assert a_reservation(cast, **right(tomorrow_at(10))).pk


def test_reservation__same_key_of_one_person__is_refused(cast: Cast) -> None:
    a_reservation(cast, idempotency_key="k")
    with assert_refused_by("booking_reservation_idempotency"):
        a_reservation(cast, idempotency_key="k")
    assert a_reservation(cast, idempotency_key="k", requested_by=cast.stranger).pk
    assert a_reservation(cast).pk != a_reservation(cast).pk


def test_reservation__same_reference__is_refused(cast: Cast) -> None:
    made = a_reservation(cast)
    with assert_refused_by("booking_reservation_reference"):
        a_reservation(cast, reference=made.reference)


def test_constraint__with_a_code__becomes_a_refusal_not_a_fault(cast: Cast) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        a_reservation(cast, ends_at=tomorrow_at(10))
    told = from_integrity_error(refused.value)
    assert told is not None
    assert (told.status, told.code) == (409, "reversed_times")


# Policies


def test_policy__of_two_owners__is_refused(cast: Cast) -> None:
    lab = factories.resource()
    with assert_refused_by("booking_policy_one_owner"):
        Policy.objects.create(resource=lab, organisation=cast.host)
    assert Policy.objects.create(organisation=cast.host).pk


def test_policy__second_for_the_hub__is_refused(db: None) -> None:
    with assert_refused_by("booking_policy_one_hub"):
        Policy.objects.create(**Policy.FIRST_VALUES)


@pytest.mark.parametrize("value", Policy.VALUES)
def test_policy__hub_without_a_value__is_refused(cast: Cast, value: str) -> None:
    hub = Policy.objects.filter(resource=None, organisation=None)
    with assert_refused_by("booking_policy_hub_is_whole"):
        hub.update(**{value: None})
    assert Policy.objects.filter(resource=cast.lab).update(**{value: None}) == 1


def test_policy__others_see_what_is_no_choice__is_refused(cast: Cast) -> None:
    of_lab = Policy.objects.filter(resource=cast.lab)
    with assert_refused_by("booking_policy_others_see"):
        of_lab.update(others_see="nobody")
    assert of_lab.update(others_see=OthersSee.ORGANISATION) == 1


# All of them


def test_favourite__twice__is_one(cast: Cast) -> None:
    Favourite.objects.create(user=cast.booker, resource=cast.lab)
    with assert_refused_by("booking_favourite_once"):
        Favourite.objects.create(user=cast.booker, resource=cast.lab)


def test_guards__every_constraint_of_ours__is_tested_here(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conname FROM pg_constraint
            JOIN pg_class t ON t.oid = conrelid
            WHERE contype IN ('c', 'x', 'u') AND conname LIKE 'booking\\_%%'
              AND (conname !~ '_check$|_key$|_uniq$')
            UNION
            SELECT indexrelid::regclass::text FROM pg_index
            WHERE indisunique AND indpred IS NOT NULL
              AND indexrelid::regclass::text LIKE 'booking\\_%%'
            """
        )
        ours = {row[0] for row in cursor.fetchall()}
    files = Path(__file__).parent.glob("test_guards*.py")
    text = "".join(file.read_text() for file in files)
    assert len(ours) > 10
    assert {name for name in ours if f'"{name}"' not in text} == set()
