"""Hours published round the night in which spring skips some of the clock's times."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.selectors.hours import opening_hours_of
from booking.services import availability
from booking.weekly import DAYS, WeeklyHours, at_wall, format_clock, is_shown
from config import clock
from config.errors import Invalid
from labs.models import Resource
from tests import factories
from tests.booking.examples import at, examples, rolled_back
from tests.booking.opened import DAY, assert_projection_is_current, days_of, on

#: The date, the first time that its clock skips, and the first that it shows again.
GAPS = {
    "Europe/Sofia": (dt.date(2027, 3, 28), 180, 240),
    "Africa/Cairo": (dt.date(2027, 4, 30), 0, 60),
    "America/Santiago": (dt.date(2027, 9, 5), 0, 60),
    "Australia/Lord_Howe": (dt.date(2027, 10, 3), 120, 150),
}


@pytest.fixture(params=GAPS)
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lab(db: None, zone: str, monkeypatch: pytest.MonkeyPatch) -> Resource:
    """With no hours yet; it is some weeks before the change."""
    site = factories.site(time_zone=zone)
    noon = at_wall(GAPS[zone][0] - 30 * DAY, 720, site.zone)
    monkeypatch.setattr(clock, "now", lambda: noon)
    return factories.resource(organisation=factories.organisation(), site=site)


def publish(lab: Resource, *weekly: WeeklyHours, **dates: Any) -> None:
    availability.opening_hours_publish(
        actor=factories.staff(), resource_slug=lab.slug, weekly=weekly, **dates
    )


def say(lab: Resource, day: dt.date, *hours: tuple[int, int]) -> None:
    availability.opening_date_set(
        actor=factories.staff(), resource_slug=lab.slug, day=day, hours=hours
    )


def forget(lab: Resource, day: dt.date) -> None:
    availability.opening_date_forget(
        actor=factories.staff(), resource_slug=lab.slug, day=day
    )


def read(lab: Resource) -> list[tuple[tuple[str, ...], str, str]]:
    """The weekly hours as they are read back, of all seasons."""
    return [
        (tuple(row["days"]), row["from"], row["to"])
        for season in opening_hours_of(lab)["seasons"]
        for row in season["weekly"]
    ]


def text(opens: int, closes: int) -> list[str]:
    return [f"{format_clock(opens)}–{format_clock(closes)}"]


def test_date_set__hours_that_are_skipped__are_refused(lab: Resource) -> None:
    day, skipped, shown = GAPS[lab.site.time_zone]
    with pytest.raises(Invalid) as refused:
        say(lab, day, (skipped, shown))
    assert set(refused.value.extra["fields"]) == {"hours"}
    say(lab, day, (0, 1440))
    length = sum(
        (row.during.upper - row.during.lower for row in lab.open_periods.all()),
        dt.timedelta(),
    )
    assert length == DAY - dt.timedelta(minutes=shown - skipped)


def test_date_set__where_the_weeks_hours_are_skipped__holds(lab: Resource) -> None:
    day, skipped, shown = GAPS[lab.site.time_zone]
    publish(lab, WeeklyHours((DAYS[day.weekday()],), skipped, shown))
    say(lab, day, (540, 600))
    assert on(lab, day) == text(540, 600)
    assert on(lab, day + 7 * DAY) == text(skipped, shown)
    forget(lab, day)
    assert on(lab, day) == []


def test_publish__hours_that_are_skipped_at_first__begin_a_week_later(
    lab: Resource,
) -> None:
    day, skipped, shown = GAPS[lab.site.time_zone]
    letters = (DAYS[day.weekday()],)
    publish(lab, WeeklyHours(letters, skipped, shown), valid_from=day)
    assert on(lab, day) == []
    assert on(lab, day + 7 * DAY) == text(skipped, shown)
    assert read(lab) == [(letters, format_clock(skipped), format_clock(shown))]
    publish(lab, WeeklyHours(letters, skipped, shown), valid_from=day, valid_until=day)
    assert lab.open_periods.filter(during__overlap=_week_from(lab, day)).count() == 0


def _week_from(lab: Resource, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return at_wall(day, 0, lab.site.zone), at_wall(day + 7 * DAY, 0, lab.site.zone)


def test_publish__a_season_until_the_day_before__the_old_hours_resume_as_they_were(
    lab: Resource,
) -> None:
    day, skipped, _shown = GAPS[lab.site.time_zone]
    letters = (DAYS[day.weekday()],)
    publish(lab, WeeklyHours(letters, skipped, 600))
    before = days_of(lab, day, 15)
    publish(
        lab,
        WeeklyHours(letters, 720, 780),
        valid_from=day - 14 * DAY,
        valid_until=day - DAY,
    )
    assert days_of(lab, day, 15) == before
    assert read(lab)[-1] == (letters, format_clock(skipped), "10:00")


def test_publish__only_the_day_of_the_change__is_that_day_and_can_be_replaced(
    lab: Resource,
) -> None:
    day, skipped, shown = GAPS[lab.site.time_zone]
    letters = (DAYS[day.weekday()],)
    publish(lab, WeeklyHours(letters, skipped, 600), valid_from=day, valid_until=day)
    assert on(lab, day) == text(shown, 600)
    assert on(lab, day + 7 * DAY) == []
    (season,) = opening_hours_of(lab)["seasons"]
    assert (season["valid_from"], season["valid_until"]) == (day, day)
    assert read(lab) == [(letters, format_clock(skipped), "10:00")]
    publish(lab, WeeklyHours(letters, 720, 780))
    assert on(lab, day) == text(720, 780)
    assert_projection_is_current()


def test_date_set__on_the_first_day_of_hours__is_kept_and_forgotten(
    lab: Resource,
) -> None:
    day, skipped, shown = GAPS[lab.site.time_zone]
    week = WeeklyHours((DAYS[day.weekday()],), skipped, 600)
    publish(lab, week, valid_from=day)
    for said in ([(720, 780)], []):
        say(lab, day, *said)
        expected = text(720, 780) if said else []
        assert on(lab, day) == expected
        # Hours that are published over it, and that resume there, let it be.
        publish(lab, week, valid_from=day)
        publish(lab, valid_from=day - 7 * DAY, valid_until=day - DAY)
        assert on(lab, day) == expected
        forget(lab, day)
        assert on(lab, day) == text(shown, 600)
        assert on(lab, day + 7 * DAY) == text(skipped, 600)
    assert_projection_is_current()


quarters = st.integers(0, 96).map(lambda n: n * 15)
spans = st.tuples(quarters, quarters).filter(lambda s: s[0] < s[1])
#: Often in the night.
nights = st.tuples(st.integers(0, 20), st.integers(1, 24)).map(
    lambda n: (n[0] * 15, (n[0] + n[1]) * 15)
)
weeks = st.dictionaries(st.sampled_from(DAYS), nights | spans, min_size=1)
near = st.integers(-9, 9)


def hours_of(week: dict[str, tuple[int, int]]) -> list[WeeklyHours]:
    """Those of days that have the same ones together."""
    days: dict[tuple[int, int], list[str]] = {}
    for day in DAYS:
        if day in week:
            days.setdefault(week[day], []).append(day)
    return [WeeklyHours(tuple(on), *span) for span, on in days.items()]


def assert_open(
    lab: Resource, week: dict[str, tuple[int, int]], day: dt.date, is_season: bool
) -> None:
    """By the clock where it shows those times; whatever is left of them elsewhere."""
    span = week.get(DAYS[day.weekday()]) if is_season else None
    if span is None:
        expected = []
    else:
        start, end = (at_wall(day, edge, lab.site.zone) for edge in span)
        expected = [(start, end)] if start < end else []
    midnights = [at_wall(day + n * DAY, 0, lab.site.zone) for n in (0, 1)]
    rows = lab.open_periods.filter(during__overlap=tuple(midnights))
    clipped = [
        (max(row.during.lower, midnights[0]), min(row.during.upper, midnights[1]))
        for row in rows
    ]
    assert clipped == expected, day
    if span and all(is_shown(day, edge, lab.site.zone) for edge in span):
        assert on(lab, day) == text(*span)


@pytest.mark.django_db
@examples(25)
@given(zone=st.sampled_from(sorted(GAPS)), data=st.data())
def test_publish__any_week_round_the_change__is_what_was_published(
    zone: str, data: st.DataObject
) -> None:
    change = GAPS[zone][0]
    old, new = data.draw(weeks), data.draw(weeks)
    first = change + data.draw(near) * DAY
    second = change + data.draw(near) * DAY
    last = second + data.draw(st.integers(0, 9)) * DAY
    own = change + data.draw(st.integers(-1, 1)) * DAY
    with rolled_back():
        site = factories.site(time_zone=zone)
        lab = factories.resource(organisation=factories.organisation(), site=site)
        with at(at_wall(change - 30 * DAY, 720, site.zone)):
            publish(lab, *hours_of(old), valid_from=first)
            assert sorted(read(lab)) == sorted(
                (hours.days, format_clock(hours.opens), format_clock(hours.closes))
                for hours in hours_of(old)
            )
            publish(lab, *hours_of(new), valid_from=second, valid_until=last)
            known = {*hours_of(old), *hours_of(new)}
            assert {(opens, closes) for _days, opens, closes in read(lab)} <= {
                (format_clock(hours.opens), format_clock(hours.closes))
                for hours in known
            }
            say(lab, own)
            assert on(lab, own) == []
            forget(lab, own)
            for n in range(-10, 23):
                day = change + n * DAY
                if second <= day <= last:
                    assert_open(lab, new, day, is_season=True)
                else:
                    assert_open(lab, old, day, is_season=day >= first)
            publish(lab)
            assert lab.open_periods.count() == 0
