"""Calendars kept elsewhere: what they close, when they are read, what becomes of it."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import Any

import pytest
from django.db import connection

from booking.exceptions import RuleViolation
from booking.models import AvailabilityRule, OpenPeriod, OutsideCalendar
from booking.outside_errors import Unreadable
from booking.services import availability, outside_calendars
from booking.services.availability import closure_add, closure_remove
from booking.services.outside_calendars import (
    outside_calendar_add,
    outside_calendar_refresh,
    outside_calendar_remove,
    outside_calendars_refresh_due,
)
from config import clock
from config.errors import Forbidden, Invalid, Missing
from config.outbound import NoAnswer
from labs.models import Resource
from tests import factories
from tests.answering import Answering, Asked
from tests.booking.opened import assert_projection_is_current
from tests.booking.outside import added, at, calendar, closed, event, serve, tomorrow
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, wish

MINUTE = dt.timedelta(minutes=1)


def refresh(cast: Cast, row: OutsideCalendar) -> OutsideCalendar:
    return outside_calendar_refresh(
        actor=cast.manager, resource_slug=row.resource.slug, calendar_id=row.pk
    )


def later(monkeypatch: pytest.MonkeyPatch, by: dt.timedelta) -> None:
    moment = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_add__its_events__close_the_resource(cast: Cast, server: Answering) -> None:
    url = serve(server, calendar(event(*at(tomorrow(10), 2))), ETag='"1"')
    row = added(url, cast.manager, cast.lab)
    assert (row.name, row.etag, row.host) == ("Studio", '"1"', "127.0.0.1")
    assert closed(cast.lab) == [(tomorrow(10), tomorrow(12), "Recording")]
    assert_projection_is_current()
    with pytest.raises(RuleViolation) as refusal:
        reserve(cast.lab, cast.booker, wish(11))
    assert [each.code for each in refusal.value.violations] == ["outside_opening_hours"]
    reserve(cast.lab, cast.booker, wish(12))


def test_add__what_it_hits__is_listed_and_left_alone(
    cast: Cast, server: Answering
) -> None:
    kept = reserve(cast.lab, cast.booker, wish(10))
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    glance = outside_calendar_add(
        actor=cast.manager, resource_slug=cast.lab.slug, url=url
    )
    assert glance.outcome.hits == [kept]
    kept.refresh_from_db()
    assert kept.status == "approved"


def test_add__a_preview__counts_and_writes_nothing(
    cast: Cast, server: Answering
) -> None:
    events = [event(*at(tomorrow(10) + n * 59 * DAY), uid=str(n)) for n in range(3)]
    hit = reserve(cast.lab, cast.booker, wish(10))
    before = list(OpenPeriod.objects.filter(resource=cast.lab).values_list("during"))
    glance = outside_calendar_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        url=serve(server, calendar(*events)),
        preview=True,
    )
    assert (glance.soon, glance.outcome.hits) == (1, [hit])
    assert not OutsideCalendar.objects.exists()
    assert closed(cast.lab) == []
    after = list(OpenPeriod.objects.filter(resource=cast.lab).values_list("during"))
    assert after == before


def test_add__what_shares_its_units__closes_too(cast: Cast, server: Answering) -> None:
    hall = factories.hall([cast.lab, cast.studio])
    factories.publish(hall)
    factories.set_policy(hall)
    added(serve(server, calendar(event(*at(tomorrow(10))))), cast.manager, cast.lab)
    with pytest.raises(RuleViolation):
        reserve(hall, cast.booker, wish(10))


def test_add__webcal__is_https(cast: Cast) -> None:
    with pytest.raises(NoAnswer) as refusal:
        added("webcal://127.0.0.1/a.ics", cast.manager, cast.lab)
    assert refusal.value.code == "private_address"


def test_add__the_same_twice__is_refused(cast: Cast, server: Answering) -> None:
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    added(url, cast.manager, cast.lab)
    with pytest.raises(Invalid) as refusal:
        added(f" {url}#part", cast.manager, cast.lab)
    assert "url" in refusal.value.extra["fields"]
    assert OutsideCalendar.objects.count() == 1
    added(url, cast.manager, cast.studio)


def test_add__a_sixth__is_refused(cast: Cast, server: Answering) -> None:
    body = calendar()
    for n in range(5):
        url = server.at(f"/{n}.ics", lambda asked: asked.say(body=body))
        added(url, cast.manager, cast.lab)
    with pytest.raises(Invalid):
        added(serve(server, body), cast.manager, cast.lab)


def test_every_verb__by_who_does_not_manage_it__is_refused(
    cast: Cast, server: Answering
) -> None:
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    row = added(url, cast.staff, cast.lab)
    named: dict[str, Any] = {"resource_slug": cast.lab.slug, "calendar_id": row.pk}
    for person in (cast.booker, cast.stranger, factories.person(cast.host)):
        with pytest.raises(Forbidden):
            added(url, person, cast.lab)
        with pytest.raises(Forbidden):
            outside_calendar_refresh(actor=person, **named)
        with pytest.raises(Forbidden):
            outside_calendar_remove(actor=person, **named)
    assert len(server.asked) == 1
    elsewhere = {**named, "resource_slug": cast.studio.slug, "actor": cast.manager}
    with pytest.raises(Missing):
        outside_calendar_refresh(**elsewhere)
    with pytest.raises(Missing):
        outside_calendar_remove(**elsewhere)


def test_refresh__what_changed__is_replaced_and_the_rest_stays(
    cast: Cast, server: Answering
) -> None:
    same = event(*at(tomorrow(9)), uid="same", title="Same")
    moved = event(*at(tomorrow(12)), uid="moved", title="Moved")
    row = added(serve(server, calendar(same, moved)), cast.manager, cast.lab)
    kept = AvailabilityRule.objects.get(note="Same")
    fresh = event(*at(tomorrow(15)), uid="moved", title="Moved")
    serve(server, calendar(same, fresh, head="X-WR-CALNAME:Renamed"))
    row = refresh(cast, row)
    assert row.name == "Renamed"
    assert [(start, note) for start, _end, note in closed(cast.lab)] == [
        (tomorrow(9), "Same"),
        (tomorrow(15), "Moved"),
    ]
    assert AvailabilityRule.objects.get(note="Same") == kept
    assert_projection_is_current()
    reserve(cast.lab, cast.booker, wish(12))


def test_refresh__nothing_changed__rebuilds_nothing(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = added(
        serve(server, calendar(event(*at(tomorrow(9))))), cast.manager, cast.lab
    )
    monkeypatch.setattr(availability, "open_periods_rebuild", None)
    assert refresh(cast, row).failures == 0


def test_refresh__one_begins_or_ends_meanwhile__is_no_change(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = event(*at(clock.now() - HOUR, 2), uid="begun")
    over = event(*at(clock.now() - HOUR, 1.1), uid="over")
    row = added(serve(server, calendar(begun, over)), cast.manager, cast.lab)
    assert len(closed(cast.lab)) == 2
    later(monkeypatch, 30 * MINUTE)
    monkeypatch.setattr(availability, "open_periods_rebuild", None)
    assert refresh(cast, row).failures == 0
    assert len(closed(cast.lab)) == 2


def test_refresh__the_server_says_unchanged__keeps_what_is_there(
    cast: Cast, server: Answering
) -> None:
    modified = "Mon, 07 Sep 2026 10:00:00 GMT"
    body = calendar(event(*at(tomorrow(9))))
    url = serve(server, body, ETag='"1"', Last_Modified=modified)
    row = added(url, cast.manager, cast.lab)
    server.at("/a.ics", lambda asked: asked.say(304))
    row = refresh(cast, row)
    asked = server.asked[-1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"1"', modified)
    assert (row.failures, row.read_at > row.expanded_at) == (0, True)
    assert len(closed(cast.lab)) == 1


def test_refresh__after_a_week__reads_all_of_it_again(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = calendar(event(*at(tomorrow(9), 1, "RRULE:FREQ=WEEKLY")))
    row = added(serve(server, body, ETag='"1"'), cast.manager, cast.lab)
    last = closed(cast.lab)[-1]
    later(monkeypatch, 8 * DAY)
    row = refresh(cast, row)
    assert "If-None-Match" not in server.asked[-1].headers
    assert closed(cast.lab)[-1] > last
    assert row.expanded_at == clock.now()


def test_refresh__a_failure__keeps_the_last_good_state_and_backs_off(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = added(
        serve(server, calendar(event(*at(tomorrow(9))))), cast.manager, cast.lab
    )
    good, before = row.read_at, closed(cast.lab)
    server.at("/a.ics", lambda asked: asked.say(404))
    waits = []
    for _n in range(7):
        later(monkeypatch, HOUR)
        row = refresh(cast, row)
        waits.append((row.due_at - clock.now()) / HOUR)
    assert waits == [1, 2, 4, 8, 16, 24, 24]
    assert (row.failures, row.error, row.error_detail) == (7, "bad_status", "404")
    assert row.failed_since == clock.now() - 6 * HOUR
    assert (row.read_at, closed(cast.lab)) == (good, before)
    assert "404" in str(row.error_text)
    serve(server, calendar())
    row = refresh(cast, row)
    assert (row.failures, row.failed_since, row.error_text) == (0, None, "")
    assert closed(cast.lab) == []


def drip(asked: Asked) -> None:
    asked.say(Content_Length=None)
    while not asked.server.over.wait(0.02):
        asked.wfile.write(b"X")


def swell(asked: Asked) -> None:
    bomb = gzip.compress(b"\0" * 60 * 1024 * 1024)
    asked.say(body=bomb, Content_Encoding="gzip")


def fifty_megabytes(asked: Asked) -> None:
    asked.say(Content_Length=None)
    for _n in range(50):
        asked.wfile.write(b"X" * 1024 * 1024)


EVERY_SECOND = calendar(event(*at(tomorrow(9), 1, "RRULE:FREQ=SECONDLY")))
BROKEN_RULE = calendar(event(*at(tomorrow(9), 1, "RRULE:FREQ=NEVER;BYDAY=XX")))
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
NO_SUCH_DAY = calendar(event(*at(tomorrow(9), 1, NEVER)))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (fifty_megabytes, "too_large"),
        (drip, "too_slow"),
        (swell, "too_large"),
        (
            lambda asked: asked.say(302, Location="https://127.0.0.1/"),
            "private_address",
        ),
        (lambda asked: asked.say(302, Location="http://127.0.0.1:9/"), "not_https"),
        (lambda asked: asked.say(body=b"<html>Sign in</html>"), "not_a_calendar"),
        (lambda asked: asked.say(body=EVERY_SECOND), "too_often"),
        (lambda asked: asked.say(body=BROKEN_RULE), "broken_event"),
        (lambda asked: asked.say(body=NO_SUCH_DAY), "too_complex"),
        (lambda asked: asked.say(304), "bad_status"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_bad_input__ends_soon_with_a_clear_error_and_loses_nothing(
    cast: Cast,
    server: Answering,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    code: str,
) -> None:
    monkeypatch.setattr(outside_calendars, "DEADLINE", dt.timedelta(seconds=1))
    monkeypatch.setattr("booking.outside.WALL_SECONDS", 3)
    url = serve(server, calendar(event(*at(tomorrow(9)))))
    row = added(url, cast.manager, cast.lab)
    before = closed(cast.lab)
    server.at("/a.ics", answer)
    began = dt.datetime.now(dt.UTC)
    row = refresh(cast, row)
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=6)
    assert (row.error, row.failures) == (code, 1)
    assert row.error_text
    assert closed(cast.lab) == before
    with pytest.raises((NoAnswer, Unreadable)) as refusal:
        added(server.at("/b.ics", answer), cast.manager, cast.lab)
    assert refusal.value.code == code
    assert OutsideCalendar.objects.count() == 1


def test_remove__opens_what_it_closed(cast: Cast, server: Answering) -> None:
    row = added(
        serve(server, calendar(event(*at(tomorrow(9))))), cast.manager, cast.lab
    )
    outside_calendar_remove(
        actor=cast.manager, resource_slug=cast.lab.slug, calendar_id=row.pk
    )
    assert closed(cast.lab) == []
    assert not OutsideCalendar.objects.exists()
    assert_projection_is_current()
    reserve(cast.lab, cast.booker, wish(9))


@pytest.mark.django_db(transaction=True)
def test_remove__while_it_is_read__stays_removed(cast: Cast, server: Answering) -> None:
    row = added(serve(server, calendar()), cast.manager, cast.lab)

    def answer(asked: Asked) -> None:
        outside_calendar_remove(
            actor=cast.manager, resource_slug=cast.lab.slug, calendar_id=row.pk
        )
        connection.close()
        asked.say(body=calendar(event(*at(tomorrow(9)))))

    server.at("/a.ics", answer)
    with pytest.raises(Missing):
        refresh(cast, row)
    assert closed(cast.lab) == []


def test_closure__of_an_outside_calendar__is_not_taken_back_by_hand(
    cast: Cast, server: Answering
) -> None:
    added(serve(server, calendar(event(*at(tomorrow(9))))), cast.manager, cast.lab)
    rule = AvailabilityRule.objects.get(outside_calendar__isnull=False)
    with pytest.raises(Missing):
        closure_remove(
            actor=cast.manager, resource_slug=cast.lab.slug, closure_id=rule.pk
        )
    outcome = closure_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=tomorrow(9),
        ends_at=tomorrow(10),
        reason=rule.reason,
        note=rule.note,
    )
    assert outcome.rule != rule


def test_due__those_are_read_once_and_others_not(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(server, calendar(event(*at(tomorrow(9)))))
    due = added(url, cast.manager, cast.lab)
    archived = added(url, cast.manager, cast.studio)
    assert outside_calendars_refresh_due() == 0
    Resource.objects.filter(pk=archived.resource_id).update(listing="archived")
    later(monkeypatch, 31 * MINUTE)
    asked = len(server.asked)
    assert outside_calendars_refresh_due() == 1
    assert outside_calendars_refresh_due() == 0
    assert len(server.asked) == asked + 1
    due.refresh_from_db()
    assert due.due_at == clock.now() + 30 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_due__a_calendar_that_another_reads__is_left_to_it(
    cast: Cast, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(serve(server, calendar()), cast.manager, cast.lab)
    later(monkeypatch, 31 * MINUTE)
    second: list[int] = []

    def answer(asked: Asked) -> None:
        # In the server's thread, with a connection of its own, while the first reads.
        second.append(outside_calendars_refresh_due())
        connection.close()
        asked.say(body=calendar())

    server.at("/a.ics", answer)
    assert outside_calendars_refresh_due() == 1
    assert second == [0]
