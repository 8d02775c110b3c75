"""Dates that have hours of their own, whatever the week says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.selectors.facts import Wish
from booking.services.availability import (
    Outcome,
    opening_date_forget,
    opening_date_set,
    opening_hours_publish,
)
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
from tests.factories import OFFICE_HOURS, reserve

WEDNESDAY, SATURDAY = dt.date(2027, 3, 10), dt.date(2027, 3, 13)
NINE_TO_SIX = ["09:00–18:00"]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def lab(cast: Cast) -> Resource:
    """Open from nine to six on weekdays."""
    return factories.open_lab(
        hours=OFFICE_HOURS, organisation=cast.host, site=cast.lab.site
    )


def say(cast: Cast, lab: Resource, day: dt.date, *hours: int, **given: Any) -> Outcome:
    """Give a date its own hours: opens, closes, opens, closes …"""
    edges = [hour * 60 for hour in hours]
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    return opening_date_set(
        actor=cast.manager, resource_slug=lab.slug, day=day, hours=spans, **given
    )


def publish(cast: Cast, lab: Resource, opens: int, closes: int, **dates: Any) -> None:
    week = WeeklyHours(DAYS, opens * 60, closes * 60)
    opening_hours_publish(
        actor=cast.manager, resource_slug=lab.slug, weekly=[week], **dates
    )


@pytest.mark.parametrize("day", [WEDNESDAY, SATURDAY], ids=["weekday", "weekend"])
def test_date_set__some_hours__are_that_dates_only_ones(
    cast: Cast, lab: Resource, day: dt.date
) -> None:
    others = [on(lab, day + n * DAY) for n in (-7, -1, 1, 7)]
    say(cast, lab, day, 7, 8, 20, 24)
    assert on(lab, day) == ["07:00–08:00", "20:00–24:00"]
    assert [on(lab, day + n * DAY) for n in (-7, -1, 1, 7)] == others
    assert_projection_is_current()


def test_date_set__no_hours__is_closed_that_date(cast: Cast, lab: Resource) -> None:
    say(cast, lab, WEDNESDAY)
    assert on(lab, WEDNESDAY) == []
    assert on(lab, WEDNESDAY - DAY) == on(lab, WEDNESDAY + DAY) == NINE_TO_SIX


def test_date_set__again__replaces_what_was_said(cast: Cast, lab: Resource) -> None:
    say(cast, lab, WEDNESDAY, 7, 8)
    say(cast, lab, WEDNESDAY, 20, 21)
    assert on(lab, WEDNESDAY) == ["20:00–21:00"]
    say(cast, lab, WEDNESDAY)
    assert on(lab, WEDNESDAY) == []
    say(cast, lab, WEDNESDAY, 9, 10)
    assert on(lab, WEDNESDAY) == ["09:00–10:00"]


@pytest.mark.parametrize("hours", [(), (7, 8)], ids=["closed", "other hours"])
def test_date_forget__that_date__has_the_weeks_hours_again(
    cast: Cast, lab: Resource, hours: tuple[int, ...]
) -> None:
    before = published()
    say(cast, lab, WEDNESDAY, *hours)
    say(cast, lab, WEDNESDAY + DAY, 11, 12)
    opening_date_forget(actor=cast.manager, resource_slug=lab.slug, day=WEDNESDAY + DAY)
    assert on(lab, WEDNESDAY) != NINE_TO_SIX
    opening_date_forget(actor=cast.manager, resource_slug=lab.slug, day=WEDNESDAY)
    # Nothing of it is left behind.
    assert published() == before


@pytest.mark.parametrize("hours", [(), (7, 8)], ids=["closed", "other hours"])
@pytest.mark.parametrize("day", [WEDNESDAY, SATURDAY], ids=["weekday", "weekend"])
@pytest.mark.parametrize(
    ("first", "last"),
    [(None, None), (1, 9), (10, 13), (14, 20)],
)
def test_date_set__then_new_hours_are_published__keeps_its_own(
    cast: Cast,
    lab: Resource,
    day: dt.date,
    hours: tuple[int, ...],
    first: int | None,
    last: int | None,
) -> None:
    # A date on which a host said it is closed must not open by what is said of weeks.
    say(cast, lab, day, *hours)
    said = on(lab, day)
    publish(
        cast,
        lab,
        10,
        22,
        valid_from=dt.date(2027, 3, first) if first else None,
        valid_until=dt.date(2027, 3, last) if last else None,
    )
    assert on(lab, day) == said == (["07:00–08:00"] if hours else [])
    assert_projection_is_current()
    # And when it is forgotten, the new week holds there.
    opening_date_forget(actor=cast.manager, resource_slug=lab.slug, day=day)
    within = first is None or last is None or first <= day.day <= last
    of_the_week = NINE_TO_SIX if day == WEDNESDAY else []
    assert on(lab, day) == (["10:00–22:00"] if within else of_the_week)


def test_date_set__on_a_day_of_23_hours__is_by_the_clock(
    cast: Cast, lab: Resource
) -> None:
    sunday = dt.date(2027, 3, 28)
    say(cast, lab, sunday, 0, 24)
    (row,) = lab.open_periods.filter(during__contains=march(28, 12))
    assert row.during.upper - row.during.lower == dt.timedelta(hours=23)
    # Its own Sunday hours come and go too.
    publish(cast, lab, 2, 5, valid_from=sunday, valid_until=sunday)
    assert on(lab, sunday) == ["00:00–24:00"]


def test_date_set__over_reservations__lists_them_and_preview_changes_nothing(
    cast: Cast, lab: Resource
) -> None:
    hit = reserve(lab, cast.booker, Wish(march(10, 9), march(10, 10)))
    reserve(lab, cast.booker, Wish(march(10, 11), march(10, 12)))
    reserve(lab, cast.booker, Wish(march(11, 9), march(11, 10)))
    before = published()
    assert say(cast, lab, WEDNESDAY, 11, 18, preview=True).hits == [hit]
    assert published() == before
    assert say(cast, lab, WEDNESDAY, 11, 18).hits == [hit]
    assert on(lab, WEDNESDAY) == ["11:00–18:00"]
    before = published()
    forget: dict[str, Any] = {
        "actor": cast.manager,
        "resource_slug": lab.slug,
        "day": WEDNESDAY,
    }
    assert opening_date_forget(**forget, preview=True).hits == []
    assert published() == before


@pytest.mark.parametrize(
    ("day", "hours", "field"),
    [
        (TODAY - DAY, [(540, 600)], "date"),
        (TODAY + 366 * 10 * DAY + DAY, [(540, 600)], "date"),
        (dt.date.max, [], "date"),
        (WEDNESDAY, [(600, 540)], "weekly.0.to"),
        (WEDNESDAY, [(540, 540)], "weekly.0.to"),
        (WEDNESDAY, [(540, 660), (600, 720)], "weekly.1"),
        (WEDNESDAY, [(0, 1441)], "weekly.0"),
        (WEDNESDAY, [(-1, 60)], "weekly.0"),
    ],
)
def test_date_set__bad_input__is_refused_and_changes_nothing(
    cast: Cast, lab: Resource, day: dt.date, hours: Any, field: str
) -> None:
    before = published()
    with pytest.raises(Invalid) as refused:
        opening_date_set(
            actor=cast.manager, resource_slug=lab.slug, day=day, hours=hours
        )
    assert set(refused.value.extra["fields"]) == {field}
    assert published() == before


def test_date_set__today__is_accepted(cast: Cast, lab: Resource) -> None:
    say(cast, lab, TODAY, 0, 24)
    assert on(lab, TODAY) == ["00:00–24:00"]
