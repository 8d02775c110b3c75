"""Two at the same desk at once: one is first, the other is told."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from booking.selectors.hours import hours_version, opening_hours_of
from booking.services.availability import closure_add, opening_hours_publish
from booking.services.decisions import reservation_ask_to_move
from booking.services.lifecycle import reservation_cancel
from booking.weekly import DAYS, WeeklyHours
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish
from tests.races.threads import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def test_publish_against_publish__of_two_who_saw_the_same__one_is_told(
    cast: Cast,
) -> None:
    for hour in range(ROUNDS):
        publish = partial(
            opening_hours_publish,
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            seen=hours_version(cast.lab),
        )
        weeks = [(WeeklyHours(DAYS, 60 * (hour + n), 1440),) for n in (1, 2)]
        results = race([partial(publish, weekly=week) for week in weeks])
        assert outcomes(results) == {"done": 1, "HoursChanged": 1}
        [season] = opening_hours_of(cast.lab)["seasons"]
        assert len(season["weekly"]) == 1
    assert_all_is_well()


def test_ask_against_cancel__of_the_version_both_saw__one_is_told(cast: Cast) -> None:
    for hour in range(8, 8 + ROUNDS):
        made = reserve(cast.lab, cast.booker, wish(hour))
        given: dict[str, Any] = {"reference": made.reference, "version": made.version}
        ask = partial(
            reservation_ask_to_move, actor=cast.manager, reason="Floor", **given
        )
        cancel = partial(reservation_cancel, actor=cast.booker, **given)
        results = outcomes(race([ask, cancel]))
        assert results["ChangedMeanwhile"] == 1
        assert made.history.count() == 2
    assert_all_is_well()


def test_close_against_close__the_same_twice_at_once__is_one(cast: Cast) -> None:
    close = partial(
        closure_add,
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=tomorrow_at(8),
        ends_at=tomorrow_at(12),
        reason="maintenance",
    )
    first, second = race([close, close])
    assert first.rule == second.rule
    assert_all_is_well()
