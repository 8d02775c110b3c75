"""The ledger of what is taken: the one way to occupy a unit or release it.

Order of work: lock the units in order of id, turn what has lapsed on them to expired,
gather facts, run the rules, write. The lock gives clean answers and no deadlocks; the
exclusion constraint under it is the guarantee.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.exceptions import Busy, SlotTaken
from booking.models import Occupancy, Reservation
from booking.periods import Period, subtract
from booking.signals import time_freed

#: Longer than any honest transaction here, shorter than a person's patience.
LOCK_TIMEOUT_MS = 3_000
LOCK_NOT_AVAILABLE, DEADLOCK, EXCLUSION = "55P03", "40P01", "23P01"

# Written out, as Django takes longer to compose these two than PostgreSQL to answer.
LOCK = """
SELECT id FROM labs_unit
WHERE id IN (SELECT unit_id FROM labs_coverage WHERE resource_id = ANY (%s))
ORDER BY id FOR NO KEY UPDATE
"""
LOCK_GUESTS = """
SELECT FROM labs_organisation WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE
"""
TAKEN = """
SELECT unit_id FROM booking_occupancy
WHERE unit_id = ANY (%s) AND during && %s AND reservation_id IS DISTINCT FROM %s
"""


def sqlstate(error: Exception) -> str | None:
    """Return PostgreSQL's five-character code behind a Django database error."""
    return getattr(error.__cause__, "sqlstate", None)


@contextmanager
def writing() -> Iterator[None]:
    """Open the transaction of a service; waiting too long for a lock is `Busy`."""
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
            yield
    except OperationalError as error:
        if sqlstate(error) in {LOCK_NOT_AVAILABLE, DEADLOCK}:
            raise Busy from error
        raise


def lock_units(resource_ids: Iterable[int]) -> list[int]:
    """Lock the units that these resources cover until the transaction ends.

    Returns their ids in the order of locking, which is the same for everybody. They
    are those of before we waited: `facts_gather` tells whether a hall grew meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(resource_ids)])
        return [pk for (pk,) in cursor.fetchall()]


def lock_guests(organisation_ids: Iterable[int]) -> None:
    """Let what an organisation reserves take turns, on whichever units it is.

    After the units, always, and all of a transaction's in one go: where a quota or an
    allowance counts several resources.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK_GUESTS, [list(organisation_ids)])


def free_units(
    unit_ids: Sequence[int],
    starts_at: dt.datetime,
    free_at: dt.datetime,
    *,
    apart_from: Reservation | None = None,
) -> list[int]:
    """Return those of the units that nobody has in `[starts_at, free_at)`."""
    during = DateTimeTZRange(starts_at, free_at)
    but = apart_from.pk if apart_from else None
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [list(unit_ids), during, but])
        busy = {pk for (pk,) in cursor.fetchall()}
    return [pk for pk in unit_ids if pk not in busy]


def choose_units(
    unit_ids: Sequence[int], free: Sequence[int], *, is_pool: bool, quantity: int
) -> list[int]:
    """Return the units to occupy: all of a lab or hall, `quantity` of a pool.

    Raises SlotTaken where not enough of them are free.
    """
    needed = quantity if is_pool else len(unit_ids)
    if len(free) < needed or not needed:
        raise SlotTaken
    return list(free[:needed])


@contextmanager
def _taken_when_refused() -> Iterator[None]:
    """Turn the constraint's refusal into SlotTaken; the transaction is over then."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate(error) == EXCLUSION:
            raise SlotTaken from error
        raise


def occupy(reservation: Reservation, unit_ids: Sequence[int]) -> None:
    """Write the rows of a reservation that occupies.

    What a counter-offer shares with its request is the request's already, so its hold
    has the rest. Raises SlotTaken where the constraint refuses; the caller's
    transaction must end.
    """
    whole = Period(reservation.starts_at, reservation.free_at)
    shared: dict[int, list[Period]] = defaultdict(list)
    if reservation.instead_of_id:
        theirs = Occupancy.objects.filter(reservation=reservation.instead_of_id)
        for unit_id, during in theirs.values_list("unit", "during"):
            shared[unit_id].append(Period(during.lower, during.upper))
    with _taken_when_refused():
        Occupancy.objects.bulk_create(
            Occupancy(
                unit_id=pk, reservation=reservation, during=DateTimeTZRange(*piece)
            )
            for pk in unit_ids
            for piece in subtract([whole], shared[pk])
        )


def occupy_many(reservations: Iterable[tuple[Reservation, Sequence[int]]]) -> None:
    """Write the rows of many reservations at once: a series, or an import's thousands.

    Raises SlotTaken, and writes none, where any of them overlaps another or the ledger.
    """
    columns = "(unit_id, reservation_id, during)"
    with (
        _taken_when_refused(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY booking_occupancy {columns} FROM STDIN") as copy,
    ):
        for reservation, unit_ids in reservations:
            during = DateTimeTZRange(reservation.starts_at, reservation.free_at)
            for pk in unit_ids:
                copy.write_row((pk, reservation.pk, during))


def release(reservation: Reservation) -> None:
    """Delete the rows of a reservation that no longer occupies; history keeps it."""
    Occupancy.objects.filter(reservation=reservation).delete()
    say_freed([reservation.resource_id])


def say_freed(resource_ids: Sequence[int]) -> None:
    """Tell after commit that there is time again in these, for those who wait for it.

    Robust: what was done stands, and the sweep finds what nobody heard.
    """
    send = partial(time_freed.send, sender=Occupancy, resource_ids=list(resource_ids))
    transaction.on_commit(send, robust=True)


def release_many(reservations: Iterable[Reservation]) -> None:
    """Delete the rows of all of these at once."""
    every = list(reservations)
    Occupancy.objects.filter(reservation__in=[each.pk for each in every]).delete()
    say_freed(sorted({each.resource_id for each in every}))


def release_units(resource_id: int, unit_ids: Sequence[int]) -> None:
    """Delete the rows that reservations of this resource have on these units."""
    Occupancy.objects.filter(
        reservation__resource=resource_id, unit__in=unit_ids
    ).delete()
    say_freed([resource_id])
