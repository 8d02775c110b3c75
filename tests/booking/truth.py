"""What must hold at every moment, looked at twice: in the ledger and without it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import combinations, pairwise

from django.db import connection

from booking.models import History, Occupancy, Reservation
from booking.models.reservation import Status
from labs.models import Coverage

TWICE = """
SELECT a.unit_id, a.during, a.reservation_id, b.during, b.reservation_id
FROM booking_occupancy a
JOIN booking_occupancy b
    ON b.unit_id = a.unit_id AND b.id > a.id AND b.during && a.during
"""


def units_taken_twice() -> list[str]:
    """The pairs of ledger rows that claim one unit at one time."""
    with connection.cursor() as cursor:
        cursor.execute(TWICE)
        return [str(row) for row in cursor.fetchall()]


def coverage() -> dict[int, set[int]]:
    """The units that each resource covers."""
    covered: dict[int, set[int]] = defaultdict(set)
    for resource, unit in Coverage.objects.values_list("resource", "unit"):
        covered[resource].add(unit)
    return covered


def overbooked() -> list[str]:
    """The clashes that the reservations alone show, without a look at the ledger.

    Labs and halls clash where they share a unit. What is taken of a pool at any moment
    must be as many as it has; those that took it all count as a hall does.
    """
    every = Reservation.objects.occupying().select_related("resource")
    held = list(every.order_by("pk"))
    covered = coverage()
    clashes = []
    for one, other in combinations(held, 2):
        if other.instead_of_id == one.pk:
            # They share what both want of it: only one of the two will be.
            continue
        apart = one.free_at <= other.starts_at or other.free_at <= one.starts_at
        both_whole = not (one.resource.is_pool or other.resource.is_pool)
        shared = covered[one.resource_id] & covered[other.resource_id]
        if shared and both_whole and not apart:
            clashes.append(f"{one} and {other}")
    for moment in held:
        units = covered[moment.resource_id]
        taken = sum(
            other.quantity
            for other in held
            if other.resource_id == moment.resource_id
            and other.instead_of_id is None
            and other.starts_at <= moment.starts_at < other.free_at
        )
        if moment.resource.is_pool and taken > len(units):
            clashes.append(f"{taken} of {len(units)} at {moment.starts_at}")
    return clashes


def assert_ledger_is_true() -> None:
    """No unit is taken twice; the ledger has what occupies and nothing else."""
    assert units_taken_twice() == []
    assert overbooked() == []
    in_ledger = ledger()
    for offer in Reservation.objects.exclude(instead_of=None):
        in_ledger.pop(offer.pk, None)
        assert_counter_is_held(offer)
    assert in_ledger == expected_ledger()
    covered = coverage()
    for unit, resource in Occupancy.objects.values_list(
        "unit", "reservation__resource"
    ):
        assert unit in covered[resource]


def assert_counter_is_held(offer: Reservation) -> None:
    """All of what is offered is held, by the offer or by its request; no more is."""
    pool = offer.resource.is_pool
    needed = offer.quantity if pool else len(coverage()[offer.resource_id])
    own = Occupancy.objects.filter(reservation=offer)
    both = Occupancy.objects.filter(reservation__in=[offer.pk, offer.instead_of_id])
    minute = offer.starts_at
    while minute < offer.free_at:
        assert both.filter(during__contains=minute).count() >= needed
        minute += dt.timedelta(minutes=15)
    for during in own.values_list("during", flat=True):
        assert offer.starts_at <= during.lower < during.upper <= offer.free_at


Row = tuple[dt.datetime, dt.datetime]


def ledger() -> dict[int, list[Row]]:
    """The periods that the ledger has of each reservation, one for each unit."""
    found: dict[int, list[Row]] = defaultdict(list)
    for pk, during in Occupancy.objects.values_list("reservation", "during"):
        found[pk].append((during.lower, during.upper))
    return dict(found)


def expected_ledger() -> dict[int, list[Row]]:
    """What the ledger must have, going by the reservations' statuses alone."""
    covered = coverage()
    expected = {}
    every = Reservation.objects.occupying().select_related("resource")
    for made in every.filter(instead_of=None):
        pool = made.resource.is_pool
        units = made.quantity if pool else len(covered[made.resource_id])
        expected[made.pk] = [(made.starts_at, made.free_at)] * units
    return expected


def assert_history_is_whole() -> None:
    """Each step goes on from the last one, up to what the reservation is now."""
    steps: dict[int, list[History]] = defaultdict(list)
    for row in History.objects.order_by("pk"):
        steps[row.reservation_id].append(row)
    for made in Reservation.objects.all():
        rows = steps[made.pk]
        if made.status == Status.HELD and made.offered_to_id is None:
            assert not rows, f"{made} is nobody's business yet"
            continue
        assert rows, f"{made} has no history"
        assert rows[-1].to_status == made.status
        assert rows[0].from_status == ""
        for before, after in pairwise(rows):
            assert after.from_status == before.to_status
        assert [row.at for row in rows] == sorted(row.at for row in rows)
        # One for making it, and one more with every step.
        assert made.version == len(rows)


def assert_all_is_well() -> None:
    assert_ledger_is_true()
    assert_history_is_whole()
