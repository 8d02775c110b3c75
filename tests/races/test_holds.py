"""What an open form holds, against those who want it and against the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

import pytest

from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.holds import (
    HOLD,
    MOST_HOLDS,
    hold_release,
    hold_renew,
    reservation_hold,
)
from booking.services.lifecycle import reservations_expire_lapsed
from booking.services.reservations import Idempotency
from labs.models import User
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
Clocks = Callable[[dt.datetime, Job], Job]
TICK = dt.timedelta.resolution


def holding(cast: Cast, by: User, hour: int, key: str) -> Job:
    return partial(
        reservation_hold,
        actor=by,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        wish=wish(hour),
        key=key,
    )


def sending(cast: Cast, hour: int, key: str) -> Job:
    known = Idempotency(key, "hash of the body")
    return partial(reserve, cast.lab, cast.booker, wish(hour), idempotency=known)


def test_hold_against_reserve__on_one_slot__one_gets_it(cast: Cast) -> None:
    for n in range(ROUNDS):
        take = partial(reserve, cast.lab, cast.stranger, wish(6 + n))
        hold = holding(cast, cast.booker, 6 + n, f"form {n}")
        found = outcomes(race([hold, take, hold, take]))
        # The form's second hold is its first one.
        assert found in (
            {"held": 2, "SlotTaken": 2},
            {"approved": 1, "SlotTaken": 3},
        )
    assert_all_is_well()


def test_send__twice_while_held_again__makes_one(cast: Cast) -> None:
    for n in range(ROUNDS):
        key = f"form {n}"
        held = holding(cast, cast.booker, 6 + n, key)()
        send, hold = sending(cast, 6 + n, key), holding(cast, cast.booker, 6 + n, key)
        race([send, hold, send, hold])
        made = Reservation.objects.get(idempotency_key=key)
        assert (made.pk, made.status) == (held.pk, Status.APPROVED)
        assert [row.action for row in made.history.all()] == ["reserved"]
    assert_all_is_well()


def test_send_against_release__of_ones_own_form__is_sent(cast: Cast) -> None:
    for n in range(ROUNDS):
        key = f"form {n}"
        holding(cast, cast.booker, 6 + n, key)()
        release = partial(hold_release, actor=cast.booker, key=key)
        race([sending(cast, 6 + n, key), release, release])
        made = Reservation.objects.get(idempotency_key=key)
        assert made.status == Status.APPROVED
    assert_all_is_well()


def test_hold__many_forms_of_one_person_at_once__are_three(cast: Cast) -> None:
    jobs = [holding(cast, cast.booker, 4 + n, f"form {n}") for n in range(12)]
    assert outcomes(race(jobs)) == {"held": 12}
    assert Reservation.objects.count() == MOST_HOLDS
    assert_all_is_well()


def test_renew_against_lapse__one_wins(cast: Cast, clocks: Clocks) -> None:
    for n in range(ROUNDS):
        key = f"form {n}"
        held = holding(cast, cast.booker, 6 + n, key)()
        renew = partial(hold_renew, actor=cast.booker, key=key)
        # At the last moment by one clock, a moment too late by the other.
        in_time = clocks(held.lapses_at - TICK, renew)
        sweep = clocks(held.lapses_at, reservations_expire_lapsed)
        take = clocks(
            held.lapses_at, partial(reserve, cast.lab, cast.stranger, wish(6 + n))
        )
        renewed, _swept, taken = race([in_time, sweep, take])
        left = Reservation.objects.filter(pk=held.pk).first()
        if left is None:
            assert outcomes([renewed, taken]) == {"WrongStatus": 1, "approved": 1}
        else:
            assert outcomes([renewed, taken]) == {"held": 1, "SlotTaken": 1}
            assert left.lapses_at == held.lapses_at + HOLD
    assert_all_is_well()


def test_send_against_lapse__one_wins(cast: Cast, clocks: Clocks) -> None:
    for n in range(ROUNDS):
        key = f"form {n}"
        held = holding(cast, cast.booker, 6 + n, key)()
        in_time = clocks(held.lapses_at - TICK, sending(cast, 6 + n, key))
        sweep = clocks(held.lapses_at, reservations_expire_lapsed)
        take = clocks(
            held.lapses_at, partial(reserve, cast.lab, cast.stranger, wish(6 + n))
        )
        sent, _swept, taken = race([in_time, sweep, take])
        assert outcomes([sent, taken]) == {"approved": 1, "SlotTaken": 1}
    assert_all_is_well()
