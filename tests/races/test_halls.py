"""A hall changes its parts while they grow.

Whatever the order: in the end it covers the units of its parts, and no others.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from booking.exceptions import SlotTaken
from labs.models import Coverage, Resource
from labs.services import units
from labs.services.resources import resource_update
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve
from tests.races.threads import Job, outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8
#: For who must wait to have come to where they wait.
A_MOMENT = 0.5


@pytest.fixture
def pool(cast: Cast) -> Resource:
    return factories.open_lab(organisation=cast.host, site=cast.lab.site, units=2)


@pytest.fixture
def half(cast: Cast) -> Resource:
    return factories.open_lab(organisation=cast.host, site=cast.lab.site)


def hall_of(*parts: Resource) -> Resource:
    made = factories.hall(list(parts))
    factories.set_policy(made)
    factories.publish(made)
    return made


def covering(cast: Cast, hall: Resource, *parts: Resource) -> Job:
    slugs = [part.slug for part in parts]
    return partial(resource_update, actor=cast.manager, slug=hall.slug, covers=slugs)


def growing(cast: Cast, pool: Resource, count: int) -> Job:
    return partial(resource_update, actor=cast.manager, slug=pool.slug, units=count)


def covered_by(*resources: Resource) -> set[int]:
    rows = Coverage.objects.filter(resource__in=resources)
    return set(rows.values_list("unit_id", flat=True))


class Reshaping:
    """Stops who reshapes a hall just before they commit, until the other one waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = threading.Event()
        real = units.hall_set_parts

        def set_and_wait(hall: Resource, parts: Sequence[Resource]) -> None:
            real(hall, parts)
            self.done.set()
            threading.Event().wait(A_MOMENT)

        monkeypatch.setattr("labs.services.resources.hall_set_parts", set_and_wait)

    def then(self, job: Job) -> Job:
        def run() -> Any:
            assert self.done.wait(10)
            return job()

        return run


def test_pool_grows__while_a_hall_takes_it_in__the_hall_has_all_of_it(
    cast: Cast, pool: Resource, half: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = hall_of(half)
    reshaping = Reshaping(monkeypatch)

    take_in = covering(cast, hall, pool, half)
    results = race([take_in, reshaping.then(growing(cast, pool, 3))])

    assert outcomes(results) == {"done": 2}
    assert len(covered_by(pool)) == 3
    assert covered_by(hall) == covered_by(pool, half)
    reserve(hall, cast.booker)
    with pytest.raises(SlotTaken):
        reserve(pool, cast.booker)
    assert_all_is_well()


def test_pool_grows__while_a_hall_drops_it__the_hall_has_none_of_it(
    cast: Cast, pool: Resource, half: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = hall_of(pool, half)
    made = reserve(hall, cast.booker)
    reshaping = Reshaping(monkeypatch)

    drop = covering(cast, hall, half)
    results = race([drop, reshaping.then(growing(cast, pool, 3))])

    assert outcomes(results) == {"done": 2}
    assert covered_by(hall) == covered_by(half)
    assert made.occupancy.count() == 1
    assert reserve(pool, cast.booker).occupies
    assert_all_is_well()


def test_halls_and_their_parts__changed_at_once__nobody_waits_for_ever(
    cast: Cast, pool: Resource, half: Resource
) -> None:
    # One hall is older than a part of its, the other is younger than all.
    older = hall_of(half)
    late = factories.open_lab(organisation=cast.host, site=cast.lab.site, units=2)
    younger = hall_of(half)
    for n in range(ROUNDS):
        parts = [pool, half, late] if n % 2 else [half]
        results = race(
            [
                covering(cast, older, *parts),
                growing(cast, pool, 3 + n),
                covering(cast, younger, *reversed(parts)),
                growing(cast, late, 3 + n),
            ]
        )
        assert outcomes(results) == {"done": 4}
        for hall in (older, younger):
            assert covered_by(hall) == covered_by(*hall.parts.all())
    assert_all_is_well()
