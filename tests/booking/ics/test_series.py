"""Series as calendars read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.expander import from_wall, to_wall
from booking.ics.events import CALENDAR, END, Known, Said, zone_texts
from booking.ics.series import rule_of, series_events
from booking.models import Reservation, Series
from booking.models.series import pattern_fields
from booking.series import Pattern, Repeats, periods, wall_starts
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import reservation_move
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.weekly import DAYS
from config import clock
from labs.models import Resource, Site
from tests import factories
from tests.booking.ics.feeds import address, body, events, walls
from tests.booking.series import date_of, reserve_series
from tests.cast import Cast
from tests.factories import DAY, HOUR, SOFIA

at = dt.datetime.fromisoformat
STAMP = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SITE = Site(time_zone="Europe/Sofia")
SAID = Said("CONFIRMED", True, "Lab")


def text_of(pattern: Pattern, *, without: int | None = None) -> bytes | None:
    """Write a series of which all dates are reserved as asked, but one."""
    series = Series(resource=Resource(site=SITE), **pattern_fields(pattern))
    rule = rule_of(series)
    if rule is None:
        return None
    dates = {
        number: (
            Reservation(
                resource=series.resource, starts_at=period.start, ends_at=period.end
            ),
            SAID,
        )
        for number, period in enumerate(periods(pattern, SOFIA), 1)
        if number != without
    }
    made = series_events(rule, Known("series@x", 1, STAMP), dates)
    zones = zone_texts(["Europe/Sofia"], STAMP, STAMP + 4 * 366 * DAY)
    parts = [CALENDAR, *zones, *(each.to_ical() for each in made), END]
    return b"".join(parts) if made else None


patterns = st.builds(
    Pattern,
    repeats=st.sampled_from([Repeats.DAILY, Repeats.WEEKLY, Repeats.MONTHLY]),
    first=st.datetimes(at("2027-01-01"), at("2027-12-31")).map(
        lambda each: each.replace(minute=0, second=0, microsecond=0)
    ),
    minutes=st.sampled_from([30, 60, 240]),
    interval=st.integers(1, 3),
    days=st.sets(st.sampled_from(DAYS), min_size=1, max_size=3).map(
        lambda days: tuple(sorted(days, key=DAYS.index))
    ),
    week=st.sampled_from([0, 1, 2, -1]),
    count=st.integers(3, 12),
    excluded=st.just(()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pattern=patterns, left_out=st.integers(1, 3))
def test_rule__any_pattern__is_expanded_by_others_as_by_us(
    pattern: Pattern, left_out: int
) -> None:
    expected = wall_starts(pattern)
    text = text_of(pattern)
    if text is not None:
        assert [start for start, _ in walls(text, STAMP)] == expected
    text = text_of(pattern, without=left_out)
    if text is not None:
        del expected[left_out - 1]
        assert [start for start, _ in walls(text, STAMP)] == expected


def test_rule__clocks_change__keeps_the_time_on_the_wall() -> None:
    first = at("2027-10-24 09:00")
    pattern = Pattern(Repeats.DAILY, first, 60, count=14)
    text = text_of(pattern)
    assert text is not None
    assert b"RRULE:FREQ=DAILY;COUNT=14\r\n" in text
    assert text.count(b"BEGIN:VEVENT") == 1
    found = [start for start, _ in walls(text, STAMP)]
    assert found == [first + n * DAY for n in range(14)]
    instants = {from_wall(each, SOFIA).hour for each in found}
    assert instants == {6, 7}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"repeats": Repeats.PICKED, "picked": (dt.date(2027, 3, 9),)}, "by hand"),
        ({"picked": (dt.date(2027, 3, 9),)}, "one date more"),
        ({"first": at("2027-03-26 03:30")}, "a night skips it"),
    ],
)
def test_rule__what_calendars_do_not_share__is_none(
    more: dict[str, Any], why: str
) -> None:
    usual: dict[str, Any] = {
        "repeats": Repeats.DAILY,
        "first": at("2027-03-01 09:00"),
        "minutes": 60,
        "count": 20,
    }
    assert text_of(Pattern(**usual)) is not None
    assert text_of(Pattern(**usual | more)) is None, why


def test_feed__series__is_one_event_until_a_date_differs(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker, count=5)
    path = address(cast.booker)
    (event,) = events(path)
    assert event["UID"].startswith(made.reference)
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=5"
    starts = [to_wall(date.starts_at, SOFIA) for date in made.in_order]
    assert [start for start, _ in walls(body(path), clock.now())] == starts

    second, third, fourth = (date_of(made, number) for number in (2, 3, 4))
    moved, gone, other = (each.reservation for each in (second, third, fourth))
    assert moved
    assert gone
    assert other
    reservation_move(
        actor=cast.booker,
        reference=moved.reference,
        starts_at=moved.starts_at + 2 * HOUR,
        ends_at=moved.ends_at + 2 * HOUR,
    )
    reservation_cancel(actor=cast.booker, reference=gone.reference, reason="Ill")
    Reservation.objects.filter(pk=other.pk).update(purpose="Something else")
    found = events(path)
    assert {event["UID"] for event in found} == {found[0]["UID"]}
    named = {
        to_wall(each["RECURRENCE-ID"].dt, SOFIA): each
        for each in found
        if "RECURRENCE-ID" in each
    }
    assert set(named) == set(starts[1:4])
    assert named[starts[2]]["STATUS"] == "CANCELLED"
    assert "Something else" in named[starts[3]]["DESCRIPTION"]
    expanded = [start for start, _ in walls(body(path), clock.now())]
    assert expanded == [
        starts[0],
        starts[1] + 2 * HOUR,
        *starts[2:],
    ]


def test_feed__series__leaves_out_what_was_cancelled_long_ago(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve_series(cast.lab, cast.booker, count=6)
    path = address(cast.booker)
    first = date_of(made, 1).reservation
    assert first
    reservation_cancel(actor=cast.booker, reference=first.reference, reason="Ill")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 31 * DAY)
    (event,) = events(path)
    left_out = to_wall(made.in_order[0].starts_at, SOFIA)
    assert [each.dt.replace(tzinfo=None) for each in event["EXDATE"].dts] == [left_out]
    assert len(walls(body(path), now)) == 5


def test_feed__series_cancelled_whole__is_said_date_by_date(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker, count=3)
    path = address(cast.booker)
    chosen = Chosen(made.reference, Which.ALL)
    series_cancel(actor=cast.booker, chosen=chosen, reason="Over")
    assert [event["STATUS"] for event in events(path)] == ["CANCELLED"] * 3


def test_feed__series_of_which_a_date_is_anothers__is_without_that(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker, count=4)
    theirs = date_of(made, 2).reservation
    assert theirs
    Reservation.objects.filter(pk=theirs.pk).update(requested_by=cast.colleague)
    mine, others = address(cast.booker), address(cast.colleague)
    starts = [to_wall(date.starts_at, SOFIA) for date in made.in_order]
    expected = [starts[0], *starts[2:]]
    assert [start for start, _ in walls(body(mine), clock.now())] == expected
    (event,) = events(others)
    assert event["UID"].startswith(theirs.reference)


def test_feed__series_of_a_place__names_nobody(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker, count=4, purpose="Secret pilot")
    text = body(address(cast.manager, "resource", cast.lab.slug))
    assert "RRULE:FREQ=WEEKLY;COUNT=4" in text
    names = [date.reservation.reference for date in made.in_order if date.reservation]
    for secret in (made.reference, *names, "Startup", "Secret", "Boyana", "URL"):
        assert secret not in text


def test_feed__series_that_began_long_ago__goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.lab, horizon_days=400)
    made = reserve_series(cast.lab, cast.booker, count=20)
    path, now = address(cast.booker), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 120 * DAY)
    starts = [to_wall(date.starts_at, SOFIA) for date in made.in_order]
    assert [start for start, _ in walls(body(path), now)] == starts
