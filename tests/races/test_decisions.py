"""Two who decide about one request, and the clock that decides if they do not."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from booking.models import Occupancy, Reservation
from booking.models.reservation import Status
from booking.services import changes
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.lifecycle import (
    reservation_cancel,
    reservation_check_in,
    reservations_complete_ended,
    reservations_expire_lapsed,
)
from config import clock
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def actions(made: Reservation) -> list[str]:
    return list(made.history.order_by("pk").values_list("action", flat=True))


def rounds(cast: Cast) -> list[Reservation]:
    """A request for each round, each at an hour of its own."""
    return [reserve(cast.studio, cast.booker, wish(6 + n)) for n in range(ROUNDS)]


def test_approve_against_cancel__one_wins_or_both_in_order(cast: Cast) -> None:
    for made in rounds(cast):
        known: dict[str, Any] = {"reference": made.reference}
        results = race(
            [
                partial(reservation_approve, actor=cast.manager, **known),
                partial(reservation_cancel, actor=cast.booker, **known),
            ]
        )
        # An approved one can be cancelled still; a cancelled one not approved.
        approved_first = ["requested", "approved", "cancelled"]
        assert (outcomes(results), actions(made)) in (
            ({"approved": 1, "cancelled": 1}, approved_first),
            ({"WrongStatus": 1, "cancelled": 1}, ["requested", "cancelled"]),
        )
        made.refresh_from_db()
        assert made.status == Status.CANCELLED
    assert not Occupancy.objects.exists()
    assert_all_is_well()


def test_approve_against_decline__the_first_one_counts(cast: Cast) -> None:
    won = set()
    for made in rounds(cast):
        known: dict[str, Any] = {"reference": made.reference}
        no = partial(reservation_decline, actor=cast.staff, reason="Painting", **known)
        yes = partial(reservation_approve, actor=cast.manager, **known)
        results = race([yes, no] * 2)
        made.refresh_from_db()
        assert outcomes(results) == {made.status: 1, "WrongStatus": 3}
        assert actions(made) == ["requested", made.status]
        decider = cast.manager if made.status == Status.APPROVED else cast.staff
        assert made.decided_by == decider
        won.add(made.status)
    assert won <= {Status.APPROVED, Status.DECLINED}
    assert_all_is_well()


def test_cancel__by_both_sides_at_once__happens_once(cast: Cast) -> None:
    for made in rounds(cast):
        known: dict[str, Any] = {"reference": made.reference}
        theirs = partial(
            reservation_cancel, actor=cast.manager, reason="Flood", **known
        )
        mine = partial(reservation_cancel, actor=cast.booker, **known)
        results = race([mine, theirs] * 2)
        assert outcomes(results) == {"cancelled": 1, "WrongStatus": 3}
        assert actions(made) == ["requested", "cancelled"]
    assert_all_is_well()


def test_expire_sweep_against_approve__one_wins(
    cast: Cast, clocks: Callable[[dt.datetime, Job], Job]
) -> None:
    factories.set_policy(cast.studio, needs_approval=True, decide_within_hours=1)
    for made in rounds(cast):
        assert made.lapses_at is not None
        approve = partial(
            reservation_approve, actor=cast.manager, reference=made.reference
        )
        # At the last moment by one clock, a moment too late by the other.
        in_time = clocks(made.lapses_at - dt.timedelta.resolution, approve)
        sweep = clocks(made.lapses_at, reservations_expire_lapsed)
        decided, *_swept = race([in_time, sweep, sweep])
        made.refresh_from_db()
        if made.status == Status.APPROVED:
            assert actions(made) == ["requested", "approved"]
        else:
            assert outcomes([decided]) == {"WrongStatus": 1}
            assert actions(made) == ["requested", "expired"]
    assert_all_is_well()


def test_complete_sweep_against_check_in__both_orders_are_whole(
    cast: Cast, clocks: Callable[[dt.datetime, Job], Job]
) -> None:
    for hour in range(6, 6 + ROUNDS):
        made = reserve(cast.lab, cast.booker, wish(hour))
        check_in = partial(
            reservation_check_in, actor=cast.booker, reference=made.reference
        )
        here = clocks(made.ends_at - dt.timedelta.resolution, check_in)
        sweep = clocks(made.free_at, reservations_complete_ended)
        race([here, sweep, sweep])
        made.refresh_from_db()
        assert actions(made) in (
            ["reserved", "completed"],
            ["reserved", "checked_in", "completed"],
            ["reserved", "checked_in"],
        )
    assert_all_is_well()


def test_reserve_halves__over_a_lapsed_hall__expires_it_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each half locks its own unit only, and both find the hall's request in their way.
    parts = [factories.open_lab(organisation=cast.host) for _ in range(2)]
    hall = factories.hall(parts)
    factories.set_policy(hall, needs_approval=True, decide_within_hours=1)
    factories.publish(hall)
    asked = [reserve(hall, cast.booker, wish(6 + n)) for n in range(ROUNDS)]
    later = clock.now() + dt.timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = changes.transition

    def find_and_wait(*given: Any, **named: Any) -> None:
        # Both have seen the request by the time that either writes.
        time.sleep(0.02)
        found(*given, **named)

    monkeypatch.setattr(changes, "transition", find_and_wait)
    for n in range(ROUNDS):
        results = race([partial(reserve, p, cast.stranger, wish(6 + n)) for p in parts])
        assert outcomes(results) == {"approved": 2}
    for made in asked:
        assert actions(made) == ["requested", "expired"]
    assert_all_is_well()
