"""Which dates a pattern has, checked against a calendar walked day by day."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.expander import to_wall
from booking.series import LONGEST, Pattern, Repeats, faults, periods, wall_starts
from booking.weekly import DAYS
from tests.booking.examples import examples
from tests.factories import SOFIA


def wall(*given: int) -> dt.datetime:
    """A time on the clock in Sofia, naive."""
    year, month, day, hour, *minutes = given
    clock = dt.time(hour, minutes[0] if minutes else 0)
    return dt.datetime.combine(dt.date(year, month, day), clock)


NINE = wall(2027, 1, 4, 9)  # a Monday
DAY = dt.timedelta(days=1)
EVE = dt.date(2029, 1, 4)


def pattern(repeats: str = Repeats.WEEKLY, **given: Any) -> Pattern:
    known: dict[str, Any] = {"first": NINE, "minutes": 60, "count": 3}
    return Pattern(repeats, **known | given)


def dates(of: Pattern) -> list[str]:
    return [start.date().isoformat() for start in wall_starts(of)]


def test_daily__every_third_day__counts_from_the_first() -> None:
    found = dates(pattern(Repeats.DAILY, interval=3))
    assert found == ["2027-01-04", "2027-01-07", "2027-01-10"]


def test_weekly__on_days__has_each_of_them_every_other_week() -> None:
    found = dates(pattern(days=("MO", "TH"), interval=2, count=4))
    assert found == ["2027-01-04", "2027-01-07", "2027-01-18", "2027-01-21"]


def test_weekly__no_days__is_that_of_the_first() -> None:
    assert dates(pattern(until=dt.date(2027, 1, 18), count=None)) == [
        "2027-01-04",
        "2027-01-11",
        "2027-01-18",
    ]


def test_monthly__on_the_31st__skips_months_without() -> None:
    found = dates(pattern(Repeats.MONTHLY, first=wall(2027, 1, 31, 9)))
    assert found == ["2027-01-31", "2027-03-31", "2027-05-31"]


@pytest.mark.parametrize(
    ("week", "day", "expected"),
    [
        (2, "TU", ["2027-01-12", "2027-02-09", "2027-03-09"]),
        (-1, "FR", ["2027-01-29", "2027-02-26", "2027-03-26"]),
    ],
)
def test_monthly__by_weekday__is_that_one(
    week: int, day: str, expected: list[str]
) -> None:
    assert dates(pattern(Repeats.MONTHLY, week=week, days=(day,))) == expected


def test_picked_and_excluded__on_top_and_left_out() -> None:
    picked, excluded = (dt.date(2027, 1, 6),), (dt.date(2027, 1, 11),)
    found = dates(pattern(picked=picked, excluded=excluded))
    assert found == ["2027-01-04", "2027-01-06", "2027-01-18"]
    alone = pattern(Repeats.PICKED, picked=picked, count=None)
    assert dates(alone) == ["2027-01-04", "2027-01-06"]


def test_periods__over_the_change__keep_the_clock_on_the_wall() -> None:
    found = periods(pattern(first=wall(2027, 3, 22, 9)), SOFIA)
    assert [to_wall(each.start, SOFIA).hour for each in found] == [9, 9, 9]
    assert [each.start.hour for each in found] == [7, 6, 6]


def test_periods__in_the_hour_that_spring_skips__move_on_or_vanish() -> None:
    night = wall(2027, 3, 28, 3, 30)
    one, other = (
        periods(pattern(Repeats.PICKED, first=night, minutes=minutes), SOFIA)
        for minutes in (60, 120)
    )
    assert one == []
    (found,) = other
    assert to_wall(found.start, SOFIA) == night + dt.timedelta(hours=1)
    assert to_wall(found.end, SOFIA) == night + dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("interval", {"interval": 0}),
        ("interval", {"interval": 53}),
        ("until", {"count": None}),
        ("until", {"until": NINE.date() - DAY}),
        ("until", {"until": (NINE + LONGEST).date() + DAY}),
        ("count", {"count": 367}),
        ("count", {"count": 0}),
        ("week", {"repeats": Repeats.MONTHLY, "week": 5, "days": ("MO",)}),
        ("days", {"repeats": Repeats.MONTHLY, "week": 2}),
        ("picked", {"picked": (NINE.date() - DAY,)}),
        ("repeats", {"count": 1, "excluded": (NINE.date(),)}),
        (
            "repeats",
            {"count": 365, "repeats": "daily", "picked": (EVE, EVE + DAY)},
        ),
        (
            "repeats",
            {
                "repeats": Repeats.DAILY,
                "count": None,
                "until": NINE.date() + 366 * DAY,
            },
        ),
    ],
)
def test_faults__without_sense__are_said_of_their_field(
    field: str, given: dict[str, Any]
) -> None:
    assert list(faults(pattern(**given))) == [field]
    assert faults(pattern()) == {}


def _is_on(of: Pattern, day: dt.date) -> bool:
    first = of.first.date()
    if of.repeats == Repeats.DAILY:
        return (day - first).days % of.interval == 0
    if of.repeats == Repeats.WEEKLY:
        monday = first - first.weekday() * DAY
        days = of.days or (DAYS[first.weekday()],)
        this_week = (day - monday).days // 7 % of.interval == 0
        return this_week and DAYS[day.weekday()] in days
    months = (day.year - first.year) * 12 + day.month - first.month
    if months % of.interval:
        return False
    if not of.week:
        return day.day == first.day
    last = calendar.monthrange(day.year, day.month)[1]
    nth = (day.day - 1) // 7 + 1 if of.week > 0 else -1
    is_last = day.day + 7 > last
    right = nth == of.week if of.week > 0 else is_last
    return right and DAYS[day.weekday()] == of.days[0]


@st.composite
def patterns(draw: Any) -> Pattern:
    repeats = draw(st.sampled_from(Repeats.values[:3]))
    week = draw(st.sampled_from([0, 1, 2, 3, 4, -1])) if repeats == "monthly" else 0
    most = 1 if week else 7
    least = 1 if week else 0
    days = draw(
        st.lists(st.sampled_from(DAYS), min_size=least, max_size=most, unique=True)
    )
    day = draw(st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)))
    clock = draw(st.sampled_from([0, 130, 180, 195, 210, 239, 240, 540, 1380, 1439]))
    return Pattern(
        repeats=repeats,
        first=dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=clock),
        minutes=draw(st.sampled_from([15, 60, 90, 480, 1440, 1500])),
        interval=draw(st.integers(1, 5)),
        days=tuple(days) if repeats != "daily" else (),
        week=week,
        until=day + draw(st.integers(0, 200)) * DAY,
        picked=tuple(draw(st.lists(st.dates(day, day + 300 * DAY), max_size=3))),
        excluded=tuple(draw(st.lists(st.dates(day, day + 300 * DAY), max_size=3))),
    )


@given(patterns())
@examples(150)
def test_pattern__any__is_what_walking_the_calendar_finds(of: Pattern) -> None:
    assert of.until is not None
    first, number = of.first.date(), (of.until - of.first.date()).days
    walked = {first + n * DAY for n in range(number + 1) if _is_on(of, first + n * DAY)}
    expected = sorted((walked | set(of.picked)) - set(of.excluded))
    assert [start.date() for start in wall_starts(of)] == expected
    for period in periods(of, SOFIA):
        assert period.start < period.end
        shown = to_wall(period.start, SOFIA)
        skipped = shown.time() != of.first.time()
        # Only the hour that spring skips is shown as another.
        assert not skipped or (of.first.hour == 3 and shown.hour == 4)
        if not skipped:
            assert shown in wall_starts(of)
