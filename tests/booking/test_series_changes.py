from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.exceptions import ChangedMeanwhile, SeriesClash, WrongStatus
from booking.models import Reservation, Series
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve
from booking.services.lifecycle import reservation_cancel
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_deciding import series_approve
from booking.services.series_moving import Change, series_change
from booking.services.series_wanted import series_wanted_book
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Membership
from tests import factories
from tests.booking.series import date_of, reserve_series, states, week
from tests.booking.test_series import in_weeks
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at

ONE_WEEK = Change(shift=week())


def starts(of: Series) -> list[dt.datetime]:
    return [date.when.start for date in of.dates.order_by("number")]


def statuses(of: Series) -> list[str]:
    rows = of.dates.order_by("number").values_list("reservation__status", flat=True)
    return list(rows)


def test_shift__by_a_week__onto_its_own_old_dates(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    changed = series_change(
        actor=cast.booker, chosen=Chosen(made.reference, version=1), change=ONE_WEEK
    )
    assert starts(made) == [in_weeks(n).starts_at for n in range(1, 5)]
    assert changed.version == 2
    assert statuses(made) == [Status.APPROVED] * 4
    assert_all_is_well()


def test_shift__by_an_hour_of_this_and_following__leaves_those_before(
    cast: Cast,
) -> None:
    made = reserve_series(cast.lab, cast.booker)
    series_change(
        actor=cast.booker,
        chosen=Chosen(made.reference, Which.FOLLOWING, 3),
        change=Change(shift=dt.timedelta(minutes=30), minutes=120),
    )
    later = [in_weeks(n).starts_at + HOUR / 2 for n in (2, 3)]
    assert starts(made) == [in_weeks(n).starts_at for n in (0, 1)] + later
    assert date_of(made, 4).when.end == later[1] + 2 * HOUR
    assert_all_is_well()


def test_shift__onto_somebody_else__refuses_all_and_changes_nothing(
    cast: Cast,
) -> None:
    made = reserve_series(cast.lab, cast.booker)
    reserve(cast.lab, cast.stranger, in_weeks(4))
    with pytest.raises(SeriesClash) as refused:
        series_change(actor=cast.booker, chosen=Chosen(made.reference), change=ONE_WEEK)
    (clash,) = refused.value.extra["dates"]
    assert clash["starts_at"] == in_weeks(4).starts_at
    assert starts(made) == [in_weeks(n).starts_at for n in range(4)]
    assert Series.objects.get(pk=made.pk).version == 1
    assert_all_is_well()


def test_shift__keep__wants_what_is_taken_there(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    other = reserve(cast.lab, cast.stranger, in_weeks(4))
    series_change(
        actor=cast.booker, chosen=Chosen(made.reference), change=ONE_WEEK, keep=True
    )
    assert states(made) == ["booked"] * 3 + ["wanted"]
    assert starts(made) == [in_weeks(n).starts_at for n in range(1, 5)]
    given_up = Reservation.objects.get(status=Status.CANCELLED)
    assert given_up.starts_at == in_weeks(3).starts_at
    assert given_up.reason == "It could not move with its series."
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    assert series_wanted_book() == 1
    assert states(made) == ["booked"] * 4
    assert_all_is_well()


def test_change__people_and_purpose__judged_by_the_room_alone(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    factories.set_policy(cast.lab, notice_minutes=9 * 1440)
    change = Change(people=3, purpose="Another take")
    series_change(actor=cast.booker, chosen=Chosen(made.reference), change=change)
    rows = Reservation.objects.filter(series=made)
    assert {(row.people, row.purpose) for row in rows} == {(3, "Another take")}
    lasts = [row.history.last() for row in rows]
    assert {last.action for last in lasts if last} == {"changed"}
    with pytest.raises(SeriesClash):
        series_change(
            actor=cast.booker, chosen=Chosen(made.reference), change=Change(people=99)
        )
    assert_all_is_well()


def test_change__purpose_alone__needs_no_new_approval(cast: Cast) -> None:
    made = reserve_series(cast.studio, cast.booker)
    series_approve(actor=cast.manager, reference=made.reference)
    chosen = Chosen(made.reference)
    series_change(actor=cast.booker, chosen=chosen, change=Change(purpose="New"))
    assert statuses(made) == [Status.APPROVED] * 4
    series_change(actor=cast.booker, chosen=chosen, change=ONE_WEEK)
    assert statuses(made) == [Status.PENDING] * 4
    series_change(actor=cast.manager, chosen=chosen, change=ONE_WEEK)
    assert_all_is_well()


def test_change__another_resource__of_the_same_kind_only(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    given: dict[str, Any] = {"organisation": cast.host, "site": cast.lab.site}
    other = factories.open_lab(**given)
    room = factories.open_lab(kind="premises", **given)
    chosen = Chosen(made.reference, Which.FOLLOWING, 2)
    with pytest.raises(Invalid):
        series_change(
            actor=cast.booker, chosen=chosen, change=Change(resource_slug=room.slug)
        )
    series_change(
        actor=cast.booker, chosen=chosen, change=Change(resource_slug=other.slug)
    )
    rows = made.dates.order_by("number").values_list("reservation__resource", flat=True)
    assert list(rows) == [cast.lab.pk] + [other.pk] * 3
    assert_all_is_well()


def test_change__what_has_begun__is_never_touched(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve_series(cast.lab, cast.booker)
    later = in_weeks(1).starts_at + HOUR / 2
    monkeypatch.setattr(clock, "now", lambda: later)
    series_cancel(actor=cast.booker, chosen=Chosen(made.reference))
    gone, kept = [Status.CANCELLED] * 2, [Status.APPROVED] * 2
    assert statuses(made) == kept + gone
    with pytest.raises(WrongStatus):
        series_cancel(actor=cast.booker, chosen=Chosen(made.reference, Which.THIS, 1))
    with pytest.raises(Invalid):
        series_cancel(actor=cast.booker, chosen=Chosen(made.reference, Which.THIS, 9))
    assert_all_is_well()


def test_cancel__all__frees_the_slots_and_wants_nothing_more(cast: Cast) -> None:
    other = reserve(cast.lab, cast.stranger, in_weeks(2))
    made = reserve_series(cast.lab, cast.booker, keep=True)
    series_cancel(actor=cast.booker, chosen=Chosen(made.reference), reason="Over")
    assert states(made) == ["booked", "booked", "cancelled", "booked"]
    assert set(statuses(made)) == {Status.CANCELLED, None}
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    assert series_wanted_book() == 0
    reserve(cast.lab, cast.stranger, in_weeks(1))
    assert_all_is_well()


def test_cancel__by_the_host__says_why(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    chosen = Chosen(made.reference, Which.FOLLOWING, 3)
    with pytest.raises(Invalid):
        series_cancel(actor=cast.manager, chosen=chosen)
    series_cancel(actor=cast.manager, chosen=chosen, reason="We move out")
    assert statuses(made)[2:] == [Status.CANCELLED] * 2
    assert_all_is_well()


def test_change_and_cancel__by_others__are_refused(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    chosen = Chosen(made.reference)
    fellow = factories.person(cast.startup)
    for who, error in ((cast.stranger, Missing), (fellow, Forbidden)):
        with pytest.raises(error):
            series_cancel(actor=who, chosen=chosen)
        with pytest.raises(error):
            series_change(actor=who, chosen=chosen, change=ONE_WEEK)
    stale = Chosen(made.reference, version=7)
    with pytest.raises(ChangedMeanwhile):
        series_cancel(actor=cast.booker, chosen=stale)


def test_approve__whole__says_what_became_of_each_date(cast: Cast) -> None:
    made = reserve_series(cast.studio, cast.booker)
    first = date_of(made, 1).reservation
    assert first is not None
    reservation_approve(actor=cast.staff, reference=first.reference)
    with pytest.raises(Forbidden):
        series_approve(actor=cast.booker, reference=made.reference)
    results = series_approve(actor=cast.manager, reference=made.reference)
    assert [each.refusal for each in results] == [None] * 3
    assert statuses(made) == [Status.APPROVED] * 4
    assert_all_is_well()


def test_wanted__freed__goes_to_whoever_asked_first(cast: Cast) -> None:
    other = reserve(cast.lab, cast.stranger, in_weeks(1))
    one = reserve_series(cast.lab, cast.booker, keep=True, count=2)
    # The other begins at the wanted time, and has one free date more.
    day = tomorrow_at(10, days=8)
    late = reserve_series(cast.lab, cast.colleague, keep=True, count=2, hour=11)
    assert states(one) == ["booked", "wanted"]
    assert states(late) == ["booked", "booked"]
    third = reserve_series(
        cast.lab,
        cast.colleague,
        keep=True,
        repeats="picked",
        hour=13,
        count=None,
        picked=(day.date(),),
    )
    third.dates.filter(number=2).update(starts_at=day, ends_at=day + HOUR)
    assert series_wanted_book() == 0
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    assert series_wanted_book() == 1
    assert series_wanted_book() == 0, "once"
    made = date_of(one, 2).reservation
    assert made is not None
    assert (made.status, made.requested_by) == (Status.APPROVED, cast.booker)
    row = made.history.get()
    assert row.reason == "The time that was wanted has become free."


def test_wanted__whoever_asked_has_left__is_not_wanted_any_more(cast: Cast) -> None:
    other = reserve(cast.lab, cast.stranger, in_weeks(1))
    made = reserve_series(cast.lab, cast.booker, keep=True, count=2)
    Membership.objects.filter(user=cast.booker).delete()
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    assert series_wanted_book() == 0
    assert states(made) == ["booked", "cancelled"]


def test_wanted__closed_meanwhile__stays_wanted_and_says_why(cast: Cast) -> None:
    other = reserve(cast.lab, cast.stranger, in_weeks(1))
    made = reserve_series(cast.lab, cast.booker, keep=True, count=2)
    reservation_cancel(actor=cast.stranger, reference=other.reference)
    factories.publish(cast.lab, factories.OFFICE_HOURS[:0])
    assert series_wanted_book() == 0
    assert date_of(made, 2).code == "outside_opening_hours"
    factories.publish(cast.lab)
    assert series_wanted_book() == 1


def counted(work: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


@pytest.mark.parametrize("which", ["change", "cancel"])
def test_statements__of_a_change__as_many_for_20_as_for_5(
    cast: Cast, which: str
) -> None:
    def work(made: Series) -> Any:
        chosen = Chosen(made.reference)
        if which == "cancel":
            return lambda: series_cancel(actor=cast.booker, chosen=chosen)
        return lambda: series_change(actor=cast.booker, chosen=chosen, change=ONE_WEEK)

    few = reserve_series(cast.lab, cast.booker, count=5)
    many = reserve_series(cast.lab, cast.booker, count=20, hour=13)
    cast.booker.roles  # noqa: B018 - looked up once
    assert counted(work(few)) == counted(work(many))
