"""What calendars read at a secret address."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from icalendar import Calendar

from booking.models import Feed, Reservation
from booking.models.reservation import Status
from booking.selectors.feeds import Owner, feed_is_open, feed_owner, feeds_of
from booking.services.decisions import reservation_approve
from booking.services.feeds import feed_end, feed_make
from booking.services.handing import reservation_hand_over
from booking.services.holds import reservation_hold
from booking.services.lifecycle import reservation_cancel
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Membership, User
from tests import factories
from tests.booking.ics.feeds import address, body, events, feed_of, one
from tests.cast import Cast
from tests.factories import DAY, reserve, set_policy, tomorrow_at, wish


def later(patch: pytest.MonkeyPatch, by: dt.timedelta) -> None:
    then = clock.now() + by
    patch.setattr(clock, "now", lambda: then)


def test_feed__own__says_all_of_ones_own_and_nothing_of_others(cast: Cast) -> None:
    path = address(cast.booker)
    mine = reserve(cast.studio, cast.booker, purpose="Secret pilot")
    reserve(cast.lab, cast.colleague)
    reserve(cast.lab, cast.stranger, wish(12))
    event = one(path)
    assert event["UID"].startswith(mine.reference)
    assert (event["SUMMARY"], event["STATUS"]) == ("Sound studio", "TENTATIVE")
    assert "Secret pilot" in event["DESCRIPTION"]
    reservation_approve(actor=cast.manager, reference=mine.reference)
    again = one(path)
    assert (again["UID"], again["STATUS"]) == (event["UID"], "CONFIRMED")
    assert again["SEQUENCE"] > event["SEQUENCE"]


def test_feed__head__tells_programs_how_to_read_it(cast: Cast) -> None:
    text = body(address(cast.booker))
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert "X-WR-CALNAME:Boyana Booker · Atrium\r\n" in text


def test_feed__organisation__says_what_it_reserves_and_what_it_hosts(
    cast: Cast,
) -> None:
    reserve(cast.lab, cast.booker, purpose="Secret pilot")
    of_guest = one(address(cast.colleague, "organisation", cast.startup.slug))
    assert of_guest["SUMMARY"] == "Motion lab · Startup"
    assert "Secret pilot" in of_guest["DESCRIPTION"]
    assert "Boyana Booker" in of_guest["DESCRIPTION"]
    of_host = one(address(cast.manager, "organisation", cast.host.slug))
    assert of_host["UID"] == of_guest["UID"]
    elsewhere = factories.person(factories.organisation(), Membership.Role.MANAGER)
    slug = elsewhere.memberships.get().organisation.slug
    assert events(address(elsewhere, "organisation", slug)) == []


@pytest.mark.parametrize("kind", ["resource", "site"])
def test_feed__of_a_place__says_only_that_it_is_taken_unless_asked(
    cast: Cast, kind: str
) -> None:
    made = reserve(cast.lab, cast.booker, purpose="Secret pilot")
    slug = cast.lab.slug if kind == "resource" else cast.lab.site.slug
    path = address(cast.staff, kind, slug)
    event, text = one(path), body(path)
    assert event["SUMMARY"] == "Motion lab: taken"
    assert event.decoded("DTSTART") == made.starts_at
    for secret in (made.reference, "Startup", "Secret", "Boyana", "DESCRIPTION", "URL"):
        assert secret not in text
    detailed = one(address(cast.staff, kind, slug, Feed.Shows.DETAILS))
    assert detailed["SUMMARY"] == "Motion lab · Startup"
    assert "Secret pilot" in detailed["DESCRIPTION"]


def test_feed__own_but_busy__does_not_say_where(cast: Cast) -> None:
    reserve(cast.lab, cast.booker)
    text = body(address(cast.booker, shows=Feed.Shows.BUSY))
    assert "SUMMARY:Busy" in text
    for secret in ("Motion", "Site", "Tsar", "Recording"):
        assert secret not in text


@pytest.mark.parametrize(
    ("others_see", "summary", "says_why"),
    [
        ("busy", "Hall: taken", False),
        ("organisation", "Hall · Startup", False),
        ("everything", "Hall · Startup", True),
    ],
)
def test_feed__of_what_shares_units_with_anothers__shows_what_that_one_lets_others_see(
    cast: Cast, others_see: str, summary: str, says_why: bool
) -> None:
    another = factories.organisation()
    hall = factories.hall([cast.lab], organisation=another, name="Hall")
    set_policy(hall, needs_approval=False, others_see=others_see)
    factories.publish(hall)
    made = reserve(hall, cast.booker, purpose="Secret pilot")
    path = address(cast.manager, "resource", cast.lab.slug, Feed.Shows.DETAILS)
    event, text = one(path), body(path)
    assert event["SUMMARY"] == summary
    assert ("Secret pilot" in text) is says_why
    for secret in (made.reference, "Boyana"):
        assert secret not in text


def test_feed__cancelled__stays_as_such_for_30_days(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = address(cast.booker)
    made = reserve(cast.lab, cast.booker, wish(10))
    uid = one(path)["UID"]
    reservation_cancel(actor=cast.booker, reference=made.reference, reason="Ill")
    event = one(path)
    assert (event["UID"], event["STATUS"]) == (uid, "CANCELLED")
    assert event["TRANSP"] == "TRANSPARENT"
    later(monkeypatch, 30 * DAY - dt.timedelta(hours=1))
    assert one(path)["STATUS"] == "CANCELLED"
    later(monkeypatch, dt.timedelta(hours=2))
    assert events(path) == []


def test_feed__past__stays_for_90_days(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = address(cast.booker)
    reserve(cast.lab, cast.booker)
    later(monkeypatch, 90 * DAY)
    assert one(path)["STATUS"] == "CONFIRMED"
    later(monkeypatch, 2 * DAY)
    assert events(path) == []


def test_feed__held__is_nobodys_yet(cast: Cast) -> None:
    reservation_hold(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug=cast.startup.slug,
        wish=wish(),
        key="form",
    )
    assert Reservation.objects.get().status == Status.HELD
    assert events(address(cast.booker)) == []
    assert events(address(cast.manager, "resource", cast.lab.slug)) == []


def test_feed__handed_over__goes_with_it(cast: Cast) -> None:
    mine, theirs = address(cast.booker), address(cast.colleague)
    made = reserve(cast.lab, cast.booker)
    reservation_hand_over(
        actor=cast.booker, reference=made.reference, to=cast.colleague.email
    )
    assert events(mine) == []
    assert one(theirs)["UID"].startswith(made.reference)


def test_feed__title_with_newlines__begins_no_line_of_its_own(cast: Cast) -> None:
    evil = "x\r\nATTENDEE:mailto:eve@x.example\r\nX-EVIL:1"
    reserve(cast.lab, cast.booker, purpose="ok")
    Reservation.objects.update(purpose=evil)
    type(cast.lab).objects.filter(pk=cast.lab.pk).update(name=evil)
    type(cast.startup).objects.filter(pk=cast.startup.pk).update(name=evil)
    paths = [
        address(cast.booker),
        address(cast.manager, "resource", cast.lab.slug),
        address(cast.colleague, "organisation", cast.startup.slug),
    ]
    for path in paths:
        lines = body(path).split("\r\n")
        assert not [each for each in lines if each.startswith(("ATTENDEE", "X-EVIL"))]
        assert not [each for each in lines if "\n" in each or "\r" in each]


def test_feed__language__is_that_of_who_made_it(cast: Cast) -> None:
    User.objects.filter(pk=cast.booker.pk).update(language="bg")
    cast.booker.refresh_from_db()
    reserve(cast.lab, cast.booker)
    path = address(cast.booker, shows=Feed.Shows.BUSY)
    assert one(path)["SUMMARY"] == "Заето"


# Asked again


def test_feed__nothing_new__is_304_in_three_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    path = address(cast.booker)
    made = reserve(cast.lab, cast.booker)
    first = Client().get(path)
    etag, modified = first["ETag"], first["Last-Modified"]
    assert first["Cache-Control"] == "private, no-cache"
    for headers in ({"if-none-match": etag}, {"if-modified-since": modified}):
        # The feed, the roles of its maker, what it shows.
        with django_assert_num_queries(3):
            again = Client().get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert (again["ETag"], again["Last-Modified"]) == (etag, modified)
    reservation_cancel(actor=cast.booker, reference=made.reference, reason="Ill")
    for headers in ({"if-none-match": etag}, {"if-modified-since": modified}):
        again = Client().get(path, headers=headers)
        assert again.status_code == 200
        assert again["ETag"] != etag
        assert again["Last-Modified"] != modified


def test_feed__unchanged__is_the_same_to_the_byte(cast: Cast) -> None:
    path = address(cast.booker)
    reserve(cast.lab, cast.booker)
    assert body(path) == body(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda cast: type(cast.lab).objects.update(name="New name"),
        lambda cast: type(cast.lab.site).objects.update(address="Elsewhere 2"),
        lambda cast: User.objects.update(language="bg"),
        lambda cast: Reservation.objects.update(purpose="Another"),
    ],
)
def test_feed__what_it_says_changes__has_another_etag(cast: Cast, change: Any) -> None:
    path = address(cast.booker)
    reserve(cast.lab, cast.booker)
    etag = Client().get(path)["ETag"]
    change(cast)
    assert Client().get(path, headers={"if-none-match": etag}).status_code == 200


def test_feed__another_reservation_that_it_does_not_show__changes_nothing(
    cast: Cast,
) -> None:
    path = address(cast.booker)
    etag = Client().get(path)["ETag"]
    reserve(cast.lab, cast.stranger)
    assert Client().get(path, headers={"if-none-match": etag}).status_code == 304


def test_feed__read__is_noted(cast: Cast) -> None:
    path = address(cast.booker)
    assert feed_of(path).used_at is None
    Client().get(path)
    assert feed_of(path).used_at is not None


# Who may have one, and until when


def test_feed__wrong_or_ended_secret__404(cast: Cast) -> None:
    path = address(cast.booker)
    assert Client().get(path).status_code == 200
    assert Client().get(path.replace(".ics", "x.ics")).status_code == 404
    assert Client().get(f"/calendars/{feed_of(path).hash}.ics").status_code == 404
    feed_end(actor=cast.booker, feed_id=feed_of(path).pk)
    assert Client().get(path).status_code == 404


def test_feed__who_made_it_may_no_more__404(cast: Cast) -> None:
    factories.person(cast.host, Membership.Role.MANAGER)
    paths = [
        address(cast.manager, "organisation", cast.host.slug),
        address(cast.manager, "resource", cast.lab.slug),
    ]
    own = address(cast.manager)
    of_site = address(cast.staff, "site", cast.lab.site.slug)
    assert {Client().get(each).status_code for each in [*paths, own, of_site]} == {200}
    Membership.objects.filter(user=cast.manager).update(role=Membership.Role.BOOKER)
    assert [Client().get(each).status_code for each in paths] == [404, 404]
    assert Client().get(own).status_code == 200
    User.objects.filter(pk=cast.staff.pk).update(is_hub_staff=False)
    assert Client().get(of_site).status_code == 404
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    assert Client().get(own).status_code == 404
    for feed in Feed.objects.select_related("made_by"):
        (listed,) = feeds_of(feed.owner).filter(pk=feed.pk)
        assert listed.__dict__["works"] is feed_is_open(feed) is False


def test_feed__left_organisation__shows_nothing_of_it(cast: Cast) -> None:
    path = address(cast.booker)
    reserve(cast.lab, cast.booker)
    assert one(path)
    Membership.objects.filter(user=cast.booker).delete()
    assert events(path) == []


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("organisation", {"manager", "staff"}),
        ("resource", {"manager", "staff"}),
        ("site", {"staff"}),
    ],
)
def test_feed_make__who_may__and_nobody_else(
    cast: Cast, kind: str, may: set[str]
) -> None:
    slugs = {
        "organisation": cast.host.slug,
        "resource": cast.lab.slug,
        "site": cast.lab.site.slug,
    }
    owner = Owner(kind, slugs[kind])
    for name in ("booker", "colleague", "manager", "staff", "stranger"):
        actor = getattr(cast, name)
        if name in may:
            feed_make(actor=actor, owner=owner, name="desktop")
        else:
            with pytest.raises(Forbidden):
                feed_make(actor=actor, owner=owner, name="desktop")
    with pytest.raises(Missing):
        feed_owner(cast.staff, Owner(kind, "not-there"))
    assert Feed.objects.count() == len(may)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x\nSUMMARY:y"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "shows": "all"}, "shows"),
    ],
)
def test_feed_make__bad_input__is_refused(
    cast: Cast, given: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        feed_make(actor=cast.booker, owner=Owner("person"), **given)
    assert list(refused.value.extra["fields"]) == [field]
    assert not Feed.objects.exists()


def test_feed_end__anothers__is_not_there(cast: Cast) -> None:
    own = feed_of(address(cast.booker))
    of_host = feed_of(address(cast.manager, "resource", cast.lab.slug))
    for actor, feed in (
        (cast.colleague, own),
        (cast.staff, own),
        (cast.booker, of_host),
        (cast.stranger, of_host),
    ):
        with pytest.raises(Missing):
            feed_end(actor=actor, feed_id=feed.pk)
    second = factories.person(cast.host, Membership.Role.MANAGER)
    feed_end(actor=second, feed_id=of_host.pk)
    feed_end(actor=cast.booker, feed_id=own.pk)
    assert not Feed.objects.exists()


def test_feed__zones_of_all_its_sites__stand_in_it(
    cast: Cast, settings: LazySettings
) -> None:
    other = factories.site(time_zone="America/New_York")
    far = factories.open_lab(site=other, organisation=cast.host)
    reserve(cast.lab, cast.booker)
    reserve(far, cast.booker)
    calendar = Calendar.from_ical(body(address(cast.booker)))
    zones = {each["TZID"] for each in calendar.walk("VTIMEZONE")}
    assert zones == {"Europe/Sofia", "America/New_York"}
    used = {each["DTSTART"].params["TZID"] for each in calendar.walk("VEVENT")}
    assert used == zones
    assert tomorrow_at(10) in {e.decoded("DTSTART") for e in calendar.walk("VEVENT")}
