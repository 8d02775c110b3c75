"""Shared calendars: a building's hours, and Bulgaria's public holidays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from schedule.models import Calendar

from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.selectors.facts import Wish
from booking.services import calendars
from booking.services.availability import Outcome, shared_calendars_set
from booking.services.holidays import SLUG, holiday_calendar_fill
from booking.tasks import roll_open_periods
from config import clock
from config.errors import Invalid
from labs.models import Resource
from tests import factories
from tests.booking.opened import (
    MONDAY,
    assert_projection_is_current,
    march,
    on,
    published,
)
from tests.cast import Cast
from tests.factories import DAY, OFFICE_HOURS, SOFIA, reserve


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def lab(cast: Cast) -> Resource:
    """Open from nine to six on weekdays."""
    return factories.open_lab(
        hours=OFFICE_HOURS, organisation=cast.host, site=cast.lab.site
    )


@pytest.fixture
def shared(db: None) -> AvailabilityCalendar:
    """Closed on the second of March from noon."""
    made = AvailabilityCalendar.objects.create(
        calendar=Calendar.objects.create(name="Building", slug="building"),
        time_zone="Europe/Sofia",
    )
    calendars.add_once(
        made,
        march(2, 12),
        march(2, 24),
        effect=AvailabilityRule.Effect.CLOSED,
        reason="other",
    )
    return made


def share(cast: Cast, lab: Resource, *slugs: str, **given: Any) -> Outcome:
    return shared_calendars_set(
        actor=cast.manager, resource_slug=lab.slug, slugs=slugs, **given
    )


def test_share__a_calendar__closes_those_that_have_it(
    cast: Cast, lab: Resource, shared: AvailabilityCalendar
) -> None:
    other = factories.open_lab(
        hours=OFFICE_HOURS, organisation=cast.host, site=cast.lab.site
    )
    hit = reserve(lab, cast.booker, Wish(march(2, 11), march(2, 13)))
    before = published()
    assert share(cast, lab, "building", preview=True).hits == [hit]
    assert published() == before
    assert share(cast, lab, "building").hits == [hit]
    assert on(lab, 2) == ["09:00–12:00"]
    assert on(other, 2) == ["09:00–18:00"]
    assert_projection_is_current()
    share(cast, lab)
    assert on(lab, 2) == ["09:00–18:00"]


@pytest.mark.parametrize("slugs", [("nowhere",), ("building", "nowhere")])
def test_share__an_unknown_calendar__is_refused(
    cast: Cast, lab: Resource, shared: AvailabilityCalendar, slugs: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refused:
        share(cast, lab, *slugs)
    assert set(refused.value.extra["fields"]) == {"calendars"}
    assert lab.shared_calendars.count() == 0


def test_share__anothers_own_calendar__is_refused(cast: Cast, lab: Resource) -> None:
    theirs = cast.lab.own_calendar.calendar.slug
    with pytest.raises(Invalid):
        share(cast, lab, theirs)


def test_share__by_half_a_hall__closes_the_hall(
    cast: Cast, lab: Resource, shared: AvailabilityCalendar
) -> None:
    given: dict[str, Any] = {"organisation": cast.host, "site": lab.site}
    other = factories.open_lab(hours=OFFICE_HOURS, **given)
    hall = factories.hall([lab, other])
    factories.publish(hall, OFFICE_HOURS)
    share(cast, lab, "building")
    assert on(hall, 2) == on(lab, 2) == ["09:00–12:00"]
    assert on(other, 2) == ["09:00–18:00"]
    assert_projection_is_current()


# Public holidays


def days_off(calendar: AvailabilityCalendar) -> dict[dt.date, AvailabilityRule]:
    rules = AvailabilityRule.objects.filter(event__calendar=calendar.calendar)
    return {
        rule.event.start.astimezone(SOFIA).date(): rule
        for rule in rules.select_related("event").order_by("event__start")
    }


def test_holidays__filled__are_bulgarias_of_three_years_in_two_languages(
    db: None,
) -> None:
    made = holiday_calendar_fill()
    found = days_off(made)
    assert {day.year for day in found} == {2027, 2028, 2029}
    # Fixed ones, and Good Friday of the Orthodox Easter.
    for known in ((1, 1), (3, 3), (4, 30), (5, 24), (9, 6), (12, 25)):
        assert dt.date(2027, *known) in found
    assert dt.date(2027, 3, 26) not in found
    liberation = found[dt.date(2027, 3, 3)]
    assert (liberation.note, liberation.note_bg, liberation.reason) == (
        "Liberation Day",
        "Ден на Освобождението на България от османско иго",
        "holiday",
    )
    # Whole local days: 22:00 to 22:00 in winter by UTC, 21:00 to 21:00 in summer.
    for day, rule in found.items():
        hours = {start.hour for start in (rule.event.start, rule.event.end)}
        assert hours == ({21} if 4 <= day.month <= 10 else {22})
        assert rule.event.end - rule.event.start == DAY


def test_holidays__applied__close_the_resource_that_day(
    cast: Cast, lab: Resource
) -> None:
    holiday_calendar_fill()
    hit = reserve(lab, cast.booker, Wish(march(3, 10), march(3, 11)))
    assert share(cast, lab, SLUG).hits == [hit]
    assert [on(lab, day) for day in (2, 3, 4)] == [
        ["09:00–18:00"],
        [],
        ["09:00–18:00"],
    ]
    assert_projection_is_current()


def test_holidays__filled_again__changes_nothing(cast: Cast, lab: Resource) -> None:
    holiday_calendar_fill()
    share(cast, lab, SLUG)
    before = published()
    holiday_calendar_fill()
    assert published() == before


def test_holidays__filled_next_year__adds_the_missing_and_closes(
    cast: Cast, lab: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = days_off(holiday_calendar_fill(years_ahead=0))
    share(cast, lab, SLUG)
    liberation = dt.date(2028, 3, 3)
    assert on(lab, liberation) == ["09:00–18:00"]
    monkeypatch.setattr(clock, "now", lambda: MONDAY + 300 * DAY)
    made = holiday_calendar_fill(years_ahead=1)
    found = days_off(made)
    assert {day.year for day in first} == {2027}
    assert {day.year for day in found} == {2027, 2028}
    assert {day: found[day] for day in first} == first
    assert on(lab, liberation) == []


def test_holidays__moved_by_staff__is_not_put_back(cast: Cast, lab: Resource) -> None:
    made = holiday_calendar_fill()
    # The hub stays open on one of them: staff shortened it.
    event = days_off(made)[dt.date(2027, 3, 3)].event
    event.end = event.start + DAY / 2
    event.save()
    holiday_calendar_fill()
    assert days_off(made)[dt.date(2027, 3, 3)].event.end == event.end


def test_holidays__nightly__the_next_years_are_added_in_time(
    cast: Cast, lab: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    holiday_calendar_fill(years_ahead=0)
    share(cast, lab, SLUG)
    monkeypatch.setattr(clock, "now", lambda: MONDAY + 300 * DAY)
    roll_open_periods()
    assert on(lab, dt.date(2028, 3, 2)) == ["09:00–18:00"]
    assert on(lab, dt.date(2028, 3, 3)) == []


def test_holidays__nightly_without_the_calendar__makes_none(lab: Resource) -> None:
    roll_open_periods()
    assert not AvailabilityCalendar.objects.filter(calendar__slug=SLUG).exists()
    assert on(lab, 2) == ["09:00–18:00"]
