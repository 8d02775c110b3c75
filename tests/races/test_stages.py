"""Two at one stage of a path, and the clock that passes a request on twice at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from booking.models import Decision, Reservation
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve
from booking.services.escalation import reservations_pass_on
from config import clock
from labs.models import Membership
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


def test_approve__two_of_the_host_at_once__one_stage_is_passed(cast: Cast) -> None:
    factories.set_policy(cast.studio, approval_path="host_hub")
    fellow = factories.person(cast.host, Membership.Role.MANAGER)
    for n in range(ROUNDS):
        made = reserve(cast.studio, cast.booker, wish(6 + n))
        known: dict[str, Any] = {"reference": made.reference}
        both = (cast.manager, fellow)
        jobs = [partial(reservation_approve, actor=each, **known) for each in both]
        assert outcomes(race(jobs * 2)) == {"pending": 1, "WrongStatus": 3}
        made.refresh_from_db()
        assert (made.status, made.turn, made.stage) == (Status.PENDING, "hub", 1)
        assert made.decisions.count() == 1
    assert_all_is_well()


def test_approve__several_at_once__each_counts_once(cast: Cast) -> None:
    factories.set_policy(cast.studio, approval_path="several", approvals_needed=2)
    for n in range(ROUNDS):
        made = reserve(cast.studio, cast.booker, wish(6 + n))
        known: dict[str, Any] = {"reference": made.reference}
        both = (cast.manager, cast.staff)
        jobs = [partial(reservation_approve, actor=each, **known) for each in both]
        results = outcomes(race(jobs * 2))
        assert results == {"pending": 1, "approved": 1, "WrongStatus": 2}
        assert Decision.objects.filter(reservation=made).count() == 2
    assert_all_is_well()


def test_pass_on__twice_at_once__is_one_step(cast: Cast) -> None:
    factories.set_policy(cast.studio, approval_path="host")
    made = reserve(cast.studio, cast.booker, wish(10))
    past = clock.now() - 20 * HOUR
    Reservation.objects.update(turn_since=past - 20 * HOUR, alarm_at=past)
    results = race([reservations_pass_on] * 4)
    assert sorted(str(each) for each in results) == ["0", "0", "0", "1"]
    assert made.history.filter(action="escalated").count() == 1
