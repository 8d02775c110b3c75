from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from schedule.models import Calendar, Event, Occurrence, Rule

from booking.expander import expand, from_wall, to_wall
from booking.periods import Period, merge, subtract
from tests.booking.examples import examples, rolled_back
from tests.booking.wall_model import DAY, LETTERS, Hours, instant

SOFIA = ZoneInfo("Europe/Sofia")
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)

#: Both changes of 2027 in each zone; Lord Howe moves its clocks by half an hour only.
CHANGES = [
    (SOFIA, dt.date(2027, 3, 28), 23),
    (SOFIA, dt.date(2027, 10, 31), 25),
    (ZoneInfo("America/New_York"), dt.date(2027, 3, 14), 23),
    (ZoneInfo("America/New_York"), dt.date(2027, 11, 7), 25),
    (ZoneInfo("Australia/Lord_Howe"), dt.date(2027, 4, 4), 24.5),
    (ZoneInfo("Australia/Lord_Howe"), dt.date(2027, 10, 3), 23.5),
]
ZONES = sorted({zone for zone, _day, _length in CHANGES}, key=str)
#: All three zones keep one offset in these weeks.
QUIET = dt.date(2027, 6, 7)


@st.composite
def hours(draw: st.DrawFn, around: dt.date, zone: ZoneInfo, longest: int) -> Hours:
    """Hours that begin up to 20 days before a date; spans in quarters of an hour."""
    first = around - draw(st.integers(-3, 20)) * DAY
    opens = draw(st.integers(0, 95)) * 15 * MINUTE
    span = draw(st.integers(1, longest)) * 15 * MINUTE
    frequency = draw(st.sampled_from([None, "DAILY", "WEEKLY", "WEEKLY"]))
    days: tuple[str, ...] = ()
    if frequency == "WEEKLY":
        chosen = draw(st.sets(st.sampled_from(LETTERS), max_size=5))
        # Published hours begin on a day that they name.
        days = tuple(sorted(chosen | {LETTERS[first.weekday()]})) if chosen else ()
    until = draw(st.none() | st.integers(0, 30).map(lambda n: first + n * DAY))
    interval = draw(st.integers(1, 3)) if frequency else 1
    made = Hours(zone, first, opens, span, frequency, days, interval, until)
    # An event is stored as two instants: one that begins or ends in the hour that its
    # own first day skips has lost its wall-clock time.
    wall = made.wall_start(first)
    assume(to_wall(instant(wall, zone), zone) == wall)
    assume(to_wall(instant(wall + span, zone), zone) == wall + span)
    return made


@st.composite
def windows(draw: st.DrawFn, around: dt.date) -> Period:
    """Up to twelve days near a date, at any five minutes; often in the night of it."""
    midnight = dt.datetime.combine(around, dt.time(), dt.UTC)
    anywhere, that_night = st.integers(-4 * 288, 4 * 288), st.integers(-200, 36)
    start = midnight + draw(anywhere | that_night) * 5 * MINUTE
    length = draw(st.integers(1, 12) | st.integers(1, 12 * 288))
    return Period(start, start + length * 5 * MINUTE)


@examples(150)
@given(st.sampled_from(CHANGES), st.data())
def test_expand__around_a_change_of_clocks__is_the_naive_model(
    change: tuple[ZoneInfo, dt.date, float], data: st.DataObject
) -> None:
    zone, day, _length = change
    said = data.draw(hours(day, zone, longest=150))
    window = data.draw(windows(day))
    assert sorted(expand(said.event(), [], zone, window)) == said.periods(window)


@pytest.mark.django_db
@examples(40)
@given(st.sampled_from(ZONES), st.data())
def test_expand__away_from_changes__agrees_with_the_library(
    zone: ZoneInfo, data: st.DataObject
) -> None:
    # Longer than a day, the library forgets all but the last that reaches in.
    said = data.draw(hours(QUIET, zone, longest=96))
    window = data.draw(windows(QUIET))
    # It takes the zone from the window; an `until` equal to a start excludes it there.
    local = window.start.astimezone(zone), window.end.astimezone(zone)
    with rolled_back():
        event = save(said.event())
        listed = event.get_occurrences(*local)
        theirs = [Period(found.start, found.end) for found in listed]
        ours = list(expand(event, [], zone, window))
    assert sorted(ours) == sorted(p for p in theirs if p.overlaps(window))


def save(event: Event) -> Event:
    if event.rule:
        event.rule.save()
    event.calendar = Calendar.objects.create(name="hours", slug="hours")
    event.save()
    return event


def weekly(first: dt.date, opens: int, closes: int, zone: ZoneInfo = SOFIA) -> Event:
    """Every day from a date on, from one hour until another."""
    span = (closes - opens) * HOUR
    return Hours(zone, first, opens * HOUR, span, "WEEKLY", LETTERS, 1, None).event()


def day_of(date: dt.date, zone: ZoneInfo) -> Period:
    """From local midnight to the next."""
    midnight = dt.datetime.combine(date, dt.time())
    return Period(instant(midnight, zone), instant(midnight + DAY, zone))


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_expand__weekly_at_nine__stays_at_nine_across_both_changes(
    zone: ZoneInfo,
) -> None:
    mondays = dt.date(2027, 1, 4)
    event = Hours(zone, mondays, 9 * HOUR, 9 * HOUR, "WEEKLY", ("MO",), 1, None).event()
    year = Period(event.start, event.start + 364 * DAY)
    found = list(expand(event, [], zone, year))
    assert len(found) == 52
    assert {to_wall(p.start, zone).time() for p in found} == {dt.time(9)}
    assert {to_wall(p.end, zone).time() for p in found} == {dt.time(18)}
    # The clocks did change, or this would prove nothing.
    assert len({p.start.time() for p in found}) == 2


