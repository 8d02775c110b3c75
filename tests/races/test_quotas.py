"""One organisation at several resources at once: what counts them all still holds."""

from __future__ import annotations

from functools import partial

import pytest

from booking.models import Agreement, Quota, Reservation
from config import clock
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_quota__different_resources_at_once__never_more_than_allowed(
    cast: Cast,
) -> None:
    labs = [factories.open_lab(organisation=cast.host) for _ in range(8)]
    Quota.objects.create(organisation=cast.host, window="day", most_count=3)
    people = [factories.person(cast.startup) for _ in labs]
    pairs = zip(labs, people, strict=True)
    jobs = [partial(reserve, lab, person) for lab, person in pairs]
    others = [partial(reserve, lab, cast.stranger, wish(15)) for lab in labs[:3]]
    results = race([*jobs, *others])
    assert outcomes(results[:8]) == {"approved": 3, "RuleViolation": 5}
    assert outcomes(results[8:]) == {"approved": 3}
    assert_all_is_well()


def test_allowance__different_resources_at_once__is_used_up_once(cast: Cast) -> None:
    labs = [factories.open_lab(organisation=cast.host) for _ in range(6)]
    Agreement.objects.create(
        name="Five hours",
        host=cast.host,
        organisation=cast.startup,
        valid_from="2020-01-01",
        allowance_hours=2,
        created_at=clock.now(),
    )
    jobs = [partial(reserve, lab, cast.booker) for lab in labs]
    assert outcomes(race(jobs)) == {"approved": 2, "RuleViolation": 4}


def test_quota__moves_and_holds_between__nobody_waits_for_ever(cast: Cast) -> None:
    labs = [factories.open_lab(organisation=cast.host) for _ in range(4)]
    Quota.objects.create(organisation=cast.host, window="day", most_minutes=600)
    jobs = [
        partial(reserve, lab, cast.booker, wish(hour))
        for hour in range(8, 14)
        for lab in labs
    ]
    results = outcomes(race(jobs, threads=8))
    assert results == {"approved": 10, "RuleViolation": 14}
    assert Reservation.objects.count() == 10
    assert_all_is_well()
