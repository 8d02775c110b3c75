from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.exceptions import IdempotencyKeyReused, SeriesClash
from booking.models import History, Reservation, Series
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.selectors.series import series_get
from booking.series import Repeats
from booking.services.availability import closure_add
from booking.services.holds import reservation_hold
from booking.services.reservations import Idempotency
from booking.services.series import series_create, series_preview
from config.errors import Forbidden, Invalid, Missing
from tests import factories
from tests.booking.series import (
    date_of,
    pattern,
    reserve_series,
    series_wish,
    states,
)
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at, wish


@pytest.fixture
def far(cast: Cast) -> Cast:
    """Both labs may be reserved a year and a half ahead."""
    for of in (cast.lab, cast.studio):
        needs = of == cast.studio
        factories.set_policy(of, horizon_days=540, needs_approval=needs)
    return cast


def in_weeks(n: int, hour: int = 10) -> Wish:
    start = tomorrow_at(hour, days=1 + 7 * n)
    return Wish(start, start + HOUR)


def test_create__all_free__each_date_is_a_reservation(far: Cast) -> None:
    made = reserve_series(far.lab, far.booker, count=52)
    assert states(made) == ["booked"] * 52
    ours = Reservation.objects.filter(series=made)
    assert {each.status for each in ours} == {Status.APPROVED}
    assert [(d.when.start, d.when.end) for d in made.dates.order_by("number")] == [
        (in_weeks(n).starts_at, in_weeks(n).ends_at) for n in range(52)
    ]
    assert_all_is_well()


def test_create__needs_approval__each_date_waits_for_its_decision(far: Cast) -> None:
    made = reserve_series(far.studio, far.booker)
    ours = Reservation.objects.filter(series=made)
    assert [each.status for each in ours] == [Status.PENDING] * 4
    assert all(each.lapses_at for each in ours)
    assert_all_is_well()


def test_create__a_date_is_taken__refuses_all_and_says_which(far: Cast) -> None:
    reserve(far.lab, far.stranger, in_weeks(2))
    with pytest.raises(SeriesClash) as refused:
        reserve_series(far.lab, far.booker)
    (clash,) = refused.value.extra["dates"]
    assert (clash["starts_at"], clash["code"]) == (
        in_weeks(2).starts_at,
        "slot_taken",
    )
    assert not Series.objects.exists()
    assert Reservation.objects.count() == 1


def test_create__keep__books_the_rest_and_wants_what_is_taken(far: Cast) -> None:
    reserve(far.lab, far.stranger, in_weeks(2))
    closure_add(
        actor=far.manager,
        resource_slug=far.lab.slug,
        starts_at=in_weeks(1, 9).starts_at,
        ends_at=in_weeks(1, 12).starts_at,
        reason="maintenance",
    )
    made = reserve_series(far.lab, far.booker, keep=True)
    assert states(made) == ["booked", "skipped", "wanted", "booked"]
    assert date_of(made, 2).code == "outside_opening_hours"
    assert date_of(made, 2).reason == "It is not open for the whole of that time."
    assert date_of(made, 3).code == "slot_taken"
    assert_all_is_well()


def test_create__keep_but_nothing_can_be_had__is_refused(far: Cast) -> None:
    for n in range(4):
        reserve(far.lab, far.stranger, in_weeks(n))
    with pytest.raises(SeriesClash):
        reserve_series(far.lab, far.booker, keep=True)


def test_preview__says_which_rule_and_who_as_the_viewer_may_know(far: Cast) -> None:
    factories.set_policy(far.lab, horizon_days=20)
    reserve(far.lab, far.stranger, in_weeks(1))
    asked = series_wish(far.lab, far.booker, people=99)
    _, judged = series_preview(actor=far.booker, wish=asked)
    codes = [[v.code for v in each.violations] for each in judged.verdicts]
    people = "too_many_people"
    assert codes == [[people]] * 3 + [["beyond_horizon", people]]
    _, judged = series_preview(
        actor=far.booker, wish=series_wish(far.lab, far.booker, count=2)
    )
    assert [each.state for each in judged.verdicts] == ["free", "taken"]
    assert "organisation" not in judged.verdicts[1].taken[0]
    staff = series_wish(far.lab, far.booker, count=2)
    _, judged = series_preview(actor=far.staff, wish=staff)
    assert judged.verdicts[1].taken[0]["organisation_name"] == "Elsewhere"
    assert Series.objects.count() == 0


def test_preview__dates_that_overlap_one_another__only_the_first_is_free(
    far: Cast,
) -> None:
    asked = series_wish(
        far.lab, far.booker, repeats=Repeats.DAILY, minutes=25 * 60, count=3
    )
    factories.set_policy(far.lab, max_duration_minutes=1800)
    _, judged = series_preview(actor=far.booker, wish=asked)
    assert [each.code for each in judged.verdicts] == ["", "overlaps_itself", ""]


