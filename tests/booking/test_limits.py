"""What one organisation or person may have: gaps, how many ahead, quotas."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.exceptions import RuleViolation
from booking.models import PeakHours, Quota, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.holds import reservation_hold
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import reservation_move
from labs.models import Resource, User
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, SOFIA, reserve, tomorrow_at


def monday_at(hour: float, *, weeks: int = 1, days: int = 0) -> dt.datetime:
    """An hour of next week's Monday by the clock in Sofia."""
    ahead = 7 * weeks - tomorrow_at(0, days=0).astimezone(SOFIA).weekday() + days
    return tomorrow_at(int(hour), int(hour % 1 * 60), days=ahead)


def on(start: dt.datetime, hours: float = 1, people: int = 1) -> Wish:
    return Wish(start, start + hours * HOUR, people)


def refused(of: Resource, by: User, wanted: Wish, **fields: Any) -> dict[str, Any]:
    """Return the one rule that refuses it."""
    with pytest.raises(RuleViolation) as refusal:
        reserve(of, by, wanted, **fields)
    (violation,) = refusal.value.violations
    return violation.as_dict()


def test_gap__too_near_one_of_ours__is_refused_on_both_sides(cast: Cast) -> None:
    factories.set_policy(cast.lab, min_gap_minutes=120)
    reserve(cast.lab, cast.booker, on(monday_at(12)))
    told = refused(cast.lab, cast.colleague, on(monday_at(14)))
    assert (told["code"], told["found"], told["needed"]) == ("min_gap", 60, 120)
    assert refused(cast.lab, cast.booker, on(monday_at(9.25)))["found"] == 105
    # Others need none, nor does it on another resource.
    reserve(cast.lab, cast.stranger, on(monday_at(13)))
    reserve(cast.studio, cast.booker, on(monday_at(13)))
    reserve(cast.lab, cast.booker, on(monday_at(15)))
    reserve(cast.lab, cast.booker, on(monday_at(9)))


def test_gap__moved_by_less__does_not_stand_in_its_own_way(cast: Cast) -> None:
    factories.set_policy(cast.lab, min_gap_minutes=120)
    made = reserve(cast.lab, cast.booker, on(monday_at(12)))
    start = monday_at(13)
    moved = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=start,
        ends_at=start + HOUR,
    )
    assert moved.starts_at == start


def test_active__as_many_as_allowed__one_more_is_refused_until_one_goes(
    cast: Cast,
) -> None:
    factories.set_policy(cast.lab, most_active=2)
    first = reserve(cast.lab, cast.booker, on(monday_at(9)))
    reserve(cast.lab, cast.colleague, on(monday_at(11)))
    told = refused(cast.lab, cast.booker, on(monday_at(13)))
    assert (told["code"], told["found"], told["needed"]) == ("most_active", 3, 2)
    reserve(cast.lab, cast.stranger, on(monday_at(13)))
    reservation_cancel(actor=cast.booker, reference=first.reference)
    reserve(cast.lab, cast.booker, on(monday_at(15)))


def test_active__what_ones_own_form_holds__is_in_nobodys_way(cast: Cast) -> None:
    factories.set_policy(cast.lab, most_active=1)
    reservation_hold(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        wish=on(monday_at(9)),
        key="a form",
    )
    refused(cast.lab, cast.colleague, on(monday_at(13)))
    reserve(cast.lab, cast.booker, on(monday_at(11)))


def test_people__more_than_the_policy_says__are_refused(cast: Cast) -> None:
    Resource.objects.filter(pk=cast.lab.pk).update(people=8)
    factories.set_policy(cast.lab, most_people=3)
    told = refused(cast.lab, cast.booker, on(monday_at(9), people=4))
    assert (told["code"], told["needed"]) == ("too_many_people", 3)
    reserve(cast.lab, cast.booker, on(monday_at(9), people=3))


def test_quota__hours_a_week__counts_all_of_the_hosts_that_it_covers(
    cast: Cast,
) -> None:
    Quota.objects.create(organisation=cast.host, most_minutes=240)
    elsewhere = factories.open_lab()
    reserve(cast.lab, cast.booker, on(monday_at(9), 2))
    reserve(cast.studio, cast.colleague, on(monday_at(9, days=6)))
    told = refused(cast.studio, cast.booker, on(monday_at(12), 2))
    assert (told["code"], told["found"], told["needed"]) == ("quota_hours", 300, 240)
    assert "a week" in told["detail"]
    # To the very edge; next week; another organisation; another host's resource.
    reserve(cast.studio, cast.booker, on(monday_at(12), 1))
    reserve(cast.lab, cast.booker, on(monday_at(9, weeks=2), 4))
    reserve(cast.lab, cast.stranger, on(monday_at(14), 2))
    reserve(elsewhere, cast.booker, on(monday_at(16), 4))


def test_quota__across_midnight__counts_in_each_day_what_lies_in_it(cast: Cast) -> None:
    Quota.objects.create(resource=cast.lab, window="day", most_minutes=180)
    reserve(cast.lab, cast.booker, on(monday_at(22), 4))
    assert refused(cast.lab, cast.booker, on(monday_at(18), 2))["found"] == 240
    assert refused(cast.lab, cast.booker, on(monday_at(9, days=1), 2))["found"] == 240
    reserve(cast.lab, cast.booker, on(monday_at(18), 1))
    reserve(cast.lab, cast.booker, on(monday_at(9, days=1), 1))


