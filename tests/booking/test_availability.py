"""Weekly hours: published, replaced, for a season."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from schedule.models import Event, Rule

from booking.selectors.facts import Wish
from booking.services.availability import Outcome, opening_hours_publish
from booking.weekly import DAYS, WeeklyHours
from config import clock
from config.errors import Invalid
from labs.models import Resource
from tests import factories
from tests.booking.opened import (
    DAY,
    MONDAY,
    TODAY,
    assert_projection_is_current,
    march,
    on,
    published,
)
from tests.cast import Cast
from tests.factories import HOUR, OFFICE_HOURS, reserve


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def lab(cast: Cast) -> Resource:
    """Published, and with no hours yet."""
    return factories.resource(organisation=cast.host, site=cast.lab.site)


def publish(cast: Cast, lab: Resource, *weekly: WeeklyHours, **given: Any) -> Outcome:
    return opening_hours_publish(
        actor=cast.manager, resource_slug=lab.slug, weekly=weekly, **given
    )


def hours(opens: int, closes: int, *days: str) -> WeeklyHours:
    return WeeklyHours(days or DAYS, opens * 60, closes * 60)


def test_publish__a_week__is_open_then_and_only_then(cast: Cast, lab: Resource) -> None:
    outcome = publish(cast, lab, *OFFICE_HOURS, hours(10, 14, "SA"))
    assert outcome.minutes_a_week == (5 * 9 + 4) * 60
    week = [on(lab, day) for day in range(1, 8)]
    assert week == [["09:00–18:00"]] * 5 + [["10:00–14:00"], []]
    assert [on(lab, day) for day in range(22, 29)] == week
    # Today's hours are whole though they began; yesterday's are none.
    assert on(lab, TODAY - DAY) == []
    # As far ahead as anybody may reserve, and beyond both changes of the clocks.
    assert on(lab, dt.date(2028, 8, 21)) == ["09:00–18:00"]
    assert_projection_is_current()


def test_publish__nights_that_touch_at_midnight__are_one(
    cast: Cast, lab: Resource
) -> None:
    publish(cast, lab, hours(18, 24, "MO"), hours(0, 6, "TU"))
    row = lab.open_periods.order_by("during").first()
    assert row is not None
    assert (row.during.lower, row.during.upper) == (march(1, 18), march(2, 6))


def test_publish__day_and_night__is_one_period(cast: Cast, lab: Resource) -> None:
    publish(cast, lab, hours(0, 24))
    assert lab.open_periods.count() == 1
    assert on(lab, 28) == on(lab, dt.date(2027, 10, 31)) == ["00:00–24:00"]


def test_publish__again__replaces_what_was(cast: Cast, lab: Resource) -> None:
    publish(cast, lab, *OFFICE_HOURS)
    publish(cast, lab, hours(8, 12, "MO", "SU"))
    assert [on(lab, day) for day in (1, 2, 7)] == [["08:00–12:00"], [], ["08:00–12:00"]]
    # Its rules went with it: a rule left alone would make its series a single date.
    assert Rule.objects.filter(event=None).count() == 0
    publish(cast, lab)
    assert lab.open_periods.count() == 0
    assert not Event.objects.filter(calendar=lab.own_calendar.calendar).exists()


def test_publish__from_a_date__the_old_hold_until_the_day_before(
    cast: Cast, lab: Resource
) -> None:
    publish(cast, lab, hours(9, 18))
    publish(cast, lab, hours(10, 12), valid_from=dt.date(2027, 3, 10))
    assert on(lab, 9) == ["09:00–18:00"]
    assert on(lab, 10) == ["10:00–12:00"]
    assert on(lab, dt.date(2028, 3, 10)) == ["10:00–12:00"]
    assert_projection_is_current()


def test_publish__a_season__the_old_resume_after_it(cast: Cast, lab: Resource) -> None:
    publish(cast, lab, hours(9, 18, *DAYS[:6]))
    season = {"valid_from": dt.date(2027, 3, 10), "valid_until": dt.date(2027, 3, 20)}
    publish(cast, lab, hours(7, 23), **season)
    assert [on(lab, day) for day in (9, 10, 20, 22)] == [
        ["09:00–18:00"],
        ["07:00–23:00"],
        ["07:00–23:00"],
        ["09:00–18:00"],
    ]
    # The Sunday after the season is closed as ever, the one within it is not.
    assert (on(lab, 14), on(lab, 21)) == (["07:00–23:00"], [])
    assert_projection_is_current()


def test_publish__a_season_over_two_seasons__cuts_both(
    cast: Cast, lab: Resource
) -> None:
    publish(cast, lab, hours(9, 18))
    for first, last, week in ((8, 14, hours(7, 8)), (12, 18, hours(20, 21))):
        publish(
            cast,
            lab,
            week,
            valid_from=dt.date(2027, 3, first),
            valid_until=dt.date(2027, 3, last),
        )
    assert [on(lab, day) for day in (7, 8, 11, 12, 18, 19)] == [
        ["09:00–18:00"],
        ["07:00–08:00"],
        ["07:00–08:00"],
        ["20:00–21:00"],
        ["20:00–21:00"],
        ["09:00–18:00"],
    ]
    assert_projection_is_current()


def test_publish__a_season_without_hours__is_closed_for_as_long(
    cast: Cast, lab: Resource
) -> None:
    publish(cast, lab, hours(9, 18))
    season = {"valid_from": dt.date(2027, 3, 10), "valid_until": dt.date(2027, 3, 10)}
    publish(cast, lab, **season)
    assert [on(lab, day) for day in (9, 10, 11)] == [
        ["09:00–18:00"],
        [],
        ["09:00–18:00"],
    ]


def test_publish__from_the_past__is_from_today(cast: Cast, lab: Resource) -> None:
    publish(cast, lab, hours(9, 18), valid_from=dt.date(1900, 1, 1))
    assert on(lab, TODAY - DAY) == []
    assert on(lab, TODAY) == ["09:00–18:00"]


def test_publish__in_another_zone__is_by_the_clock_of_the_site(cast: Cast) -> None:
    site = factories.site(time_zone="Australia/Lord_Howe")
    lab = factories.resource(organisation=cast.host, site=site)
    publish(cast, lab, hours(9, 18))
    assert on(lab, 2) == ["09:00–18:00"]
    row = lab.open_periods.order_by("during").first()
    # Eleven hours ahead of UTC in March, half past ten when winter comes in April.
    assert row is not None
    assert row.during.lower == dt.datetime(2027, 2, 28, 22, tzinfo=dt.UTC)
    assert on(lab, dt.date(2027, 4, 5)) == ["09:00–18:00"]


def test_publish__over_reservations__lists_those_it_hits_and_touches_none(
    cast: Cast, lab: Resource
) -> None:
    factories.set_policy(lab, max_duration_minutes=600)
    publish(cast, lab, hours(9, 18))
    inside, across, outside = (
        reserve(lab, cast.booker, Wish(march(2, start), march(2, end)))
        for start, end in ((9, 11), (11, 13), (13, 14))
    )
    before = published()
    preview = publish(cast, lab, hours(9, 12), preview=True)
    assert preview.hits == [across, outside]
    assert preview.minutes_a_week == 7 * 180
    assert published() == before
    done = publish(cast, lab, hours(9, 12))
    assert done.hits == preview.hits
    for made in (inside, across, outside):
        made.refresh_from_db()
        assert (made.status, made.occupancy.count()) == ("approved", 1)
    # They lie outside already: a further change does not hit them again.
    assert publish(cast, lab, hours(9, 11)).hits == []
    assert publish(cast, lab, hours(9, 10)).hits == [inside]


def test_publish__over_what_is_past_or_cancelled__lists_nothing(
    cast: Cast, lab: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cast, lab, hours(9, 18))
    made = reserve(lab, cast.booker, Wish(march(2, 9), march(2, 10)))
    monkeypatch.setattr(clock, "now", lambda: march(2, 10))
    assert publish(cast, lab).hits == []
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    publish(cast, lab, hours(9, 18))
    monkeypatch.setattr(clock, "now", lambda: march(2, 10) - HOUR / 60)
    assert publish(cast, lab).hits == [made]


FAR = TODAY + 366 * 10 * DAY


@pytest.mark.parametrize(
    ("weekly", "dates", "field"),
    [
        ([WeeklyHours(("MO",), 600, 540)], {}, "weekly.0.to"),
        ([WeeklyHours(("MO",), 600, 600)], {}, "weekly.0.to"),
        ([WeeklyHours((), 540, 600)], {}, "weekly.0.days"),
        ([hours(9, 10), WeeklyHours(("MO", "XX"), 540, 600)], {}, "weekly.1.days"),
        ([WeeklyHours(("mo",), 540, 600)], {}, "weekly.0.days"),
        ([WeeklyHours(("MO",), -60, 600)], {}, "weekly.0"),
        ([WeeklyHours(("MO",), 600, 1441)], {}, "weekly.0"),
        ([hours(9, 12), hours(11, 13, "TU")], {}, "weekly.1"),
        ([hours(9, 12, "MO"), hours(9, 12, "MO")], {}, "weekly.1"),
        ([hours(9, 12)], {"valid_until": TODAY - DAY}, "valid_until"),
        (
            [hours(9, 12)],
            {"valid_from": TODAY + 2 * DAY, "valid_until": TODAY + DAY},
            "valid_until",
        ),
        ([hours(9, 12)], {"valid_from": FAR + DAY}, "valid_from"),
        ([hours(9, 12)], {"valid_from": dt.date.max}, "valid_from"),
        ([hours(9, 12)], {"valid_until": dt.date.max}, "valid_until"),
    ],
)
def test_publish__bad_input__is_refused_and_changes_nothing(
    cast: Cast, lab: Resource, weekly: Any, dates: dict[str, Any], field: str
) -> None:
    before = published()
    with pytest.raises(Invalid) as refused:
        publish(cast, lab, *weekly, **dates)
    assert set(refused.value.extra["fields"]) == {field}
    assert published() == before


def test_publish__at_the_edge_of_bad_input__is_accepted(
    cast: Cast, lab: Resource
) -> None:
    outcome = publish(
        cast,
        lab,
        WeeklyHours(("MO", "MO"), 0, 540),
        WeeklyHours(("MO",), 540, 1440),
        valid_from=TODAY,
        valid_until=FAR,
    )
    # A day named twice is one day.
    assert outcome.minutes_a_week == 1440
    assert on(lab, 1) == ["00:00–24:00"]
    publish(cast, lab, hours(9, 10), valid_from=TODAY, valid_until=TODAY)
    assert (on(lab, 1), on(lab, 8)) == (["09:00–10:00"], ["00:00–24:00"])