def test_expand__sofia_monday_after_each_change__is_the_known_instant() -> None:
    event = weekly(dt.date(2027, 3, 1), 9, 18)
    known = {
        dt.date(2027, 3, 27): 7,
        dt.date(2027, 3, 28): 6,
        dt.date(2027, 10, 30): 6,
        dt.date(2027, 10, 31): 7,
    }
    for date, utc_hour in known.items():
        (found,) = expand(event, [], SOFIA, day_of(date, SOFIA))
        assert found.start == dt.datetime.combine(date, dt.time(utc_hour), dt.UTC)


@pytest.mark.parametrize(("zone", "date", "length"), CHANGES)
def test_expand__whole_day_of_a_change__is_as_long_as_the_day(
    zone: ZoneInfo, date: dt.date, length: float
) -> None:
    event = weekly(date - 7 * DAY, 0, 24, zone)
    today = day_of(date, zone)
    (found,) = expand(event, [], zone, today)
    assert found == today
    assert found.end - found.start == length * HOUR
    around = Period(today.start - 5 * HOUR, today.end + 5 * HOUR)
    assert len(merge(expand(event, [], zone, around))) == 1


@pytest.mark.parametrize(
    ("date", "opens", "closes", "window"),
    [
        (dt.date(2027, 3, 28), 0, 195, (60, 65)),
        (dt.date(2027, 10, 31), 200, 230, (30, 70)),
    ],
    ids=["ends in the skipped hour", "window ends in the repeated hour"],
)
def test_expand__window_in_the_night_of_a_change__still_sees_it(
    date: dt.date, opens: int, closes: int, window: tuple[int, int]
) -> None:
    # Minutes after midnight: of the clock in Sofia, and for the window of UTC. At the
    # window's edge the clock shows less than at the period's, which lies in it.
    span = (closes - opens) * MINUTE
    daily = Hours(SOFIA, date - DAY, opens * MINUTE, span, "DAILY", (), 1, None)
    midnight = dt.datetime.combine(date, dt.time(), dt.UTC)
    start, end = (midnight + edge * MINUTE for edge in window)
    (found,) = expand(daily.event(), [], SOFIA, Period(start, end))
    wall = daily.wall_start(date)
    assert found == Period(instant(wall, SOFIA), instant(wall + span, SOFIA))


def exception(original: Period, moved_to: Period | None) -> Occurrence:
    now = moved_to or original
    return Occurrence(
        start=now.start,
        end=now.end,
        original_start=original.start,
        original_end=original.end,
        cancelled=moved_to is None,
    )


@pytest.mark.parametrize("date", [dt.date(2027, 3, 28), dt.date(2027, 10, 31)])
def test_expand__cancelled_on_the_day_of_a_change__only_that_day_is_gone(
    date: dt.date,
) -> None:
    event = weekly(date - 7 * DAY, 9, 18)
    week = Period(
        day_of(date - 3 * DAY, SOFIA).start, day_of(date + 3 * DAY, SOFIA).end
    )
    before = list(expand(event, [], SOFIA, week))
    (that_day,) = expand(event, [], SOFIA, day_of(date, SOFIA))
    left = list(expand(event, [exception(that_day, None)], SOFIA, week))
    assert left == [period for period in before if period != that_day]
    assert len(left) == len(before) - 1 == 6


def test_expand__moved__is_only_where_it_went() -> None:
    event = weekly(dt.date(2027, 3, 1), 9, 18)
    original, target = (day_of(dt.date(2027, 4, day), SOFIA) for day in (5, 20))
    (whole,) = expand(event, [], SOFIA, original)
    later = Period(target.start + 20 * HOUR, target.start + 22 * HOUR)
    moved = [exception(whole, later)]
    assert list(expand(event, moved, SOFIA, original)) == []
    assert later in list(expand(event, moved, SOFIA, target))
    # And is not listed where it neither was nor went.
    other = day_of(dt.date(2027, 4, 12), SOFIA)
    assert list(expand(event, moved, SOFIA, other)) == list(
        expand(event, [], SOFIA, other)
    )


@pytest.mark.parametrize("frequency", ["MONTHLY", "YEARLY"])
def test_expand__monthly_and_yearly__keep_the_clock(frequency: str) -> None:
    start = day_of(dt.date(2027, 1, 15), SOFIA).start + 9 * HOUR
    event = Event(start=start, end=start + HOUR, rule=Rule(frequency=frequency))
    found = list(expand(event, [], SOFIA, Period(start, start + 366 * DAY)))
    walls = {to_wall(period.start, SOFIA).time() for period in found}
    assert (len(found), walls) == (13 if frequency == "MONTHLY" else 2, {dt.time(9)})


@examples(150)
@given(st.sampled_from(CHANGES), st.integers(-2 * 288, 3 * 288))
def test_from_wall__any_time_near_a_change__is_the_naive_models(
    change: tuple[ZoneInfo, dt.date, float], fives: int
) -> None:
    zone, day, _length = change
    wall = dt.datetime.combine(day, dt.time()) + fives * 5 * MINUTE
    found = from_wall(wall, zone)
    assert found == instant(wall, zone)
    skipped = subtract([Period(wall, wall + MINUTE)], [_skipped(day, zone)])
    assert (to_wall(found, zone) == wall) == bool(skipped)


def _skipped(day: dt.date, zone: ZoneInfo) -> Period:
    """The wall-clock times that do not exist on a day; empty in autumn."""
    at = day_of(day, zone).start
    offset = at.astimezone(zone).utcoffset()
    while at.astimezone(zone).utcoffset() == offset:
        at += 5 * MINUTE
    was = to_wall(at - MINUTE, zone) + MINUTE
    return Period(was, to_wall(at, zone))
