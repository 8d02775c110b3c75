"""Days, weeks and months by the calendar on the wall; peak time, in SQL too."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from booking.expander import to_wall
from booking.models import PeakHours
from booking.periods import Period
from booking.weekly import DAYS
from booking.windows import Peak, minutes_within, peak_minutes, window_of, windows_of
from tests import factories

SOFIA = ZoneInfo("Europe/Sofia")
ZONES = [SOFIA, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Australia/Lord_Howe")]
KINDS = ("day", "week", "month")
#: Around the nights on which Sofia's clocks change, a leap day and an end of a year.
INSTANTS = st.integers(0, 18 * 366 * 1440).map(
    lambda n: dt.datetime(2015, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=n)
)
LENGTHS = st.integers(5, 32 * 1440).map(lambda n: dt.timedelta(minutes=n))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SOFIA).astimezone(dt.UTC)


@given(kind=st.sampled_from(KINDS), instant=INSTANTS, zone=st.sampled_from(ZONES))
def test_window__any_instant__holds_it_from_midnight_to_midnight(
    kind: str, instant: dt.datetime, zone: ZoneInfo
) -> None:
    window = window_of(kind, instant, zone)
    assert window.start <= instant < window.end
    first, after = (to_wall(edge, zone) for edge in window)
    if zone is SOFIA:
        assert first.time() == after.time() == dt.time()
    days = (after.date() - first.date()).days
    assert days == {"day": 1, "week": 7}.get(kind, days)
    assert kind != "week" or first.weekday() == 0
    assert kind != "month" or (first.day, after.day, days in range(28, 32)) == (
        1,
        1,
        True,
    )
    # Every instant of it has the same.
    assert window_of(kind, window.start, zone) == window
    assert window_of(kind, window.end - dt.timedelta(minutes=1), zone) == window


@given(
    kind=st.sampled_from(KINDS),
    start=INSTANTS,
    length=LENGTHS,
    zone=st.sampled_from(ZONES),
)
def test_windows__any_period__share_all_its_minutes(
    kind: str, start: dt.datetime, length: dt.timedelta, zone: ZoneInfo
) -> None:
    period = Period(start, start + length)
    windows = list(windows_of(kind, period, zone))
    assert all(one.end == other.start for one, other in pairwise(windows))
    shared = [minutes_within(period, window) for window in windows]
    assert all(shared)
    assert sum(shared) == length // dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-03-02", 24)]
)
def test_day__the_clocks_change__is_as_long_as_it_is(day: str, hours: int) -> None:
    start, end = window_of("day", at(f"{day}T12:00"), SOFIA)
    assert end - start == dt.timedelta(hours=hours)


def test_month__at_its_end__is_the_one_before_midnight() -> None:
    last = window_of("month", at("2028-02-29T23:55"), SOFIA)
    assert last == (at("2028-02-01T00:00"), at("2028-03-01T00:00"))
    assert window_of("month", last.end, SOFIA).start == last.end


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2027-03-02T08:00", "2027-03-02T12:00", 120),
        ("2027-03-02T16:30", "2027-03-03T10:30", 60),
        ("2027-03-06T08:00", "2027-03-06T20:00", 0),
        ("2027-03-02T17:00", "2027-03-02T19:00", 0),
    ],
)
def test_peak__weekdays_from_ten_to_five__counts_what_lies_in_it(
    start: str, end: str, minutes: int
) -> None:
    week = [Peak(DAYS[:5], 600, 1020), Peak(("TU",), 660, 720)]
    assert peak_minutes(Period(at(start), at(end)), week, SOFIA) == minutes


def test_peak__the_night_of_25_hours__goes_by_the_clock_on_the_wall() -> None:
    night = [Peak(("SU",), 0, 360)]
    whole = window_of("day", at("2027-10-31T12:00"), SOFIA)
    assert peak_minutes(whole, night, SOFIA) == 360
    # From the first 03:30 to the second 03:15, back on the clock: none of it.
    first = dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)
    backwards = Period(first, first + dt.timedelta(minutes=45))
    assert peak_minutes(backwards, night, SOFIA) == 0


@pytest.mark.django_db
def test_peak__in_sql__is_the_same(db: None) -> None:
    lab = factories.resource()
    nights = [
        (f"{day}T{start}", span)
        for day in ("2027-03-28", "2027-10-31", "2028-02-29", "2027-03-02")
        for start in ("00:00", "02:45", "03:30", "09:20", "23:50")
        for span in (25, 60, 200, 1500, 9000)
    ]
    patterns = [
        [],
        [Peak(DAYS, 0, 1440)],
        [Peak(("SU", "TU"), 120, 270), Peak(("SU",), 200, 600)],
        [Peak(DAYS[:5], 540, 1080)],
    ]
    for peaks in patterns:
        PeakHours.objects.all().delete()
        # The host's hold where the resource has none.
        PeakHours.objects.create(
            organisation=lab.organisation, days=["MO"], starts=1, ends=2
        )
        for days, starts, ends in peaks:
            PeakHours.objects.create(
                resource=lab, days=list(days), starts=starts, ends=ends
            )
        expected = peaks or [Peak(("MO",), 1, 2)]
        for text, span in nights:
            period = Period(at(text), at(text) + dt.timedelta(minutes=span))
            with connection.cursor() as cursor:
                sql = "SELECT booking_peak_minutes(%s, %s, %s)"
                cursor.execute(sql, [lab.pk, *period])
                (found,) = cursor.fetchone()
            assert found == peak_minutes(period, expected, SOFIA), (text, span, peaks)
