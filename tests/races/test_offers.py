"""What is offered, and everybody who may answer, decide, lapse or want it at once."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from booking.models import Occupancy, Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.lifecycle import (
    reservation_cancel,
    reservations_expire_lapsed,
)
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.waiting import (
    Want,
    waiting_join,
    waiting_leave,
    waiting_sweep,
)
from labs.models import Resource, User
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
THREADS = 16


def countered(cast: Cast, hour: int) -> Reservation:
    """A request that is offered the other resource at the same hour."""
    made = reserve(cast.studio, cast.booker, wish(hour))
    return reservation_counter(
        actor=cast.manager,
        reference=made.reference,
        resource=cast.lab.slug,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
    )


def join(of: Resource, by: User, hour: int, length: int = 1) -> WaitingEntry:
    window = wish(hour, length)
    return waiting_join(
        actor=by,
        resource_slug=of.slug,
        organisation_slug="",
        want=Want(window.starts_at, window.ends_at, 60),
        purpose="Recording a pilot",
    )


def test_accept_against_everything__one_answer_counts(cast: Cast) -> None:
    for hour in range(6, 6 + ROUNDS):
        made = countered(cast, hour)
        known: dict[str, Any] = {"reference": made.reference}
        steps: list[Job] = [
            partial(offer_accept, actor=cast.booker, **known),
            partial(offer_pass, actor=cast.colleague, **known),
            partial(reservation_approve, actor=cast.staff, **known),
            partial(reservation_decline, actor=cast.manager, reason="x", **known),
            partial(reservation_cancel, actor=cast.booker, **known),
            partial(reserve, cast.lab, cast.stranger, wish(hour)),
            partial(reserve, cast.studio, cast.stranger, wish(hour)),
            reservations_expire_lapsed,
        ]
        outcomes(race(steps * 2))
        assert not Reservation.objects.filter(instead_of=made.pk).exists()
        assert_all_is_well()


def test_accept_against_its_lapse__one_of_both(
    cast: Cast, clocks: Callable[[dt.datetime, Job], Job]
) -> None:
    for hour in range(6, 6 + ROUNDS):
        made = countered(cast, hour)
        ends_at = made.counter.lapses_at
        assert ends_at is not None
        accept = partial(offer_accept, actor=cast.booker, reference=made.reference)
        in_time = clocks(ends_at - dt.timedelta.resolution, accept)
        sweep = clocks(ends_at, reservations_expire_lapsed)
        take = clocks(ends_at, partial(reserve, cast.lab, cast.stranger, wish(hour)))
        outcomes(race([in_time, sweep, sweep, take]))
        assert not Reservation.objects.filter(instead_of=made.pk).exists()
        assert_all_is_well()


def test_answers_to_the_waiting_list__one_counts(
    cast: Cast, clocks: Callable[[dt.datetime, Job], Job]
) -> None:
    for hour in range(6, 6 + ROUNDS):
        entry = join(cast.lab, cast.booker, hour)
        offer = entry.offers.get()
        known: dict[str, Any] = {"reference": offer.reference}
        assert offer.lapses_at is not None
        in_time = offer.lapses_at - dt.timedelta.resolution
        accept = partial(offer_accept, actor=cast.booker, **known)
        leave = partial(waiting_leave, actor=cast.booker, reference=entry.reference)
        steps: list[Job] = [
            clocks(in_time, accept),
            clocks(in_time, partial(offer_pass, actor=cast.colleague, **known)),
            clocks(in_time, leave),
            clocks(offer.lapses_at, reservations_expire_lapsed),
            clocks(in_time, partial(reserve, cast.lab, cast.stranger, wish(hour))),
        ]
        outcomes(race(steps * 2))
        offer.refresh_from_db()
        assert offer.status in {Status.APPROVED, Status.CANCELLED, Status.EXPIRED}
        assert_all_is_well()


def test_sweeps_at_once__make_one_offer(cast: Cast) -> None:
    people = [factories.person(factories.organisation()) for _ in range(4)]
    for hour in range(6, 6 + ROUNDS):
        made = reserve(cast.lab, cast.stranger, wish(hour))
        line = [join(cast.lab, person, hour) for person in people]
        reservation_cancel(actor=cast.stranger, reference=made.reference)
        results = race([waiting_sweep] * THREADS)
        assert sum(results) == 1
        assert line[0].offers.get().status == Status.HELD
    assert_all_is_well()


def test_anything_by_sixteen__never_two_in_one_unit(cast: Cast) -> None:
    parts = [factories.open_lab(organisation=cast.host) for _ in range(2)]
    hall = factories.hall(parts)
    for each in (hall, *parts):
        factories.set_policy(each, needs_approval=True, turnaround_minutes=30)
    factories.publish(hall)
    pool = factories.open_lab(
        units=3, organisation=cast.host, policy={"needs_approval": True}
    )
    places = [cast.lab, cast.studio, hall, *parts, pool]
    people = [factories.person(factories.organisation()) for _ in range(6)]
    # The hall's parts two hours after the hall.
    hours = [1 + 4 * (n // 6) + 2 * (places[n % 6] in parts) for n in range(30)]
    made = [
        reserve(places[n % 6], people[n % 6], wish(hour))
        for n, hour in enumerate(hours)
    ]
    dice = random.Random(7)

    def anything() -> Job:
        one, person, of = dice.choice(made), dice.choice(people), dice.choice(places)
        start = factories.tomorrow_at(0) + dice.randrange(48) * HOUR / 2
        known: dict[str, Any] = {"reference": one.reference}
        steps: list[Job] = [
            partial(
                reservation_counter,
                actor=cast.staff,
                resource=of.slug,
                starts_at=start,
                ends_at=start + dice.randint(1, 3) * HOUR,
                **known,
            ),
            partial(offer_accept, actor=one.requested_by, **known),
            partial(offer_accept, actor=one.requested_by, **known),
            partial(offer_pass, actor=one.requested_by, **known),
            partial(reservation_approve, actor=cast.manager, **known),
            partial(reservation_cancel, actor=one.requested_by, **known),
            partial(join, of, person, dice.randrange(1, 20), 4),
            partial(reserve, of, person, Wish(start, start + HOUR)),
            partial(answer, person, dice.random()),
            waiting_sweep,
        ]
        return dice.choice(steps)

    outcomes(race([anything() for _ in range(320)], THREADS))
    assert_all_is_well()
    assert not Reservation.objects.filter(
        instead_of__isnull=False, instead_of__status=Status.CANCELLED
    ).exists()
    assert Occupancy.objects.exists()


def answer(person: User, chance: float) -> Any:
    """Accept or pass what the waiting list offers this person, if anything."""
    offers = Reservation.objects.filter(requested_by=person, status=Status.HELD)
    offer = offers.exclude(offered_to=None).first()
    if offer is None:
        return None
    step = offer_accept if chance < 0.6 else offer_pass
    return step(actor=person, reference=offer.reference)
