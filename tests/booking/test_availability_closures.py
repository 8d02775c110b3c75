"""Closures: what they close, whom they hit, and taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.exceptions import RuleViolation
from booking.models import AvailabilityRule, OpenPeriod
from booking.selectors.facts import Wish
from booking.services.availability import (
    Outcome,
    closure_add,
    closure_remove,
    opening_date_set,
)
from config import clock
from config.errors import Invalid, Missing
from labs.models import Resource
from tests import factories
from tests.booking.opened import (
    MONDAY,
    TODAY,
    assert_projection_is_current,
    march,
    on,
    published,
)
from tests.cast import Cast
from tests.factories import DAY, HOUR, OFFICE_HOURS, reserve


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def lab(cast: Cast) -> Resource:
    """Open from nine to six on weekdays."""
    return factories.open_lab(
        hours=OFFICE_HOURS, organisation=cast.host, site=cast.lab.site
    )


def close(
    cast: Cast, lab: Resource, start: dt.datetime, end: dt.datetime, **given: Any
) -> Outcome:
    given = {"reason": "maintenance", **given}
    return closure_add(
        actor=cast.manager,
        resource_slug=lab.slug,
        starts_at=start,
        ends_at=end,
        **given,
    )


def reopen(cast: Cast, lab: Resource, closed: Outcome) -> None:
    assert closed.rule is not None
    closure_remove(
        actor=cast.manager, resource_slug=lab.slug, closure_id=closed.rule.pk
    )


def test_close__some_hours__are_cut_out(cast: Cast, lab: Resource) -> None:
    closed = close(cast, lab, march(2, 11), march(3, 10, 30), note="New floor")
    assert [on(lab, day) for day in (1, 2, 3, 4)] == [
        ["09:00–18:00"],
        ["09:00–11:00"],
        ["10:30–18:00"],
        ["09:00–18:00"],
    ]
    assert closed.rule is not None
    rule = AvailabilityRule.objects.get(pk=closed.rule.pk)
    assert (rule.effect, rule.reason, rule.note) == (
        "closed",
        "maintenance",
        "New floor",
    )
    assert_projection_is_current()


def test_close__preview__lists_the_same_hits_and_changes_nothing(
    cast: Cast, lab: Resource
) -> None:
    before_it, first, last, after_it = (
        reserve(lab, cast.booker, Wish(march(2, hour), march(2, hour + 1)))
        for hour in (9, 10, 11, 12)
    )
    now = published()
    period = march(2, 10, 45), march(2, 11, 15)
    assert close(cast, lab, *period, preview=True).hits == [first, last]
    assert published() == now
    assert close(cast, lab, *period).hits == [first, last]
    for made in (before_it, first, last, after_it):
        made.refresh_from_db()
        assert (made.status, made.occupancy.count()) == ("approved", 1)
    with pytest.raises(RuleViolation):
        reserve(lab, cast.booker, Wish(march(2, 10, 30), march(2, 11)))


def test_reopen__one_of_two__the_other_still_closes(cast: Cast, lab: Resource) -> None:
    one = close(cast, lab, march(2, 9), march(2, 13))
    close(cast, lab, march(2, 11), march(2, 15))
    assert on(lab, 2) == ["15:00–18:00"]
    reopen(cast, lab, one)
    assert on(lab, 2) == ["09:00–11:00", "15:00–18:00"]
    with pytest.raises(Missing):
        reopen(cast, lab, one)
    assert_projection_is_current()


def test_reopen__anothers_closure__is_missing(cast: Cast, lab: Resource) -> None:
    other = close(cast, cast.lab, march(2, 9), march(2, 13))
    before = published()
    with pytest.raises(Missing):
        reopen(cast, lab, other)
    opening = AvailabilityRule.objects.filter(
        event__calendar=lab.own_calendar.calendar, effect="open"
    ).first()
    with pytest.raises(Missing):
        reopen(cast, lab, Outcome(rule=opening))
    assert published() == before


def test_close__a_date_with_hours_of_its_own__closes_it_too(
    cast: Cast, lab: Resource
) -> None:
    opening_date_set(
        actor=cast.manager,
        resource_slug=lab.slug,
        day=dt.date(2027, 3, 6),
        hours=[(600, 1200)],
    )
    close(cast, lab, march(6, 12), march(6, 13))
    assert on(lab, 6) == ["10:00–12:00", "13:00–20:00"]


@pytest.fixture
def hall(cast: Cast) -> tuple[Resource, Resource, Resource]:
    """A hall of two parts, all open from nine to six, and a hall beside it of none."""
    given: dict[str, Any] = {"organisation": cast.host, "site": cast.lab.site}
    parts = [factories.open_lab(hours=OFFICE_HOURS, **given) for _ in range(2)]
    made = factories.hall(parts)
    factories.set_policy(made)
    factories.publish(made, OFFICE_HOURS)
    return made, parts[0], parts[1]


def test_close__half_a_hall__closes_the_hall_but_not_the_other_half(
    cast: Cast, hall: tuple[Resource, Resource, Resource]
) -> None:
    whole, left, right = hall
    in_hall = reserve(whole, cast.booker, Wish(march(2, 10), march(2, 11)))
    in_right = reserve(right, cast.booker, Wish(march(2, 11), march(2, 12)))
    closed = close(cast, left, march(2, 10), march(2, 12))
    assert closed.hits == [in_hall]
    assert on(left, 2) == on(whole, 2) == ["09:00–10:00", "12:00–18:00"]
    assert on(right, 2) == ["09:00–18:00"]
    in_right.refresh_from_db()
    assert in_right.occupies
    assert_projection_is_current()
    reopen(cast, left, closed)
    assert on(left, 2) == on(whole, 2) == ["09:00–18:00"]


def test_close__a_hall__closes_both_halves(
    cast: Cast, hall: tuple[Resource, Resource, Resource]
) -> None:
    whole, left, right = hall
    halves = [
        reserve(part, cast.booker, Wish(march(2, 10), march(2, 11)))
        for part in (left, right)
    ]
    closed = close(cast, whole, march(2, 10), march(2, 12))
    assert sorted(hit.pk for hit in closed.hits) == [made.pk for made in halves]
    assert {str(on(part, 2)) for part in hall} == {"['09:00–10:00', '12:00–18:00']"}
    reopen(cast, whole, closed)
    assert {str(on(part, 2)) for part in hall} == {"['09:00–18:00']"}
    assert_projection_is_current()


@pytest.mark.parametrize(
    ("start", "end", "reason", "field"),
    [
        (march(2, 10), march(2, 9), "maintenance", "ends_at"),
        (march(2, 10), march(2, 10), "maintenance", "ends_at"),
        (MONDAY - HOUR, MONDAY, "maintenance", "ends_at"),
        (march(2, 10), march(2, 10) + 733 * DAY, "maintenance", "ends_at"),
        (march(2, 10), march(2, 11), "party", "reason"),
        (march(2, 10), march(2, 11), "", "reason"),
        (MONDAY + 3661 * DAY, MONDAY + 3662 * DAY, "other", "starts_at"),
        (
            dt.datetime(9999, 12, 31, 22, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC),
            "other",
            "starts_at",
        ),
        (
            dt.datetime(1, 1, 1, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC),
            "other",
            "ends_at",
        ),
    ],
)
def test_close__bad_input__is_refused_and_changes_nothing(
    cast: Cast,
    lab: Resource,
    start: dt.datetime,
    end: dt.datetime,
    reason: str,
    field: str,
) -> None:
    before = published()
    with pytest.raises(Invalid) as refused:
        close(cast, lab, start, end, reason=reason)
    assert set(refused.value.extra["fields"]) == {field}
    assert published() == before


def test_close__at_the_edge_of_bad_input__is_accepted(
    cast: Cast, lab: Resource
) -> None:
    close(cast, lab, MONDAY - 732 * DAY + HOUR, MONDAY + HOUR)
    assert on(lab, TODAY) == ["09:00–18:00"]
    close(cast, lab, MONDAY, MONDAY + 732 * DAY)
    assert on(lab, TODAY) == []
    assert OpenPeriod.objects.filter(resource=lab).count() == 0
