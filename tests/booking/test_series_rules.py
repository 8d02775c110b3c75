"""A series goes by every rule that a single reservation goes by."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from typing import Any

import pytest

from booking.exceptions import SeriesClash
from booking.models import History, Quota, Reservation
from booking.models.paths import Undecided
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.series import Repeats
from booking.services.offers import reservation_counter
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from booking.services.waiting import Want, waiting_join
from config import clock
from labs.models import Resource, User
from tests import factories
from tests.booking.series import reserve_series, states
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at


def daily(of: Resource, by: User, **given: Any) -> Any:
    return reserve_series(of, by, repeats=Repeats.DAILY, **given)


def refused(of: Resource, by: User, **given: Any) -> list[str]:
    with pytest.raises(SeriesClash) as error:
        daily(of, by, **given)
    return [date["code"] for date in error.value.extra["dates"]]


def later(at: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)


def test_create__most_active__the_earlier_dates_count(cast: Cast) -> None:
    factories.set_policy(cast.lab, most_active=3)
    assert refused(cast.lab, cast.booker, count=5) == ["most_active"] * 2
    made = daily(cast.lab, cast.booker, count=5, keep=True)
    assert states(made) == ["booked"] * 3 + ["skipped"] * 2
    assert refused(cast.lab, cast.booker, hour=14, count=2) == ["most_active"] * 2


def test_create__quota__the_earlier_dates_count_in_their_window(cast: Cast) -> None:
    Quota.objects.create(resource=cast.lab, window="day", most_minutes=90)
    daily(cast.lab, cast.booker, count=3)
    assert refused(cast.lab, cast.booker, hour=14, count=4) == ["quota_hours"] * 3
    daily(cast.lab, cast.booker, hour=14, count=3, minutes=30)
    quota = Quota.objects.create(resource=cast.studio, window="month", most_count=2)
    first = dt.datetime.combine(clock.now().date(), dt.time(10)).replace(day=1)
    first = (first + timedelta(days=32)).replace(day=1)
    factories.set_policy(cast.studio, horizon_days=90)
    given: dict[str, Any] = {"first": first, "count": 4}
    assert refused(cast.studio, cast.booker, **given) == ["quota_count"] * 2
    quota.most_count = 4
    quota.save()
    daily(cast.studio, cast.booker, **given)
    assert_all_is_well()


def test_create__min_gap__is_kept_to_the_date_before(cast: Cast) -> None:
    factories.set_policy(cast.lab, min_gap_minutes=23 * 60 + 30)
    assert refused(cast.lab, cast.booker, count=2) == ["min_gap"]
    daily(cast.lab, cast.booker, count=2, minutes=30)


def test_shift__limits__its_own_old_dates_do_not_count(cast: Cast) -> None:
    factories.set_policy(cast.lab, most_active=3, min_gap_minutes=120)
    Quota.objects.create(resource=cast.lab, window="day", most_minutes=60)
    made = daily(cast.lab, cast.booker, count=3)
    whole = Chosen(made.reference)
    series_change(actor=cast.booker, chosen=whole, change=Change(shift=HOUR))
    assert states(made) == ["booked"] * 3
    with pytest.raises(SeriesClash):
        series_change(actor=cast.booker, chosen=whole, change=Change(minutes=90))
    assert_all_is_well()


def test_cancel__after_the_deadline__is_marked_late(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.lab, cancel_until_minutes=6 * 60)
    made = daily(cast.lab, cast.booker, count=3)
    series_change(
        actor=cast.booker, chosen=Chosen(made.reference), change=Change(shift=HOUR)
    )
    first = made.reservations.earliest("starts_at")
    assert first.cancel_by_at == first.starts_at - 6 * HOUR
    later(first.starts_at - 5 * HOUR, monkeypatch)
    series_cancel(actor=cast.booker, chosen=Chosen(made.reference))
    late = made.reservations.order_by("starts_at").values_list(
        "is_late_cancel", flat=True
    )
    assert list(late) == [True, False, False]
    row = History.objects.get(reservation=first, action="cancelled")
    assert row.changes == {"is_late_cancel": [False, True]}


@pytest.mark.parametrize("cancels", [True, False])
def test_change_and_cancel__a_date_has_an_offer__which_is_let_go(
    cast: Cast, *, cancels: bool
) -> None:
    made = daily(cast.studio, cast.booker, count=2)
    asked = made.reservations.earliest("starts_at")
    reservation_counter(
        actor=cast.manager,
        reference=asked.reference,
        starts_at=asked.starts_at + HOUR / 2,
        ends_at=asked.ends_at + HOUR / 2,
    )
    chosen = Chosen(made.reference, Which.THIS, 1)
    if cancels:
        series_cancel(actor=cast.booker, chosen=chosen)
    else:
        # Onto what was offered, which is in its own way no more.
        series_change(actor=cast.booker, chosen=chosen, change=Change(shift=HOUR))
    assert not Reservation.objects.filter(status=Status.HELD).exists()
    assert_all_is_well()


def test_create__the_waiting_list_offers_that_time__the_offer_stays(
    cast: Cast,
) -> None:
    start = tomorrow_at(10)
    waiting_join(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        want=Want(start, start + HOUR, 60),
        purpose="Whenever it is free",
    )
    offer = Reservation.objects.get(status=Status.HELD)
    assert refused(cast.lab, cast.booker, count=2) == ["slot_taken"]
    daily(cast.lab, cast.booker, count=2, keep=True)
    assert Reservation.objects.get(pk=offer.pk).status == Status.HELD
    assert_all_is_well()


def test_create__what_nobody_decided_counts_as_approved__is_in_the_way(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"when_undecided": Undecided.APPROVE}
    factories.set_policy(cast.studio, needs_approval=True, **given)
    third = tomorrow_at(10, days=3)
    asked = reserve(cast.studio, cast.stranger, Wish(third, third + HOUR))
    assert asked.lapses_at
    later(asked.lapses_at, monkeypatch)
    assert refused(cast.studio, cast.booker, count=3) == ["slot_taken"]
