"""A host closes or changes the hours while a guest reserves.

Whatever the order: the guest is refused, or the host is told of the reservation.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from booking.exceptions import RuleViolation
from booking.models import OpenPeriod, Reservation
from booking.services.availability import (
    Outcome,
    closure_add,
    closure_remove,
    opening_date_set,
    opening_hours_publish,
)
from booking.services.holidays import holiday_calendar_fill
from booking.weekly import DAYS, WeeklyHours
from labs.models import Resource
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish
from tests.races.threads import Job, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def assert_known_or_refused(host: Any, guests: list[Any], closed: Resource) -> None:
    assert isinstance(host, Outcome), host
    told = {hit.reference for hit in host.hits}
    made = {guest.reference for guest in guests if isinstance(guest, Reservation)}
    assert told == made
    for guest in guests:
        if not isinstance(guest, Reservation):
            assert isinstance(guest, RuleViolation), guest
            codes = [found.code for found in guest.violations]
            assert codes == ["outside_opening_hours"]
            assert_not_offered(guest, closed)


def assert_not_offered(refused: RuleViolation, closed: Resource) -> None:
    """What is offered instead there must be open; elsewhere others close meanwhile."""
    there = [
        row for row in refused.extra["alternatives"] if row["resource"] == closed.slug
    ]
    for row in there:
        assert OpenPeriod.objects.filter(
            resource__slug=row["resource"],
            during__contains=(row["starts_at"], row["ends_at"]),
        ).exists()


def closing(cast: Cast, resource: Resource, hour: int) -> Job:
    return partial(
        closure_add,
        actor=cast.manager,
        resource_slug=resource.slug,
        starts_at=tomorrow_at(hour),
        ends_at=tomorrow_at(hour + 1),
        reason="maintenance",
    )


def test_close_against_reserve__is_refused_or_listed(cast: Cast) -> None:
    for hour in range(8, 8 + ROUNDS):
        take = partial(reserve, cast.lab, cast.booker, wish(hour))
        # A quarter of an hour into the closure, for whoever finds the lab taken.
        late = wish(hour, 0.5)
        later = partial(reserve, cast.studio, cast.booker, late)
        closed, closed_too, *guests = race(
            [
                closing(cast, cast.lab, hour),
                closing(cast, cast.studio, hour),
                take,
                later,
            ]
        )
        assert_known_or_refused(closed, guests[:1], cast.lab)
        assert_known_or_refused(closed_too, guests[1:], cast.studio)
    assert_all_is_well()


def test_close_half_against_reserve_hall__is_refused_or_listed(cast: Cast) -> None:
    left, right = (factories.open_lab(organisation=cast.host) for _ in range(2))
    hall = factories.hall([left, right])
    factories.set_policy(hall)
    factories.publish(hall)
    for hour in range(8, 8 + ROUNDS):
        take = partial(reserve, hall, cast.booker, wish(hour))
        closed, guest = race([closing(cast, right, hour), take])
        assert_known_or_refused(closed, [guest], hall)
    # The other half never closed.
    assert reserve(left, cast.booker, wish(20)).occupies
    assert_all_is_well()


def test_reopen_against_reserve__is_refused_or_within_open_hours(cast: Cast) -> None:
    for hour in range(8, 8 + ROUNDS):
        rule = closing(cast, cast.lab, hour)().rule
        reopen = partial(
            closure_remove,
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            closure_id=rule.pk,
        )
        take = partial(reserve, cast.lab, cast.booker, wish(hour))
        reopened, guest = race([reopen, take])
        assert reopened is None
        if isinstance(guest, RuleViolation):
            assert [f.code for f in guest.violations] == ["outside_opening_hours"]
        else:
            assert isinstance(guest, Reservation), guest
        # Closed no more, whoever came first.
        if not isinstance(guest, Reservation):
            assert reserve(cast.lab, cast.booker, wish(hour)).occupies
    assert_all_is_well()


def test_publish_hours_against_reserve__is_refused_or_listed(cast: Cast) -> None:
    for n in range(ROUNDS):
        # Every round closes an hour earlier; it is the last hour that is fought for.
        last = 22 - n
        publish = partial(
            opening_hours_publish,
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            weekly=[WeeklyHours(DAYS, 0, last * 60)],
        )
        take = partial(reserve, cast.lab, cast.booker, wish(last))
        published, guest = race([publish, take])
        assert_known_or_refused(published, [guest], cast.lab)
    assert_all_is_well()


def test_publish_hours_twice_at_once__one_week_holds(cast: Cast) -> None:
    weeks = {22: WeeklyHours(DAYS, 0, 22 * 60), 20: WeeklyHours(DAYS, 0, 20 * 60)}
    publish = partial(
        opening_hours_publish, actor=cast.manager, resource_slug=cast.lab.slug
    )
    for _ in range(ROUNDS):
        results = race([partial(publish, weekly=[week]) for week in weeks.values()] * 2)
        assert all(isinstance(result, Outcome) for result in results), results
        ends = OpenPeriod.objects.filter(
            resource=cast.lab, during__contains=tomorrow_at(12)
        )
        closes = {row.during.upper for row in ends}
        assert closes in ({tomorrow_at(22)}, {tomorrow_at(20)})


def test_except_a_date_twice_at_once__is_said_once(cast: Cast) -> None:
    day = tomorrow_at(12).date()
    for _ in range(ROUNDS):
        said = partial(
            opening_date_set,
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            day=day,
            hours=[(600, 720)],
        )
        results = race([said] * 3)
        assert all(isinstance(result, Outcome) for result in results), results
        that_day = OpenPeriod.objects.filter(
            resource=cast.lab, during__overlap=(tomorrow_at(1), tomorrow_at(23))
        )
        ((start, end),) = ((row.during.lower, row.during.upper) for row in that_day)
        assert (start, end) == (tomorrow_at(10), tomorrow_at(12))


def test_fill_holidays__four_times_at_once__has_each_once(cast: Cast) -> None:
    # Made once, as on any day but the first; what follows comes from two schedulers.
    holiday_calendar_fill(years_ahead=0)
    results = race([holiday_calendar_fill] * 4)
    assert {result.calendar.slug for result in results} == {"holidays-bg"}
    starts = list(results[0].calendar.event_set.values_list("start", flat=True))
    assert len(starts) > 30
    assert len(starts) == len(set(starts))