def test_create__of_a_pool__takes_so_many_of_it(far: Cast) -> None:
    pool = factories.open_lab(units=3, organisation=far.host)
    reserve(pool, far.stranger, wish(10, quantity=2))
    with pytest.raises(SeriesClash):
        reserve_series(pool, far.booker, quantity=2)
    made = reserve_series(pool, far.booker, quantity=1)
    assert states(made) == ["booked"] * 4
    assert_all_is_well()


def test_create__own_form_holds_a_date__gives_way(far: Cast) -> None:
    reservation_hold(
        actor=far.booker,
        resource_slug=far.lab.slug,
        organisation_slug="",
        wish=in_weeks(1),
        key="k",
    )
    assert states(reserve_series(far.lab, far.booker)) == ["booked"] * 4
    assert not Reservation.objects.filter(status=Status.HELD).exists()
    assert_all_is_well()


def test_create__a_request_has_lapsed__is_in_nobodys_way(
    far: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed = reserve(far.studio, far.stranger, in_weeks(1))
    Reservation.objects.filter(pk=lapsed.pk).update(lapses_at=lapsed.created_at)
    assert states(reserve_series(far.studio, far.booker)) == ["booked"] * 4
    lapsed.refresh_from_db()
    assert lapsed.status == Status.EXPIRED


def test_create__by_others_or_without_sense__is_refused(far: Cast) -> None:
    asked = series_wish(far.lab, far.booker)
    with pytest.raises(Forbidden):
        series_create(actor=far.stranger, wish=asked)
    with pytest.raises(Invalid):
        reserve_series(far.lab, far.booker, count=None)
    far.lab.listing = "draft"
    far.lab.save()
    with pytest.raises(Missing):
        series_create(actor=far.booker, wish=asked)


def test_create__same_key__makes_it_once(far: Cast) -> None:
    asked = series_wish(far.lab, far.booker)
    known = Idempotency("key", "body")
    given: dict[str, Any] = {"actor": far.booker, "wish": asked}
    one = series_create(**given, idempotency=known)
    assert series_create(**given, idempotency=known) == one
    with pytest.raises(IdempotencyKeyReused):
        series_create(**given, idempotency=Idempotency("key", "other"))


def test_get__others__see_nothing(far: Cast) -> None:
    made = reserve_series(far.lab, far.booker)
    for person in (far.booker, far.manager, far.staff):
        assert len(series_get(person, made.reference).in_order) == 4
    with pytest.raises(Missing):
        series_get(far.stranger, made.reference)


def test_history__of_a_series__each_date_its_own(far: Cast) -> None:
    reserve_series(far.lab, far.booker)
    rows = list(History.objects.values_list("action", "actor", "at"))
    assert len(rows) == 4
    assert {row[:2] for row in rows} == {("reserved", far.booker.pk)}
    assert len({row[2] for row in rows}) == 1, "told at once"


def counted(work: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries]


def test_statements__preview_and_create__as_many_for_52_as_for_5(far: Cast) -> None:
    # Warm: roles of the person are looked up once.
    reserve_series(far.lab, far.booker, hour=1, count=2)
    few = series_wish(far.lab, far.booker, hour=3, count=5)
    many = series_wish(far.lab, far.booker, hour=5, count=52)
    with_few, with_many = (
        counted(lambda asked=asked: series_preview(actor=far.booker, wish=asked))
        for asked in (few, many)
    )
    assert len(with_few) == len(with_many) == 4
    with_few, with_many = (
        counted(lambda asked=asked: series_create(actor=far.booker, wish=asked))
        for asked in (few, many)
    )
    # One of them lets a guest's reservations take turns, for what quotas count.
    assert len(with_few) == len(with_many) <= 17, with_many


def test_pattern__of_a_series__comes_back_as_it_was(far: Cast) -> None:
    asked = pattern(
        days=("MO", "TH"),
        until=tomorrow_at(10, days=60).date(),
        count=None,
        picked=(tomorrow_at(10, days=5).date(),),
        excluded=(tomorrow_at(10, days=12).date(),),
    )
    factories.set_policy(far.lab)
    wanted = series_wish(far.lab, far.booker)
    made = series_create(
        actor=far.booker,
        wish=type(wanted)(
            resource_slug=wanted.resource_slug,
            organisation_slug=wanted.organisation_slug,
            purpose="x",
            pattern=asked,
        ),
    )
    assert Series.objects.get(pk=made.pk).pattern == asked
