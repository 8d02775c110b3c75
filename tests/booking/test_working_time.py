"""The clock of a decision runs in the hub's working hours only."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.models.paths import Level
from booking.working_time import WorkingTime, alarms

SOFIA = ZoneInfo("Europe/Sofia")
HOUR = dt.timedelta(hours=1)
OFFICE = dict.fromkeys(range(5), (9 * 60, 18 * 60))
HOLIDAY = dt.date(2027, 3, 3)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SOFIA).astimezone(dt.UTC)


def office(*holidays: dt.date) -> WorkingTime:
    return WorkingTime(SOFIA, OFFICE, frozenset(holidays))


FAR = at("2028-01-01")


def test_after__friday_afternoon__goes_on_on_monday() -> None:
    assert office().after(at("2027-03-05T17:00"), 3 * HOUR, FAR) == at(
        "2027-03-08T11:00"
    )


def test_after__holiday__does_not_count() -> None:
    start = at("2027-03-02T17:00")
    assert office().after(start, 2 * HOUR, FAR) == at("2027-03-03T10:00")
    assert office(HOLIDAY).after(start, 2 * HOUR, FAR) == at("2027-03-04T10:00")


def test_after__beyond_the_latest__is_the_latest() -> None:
    latest = at("2027-03-06T10:00")
    assert office().after(at("2027-03-05T17:00"), 3 * HOUR, latest) == latest


def test_after__no_week__runs_round_the_clock() -> None:
    start = at("2027-03-05T17:00")
    assert WorkingTime(SOFIA).after(start, 72 * HOUR, FAR) == start + 72 * HOUR


def test_after__the_night_that_springs_forward__is_an_hour_of_the_wall() -> None:
    night = WorkingTime(SOFIA, {6: (0, 6 * 60)})
    assert night.after(at("2027-03-28T00:00"), 4 * HOUR, FAR) == at("2027-03-28T05:00")


def test_alarms__two_working_days__at_half_three_quarters_seven_eighths() -> None:
    since = at("2027-03-05T09:00")
    due = office().after(since, 16 * HOUR, FAR)
    assert due == at("2027-03-08T16:00")
    assert alarms(office(), since, due) == [
        (at("2027-03-05T17:00"), Level.REMINDED),
        (at("2027-03-08T12:00"), Level.DEPUTIES),
        (at("2027-03-08T14:00"), Level.STAFF),
    ]


def test_alarms__no_working_time_left__by_the_clock_on_the_wall() -> None:
    since, due = at("2027-03-06T10:00"), at("2027-03-06T18:00")
    assert [when for when, _level in alarms(office(), since, due)] == [
        at("2027-03-06T14:00"),
        at("2027-03-06T16:00"),
        at("2027-03-06T17:00"),
    ]


INSTANTS = st.integers(0, 2 * 365 * 1440).map(
    lambda n: at("2026-01-01") + dt.timedelta(minutes=n)
)
SPANS = st.integers(0, 60 * 24 * 60).map(lambda n: dt.timedelta(minutes=n))
EDGES = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(
    lambda pair: pair[0] < pair[1]
)
WEEKS = st.dictionaries(st.integers(0, 6), EDGES)
DATES = st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), max_size=9)


@given(INSTANTS, SPANS, WEEKS, DATES)
def test_after__any_week__so_much_working_time_lies_between(
    start: dt.datetime,
    span: dt.timedelta,
    week: dict[int, tuple[int, int]],
    holidays: frozenset[dt.date],
) -> None:
    time = WorkingTime(SOFIA, week, holidays)
    latest = start + dt.timedelta(days=400)
    end = time.after(start, span, latest)
    assert start <= end <= latest
    worked = time.between(start, end)
    assert worked == span if end < latest else worked <= span


@given(INSTANTS, SPANS, SPANS, WEEKS, DATES)
def test_after__more_time__is_never_earlier(
    start: dt.datetime,
    less: dt.timedelta,
    more: dt.timedelta,
    week: dict[int, tuple[int, int]],
    holidays: frozenset[dt.date],
) -> None:
    time = WorkingTime(SOFIA, week, holidays)
    latest = start + dt.timedelta(days=400)
    assert time.after(start, less, latest) <= time.after(start, less + more, latest)


@given(INSTANTS, SPANS, WEEKS, DATES)
def test_alarms__always__come_in_order_within_the_time(
    since: dt.datetime,
    span: dt.timedelta,
    week: dict[int, tuple[int, int]],
    holidays: frozenset[dt.date],
) -> None:
    found = alarms(WorkingTime(SOFIA, week, holidays), since, since + span)
    edges = [since, *(when for when, _level in found), since + span]
    assert edges == sorted(edges)