def test_quota__for_a_person__leaves_room_for_a_colleague(cast: Cast) -> None:
    Quota.objects.create(resource=cast.lab, per="person", window="month", most_count=1)
    reserve(cast.lab, cast.booker, on(monday_at(9)))
    told = refused(cast.lab, cast.booker, on(monday_at(11)))
    assert (told["code"], told["found"], told["needed"]) == ("quota_count", 2, 1)
    reserve(cast.lab, cast.colleague, on(monday_at(11)))


def test_quota__of_a_tag__counts_the_hosts_resources_with_it(cast: Cast) -> None:
    Resource.objects.filter(pk=cast.studio.pk).update(tags=["sound"])
    other = factories.open_lab(organisation=cast.host, tags=["sound", "hall"])
    Quota.objects.create(organisation=cast.host, tag="sound", most_count=1)
    reserve(cast.studio, cast.booker, on(monday_at(9)))
    refused(other, cast.booker, on(monday_at(9)))
    reserve(cast.lab, cast.booker, on(monday_at(9)))


def test_quota__of_the_hub__counts_everything(cast: Cast) -> None:
    Quota.objects.create(window="week", most_count=1)
    reserve(cast.lab, cast.booker, on(monday_at(9)))
    refused(factories.open_lab(), cast.booker, on(monday_at(12)))


def test_quota__peak_only__leaves_the_evening(cast: Cast) -> None:
    PeakHours.objects.create(
        organisation=cast.host, days=["MO", "TU"], starts=10 * 60, ends=17 * 60
    )
    Quota.objects.create(organisation=cast.host, most_minutes=120, peak_only=True)
    reserve(cast.lab, cast.booker, on(monday_at(9), 2))
    told = refused(cast.lab, cast.booker, on(monday_at(15), 4))
    assert (told["found"], told["needed"]) == (180, 120)
    assert "Only peak hours count." in told["detail"]
    reserve(cast.lab, cast.booker, on(monday_at(16), 3))
    reserve(cast.lab, cast.booker, on(monday_at(19), 3))
    # On Wednesday there is none.
    reserve(cast.lab, cast.booker, on(monday_at(10, days=2), 5))


@pytest.mark.parametrize(
    ("status", "late", "counts"),
    [
        (Status.PENDING, False, True),
        (Status.COMPLETED, False, True),
        (Status.NO_SHOW, False, True),
        (Status.CANCELLED, True, True),
        (Status.CANCELLED, False, False),
        (Status.DECLINED, False, False),
        (Status.EXPIRED, False, False),
    ],
)
def test_quota__what_became_of_it__decides_whether_it_counts(
    cast: Cast, status: str, late: bool, counts: bool
) -> None:
    Quota.objects.create(resource=cast.lab, most_count=1)
    made = reserve(cast.lab, cast.booker, on(monday_at(9)))
    lapses_at = made.starts_at if status == Status.PENDING else None
    Reservation.objects.filter(pk=made.pk).update(
        status=status, is_late_cancel=late, lapses_at=lapses_at
    )
    if counts:
        assert refused(cast.lab, cast.booker, on(monday_at(12)))["found"] == 2
    else:
        reserve(cast.lab, cast.booker, on(monday_at(12)))


def test_quota__moved_within_it__does_not_count_twice(cast: Cast) -> None:
    Quota.objects.create(resource=cast.lab, most_minutes=120)
    made = reserve(cast.lab, cast.booker, on(monday_at(9), 2))
    start = monday_at(10)
    reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=start,
        ends_at=start + 2 * HOUR,
    )


def test_cancel__after_the_deadline__is_marked_for_a_guest_alone(cast: Cast) -> None:
    factories.set_policy(cast.lab, cancel_until_minutes=48 * 60)
    late = reserve(cast.lab, cast.booker)
    assert late.cancel_by_at == late.starts_at - 2 * DAY
    done = reservation_cancel(actor=cast.booker, reference=late.reference)
    assert (done.status, done.is_late_cancel) == (Status.CANCELLED, True)
    assert done.history.latest("pk").changes == {"is_late_cancel": [False, True]}
    early = reserve(cast.lab, cast.booker, on(monday_at(9, weeks=2)))
    assert not reservation_cancel(
        actor=cast.booker, reference=early.reference
    ).is_late_cancel
    hosts = reserve(cast.lab, cast.booker)
    assert not reservation_cancel(
        actor=cast.manager, reference=hosts.reference, reason="It broke."
    ).is_late_cancel


def test_cancel__nobody_approved_it_yet__is_never_late(cast: Cast) -> None:
    factories.set_policy(cast.studio, needs_approval=True, cancel_until_minutes=10_000)
    made = reserve(cast.studio, cast.booker)
    done = reservation_cancel(actor=cast.booker, reference=made.reference)
    assert not done.is_late_cancel


def test_cancel__there_is_no_deadline__is_never_late(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    assert made.cancel_by_at is None
    done = reservation_cancel(actor=cast.booker, reference=made.reference)
    assert not done.is_late_cancel


def test_quota__a_resource_with_one__takes_two_statements_more(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, on(monday_at(7)))
    with CaptureQueriesContext(connection) as without:
        reserve(cast.lab, cast.booker, on(monday_at(9)))
    for most in range(50, 60):
        Quota.objects.create(organisation=cast.host, most_count=most)
    for day in range(1, 5):
        reserve(cast.lab, cast.booker, on(monday_at(9, days=day)))
    # The turn of the organisation, and what all quotas count.
    with CaptureQueriesContext(connection) as within:
        reserve(cast.lab, cast.booker, on(monday_at(12)))
    assert len(within) == len(without) + 2
