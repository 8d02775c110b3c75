"""The timeline against the naive hub: what is open and taken, and who sees whose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from booking.selectors.facts import Wish
from booking.selectors.timeline import timeline_day, timeline_of
from booking.services.lifecycle import reservation_cancel, reservations_complete_ended
from booking.weekly import at_wall
from labs.models import Resource, User
from tests import factories
from tests.booking.examples import at, examples, rolled_back
from tests.booking.hubs import hubs, windows
from tests.booking.oracle import Hub, Span, Thing
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, tomorrow_at, wish


def spans(rows: list[dict[str, Any]], *edges: str) -> list[Span]:
    return sorted(
        (
            dt.datetime.fromisoformat(row[edges[0]]),
            dt.datetime.fromisoformat(row[edges[1]]),
        )
        for row in rows
    )


def opened(thing: Thing, start: dt.datetime, end: dt.datetime) -> list[Span]:
    return sorted(
        (max(opens, start), min(closes, end))
        for opens, closes in thing.opened
        if opens < end and closes > start
    )


def taken(hub: Hub, thing: Thing, start: dt.datetime, end: dt.datetime) -> list[Span]:
    """Whatever sits on one of its units then, turnarounds included."""
    return sorted(
        (row.start, row.end)
        for row in hub.taken
        if set(row.units) & set(thing.units) and row.start < end and row.free > start
    )


@pytest.mark.django_db
@examples(25)
@given(hubs(), st.integers(-1, 2), st.data())
def test_timeline__any_hub_and_day__shows_what_is_open_and_taken(
    hub: Hub, ahead: int, data: st.DataObject
) -> None:
    day = (hub.now.astimezone(hub.zone) + ahead * DAY).date()
    midnight, next_midnight = at_wall(day, 0, hub.zone), at_wall(day, 1440, hub.zone)
    within = data.draw(windows(hub))
    staff = User(is_hub_staff=True)
    with rolled_back(), at(hub.now):
        hub.save()
        rows = {row["resource"]: row for row in timeline_day(staff, everything(), day)}
        assert len(rows) == len(hub.things)
        for number, thing in enumerate(hub.things):
            row = rows[f"thing-{number}"]
            assert row["units"] == len(thing.units)
            for shown, span in (
                (row, (midnight, next_midnight)),
                (timeline_of(staff, hub.saved[number], *within), within),
            ):
                found = spans(shown["open"], "starts_at", "ends_at")
                assert found == opened(thing, *span)
                found = spans(shown["taken"], "starts_at", "ends_at")
                assert found == taken(hub, thing, *span)


def everything() -> Any:
    return Resource.objects.all()


def taken_of(viewer: User, lab: Resource) -> list[dict[str, Any]]:
    rows = timeline_day(viewer, everything(), tomorrow_at(12).date())
    (row,) = (row for row in rows if row["resource"] == lab.slug)
    found: list[dict[str, Any]] = row["taken"]
    return found


DETAILS = {"reference", "status", "organisation", "organisation_name", "purpose"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("booker", True),
        ("colleague", True),
        ("manager", True),
        ("staff", True),
        ("stranger", False),
    ],
)
def test_timeline__of_others__is_busy_and_no_more(
    cast: Cast, who: str, sees: bool
) -> None:
    made = reserve(cast.lab, cast.booker)
    (row,) = taken_of(getattr(cast, who), cast.lab)
    assert spans([row], "starts_at", "ends_at") == [(made.starts_at, made.ends_at)]
    assert (DETAILS & set(row)) == (DETAILS if sees else set())
    # Whatever else is in the row must not say whose it is.
    assert (made.purpose in str(row), "Startup" in str(row)) == (sees, sees)


def test_timeline__what_ended_or_was_given_up__is_shown_or_not(
    cast: Cast,
) -> None:
    kept = reserve(cast.lab, cast.booker, wish(9))
    gone = reserve(cast.lab, cast.booker, wish(11))
    reservation_cancel(actor=cast.booker, reference=gone.reference)
    before = taken_of(cast.staff, cast.lab)
    assert [row["reference"] for row in before] == [kept.reference]
    with at(kept.ends_at + HOUR):
        assert reservations_complete_ended() == 1
    (after,) = taken_of(cast.staff, cast.lab)
    assert (after["reference"], after["status"]) == (kept.reference, "completed")


def test_timeline__of_two_days__shows_both(cast: Cast) -> None:
    first = reserve(cast.lab, cast.booker, wish(23, 2))
    after = tomorrow_at(12, days=2)
    last = reserve(cast.lab, cast.booker, Wish(after, after + HOUR))
    today = tomorrow_at(12).date()
    (row, _studio) = timeline_day(cast.staff, everything(), today, days=2)
    found = [each["reference"] for each in row["taken"]]
    assert found == [first.reference, last.reference]
    (one, _studio) = timeline_day(cast.staff, everything(), today)
    assert [each["reference"] for each in one["taken"]] == [first.reference]


@pytest.mark.parametrize("number", [1, 50])
def test_timeline__any_number_of_rows__is_one_statement(
    cast: Cast, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        factories.resource(organisation=cast.host, site=cast.lab.site)
    for hour in range(8, 8 + min(number, 10)):
        reserve(cast.lab, cast.booker, wish(hour))
    viewer = User.objects.get(pk=cast.stranger.pk)
    # The viewer's roles once, and the timeline.
    with django_assert_num_queries(2):
        rows = timeline_day(viewer, everything(), tomorrow_at(12).date())
    assert len(rows) == number + 2
    with django_assert_num_queries(1):
        timeline_of(viewer, cast.lab, tomorrow_at(0), tomorrow_at(23))
