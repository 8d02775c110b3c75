"""A reservation as calendars read it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.conf import LazySettings
from icalendar import Calendar

from booking.ics.events import calendar_of
from booking.models import Reservation
from booking.models.reservation import Status
from config import clock
from tests.booking.web.browser import signed_in
from tests.cast import Cast
from tests.factories import SOFIA, reserve, tomorrow_at


def test_calendar_of__a_request__has_all_that_a_calendar_needs(
    cast: Cast, settings: LazySettings
) -> None:
    settings.BASE_URL = "https://atrium.example"
    site = cast.studio.site
    site.latitude, site.longitude = Decimal("42.697700"), Decimal("23.321900")
    site.save()
    made = reserve(cast.studio, cast.booker, purpose="Шум; голос, 👣\nдве")
    made.refresh_from_db()
    calendar = Calendar.from_ical(calendar_of([made], clock.now()))
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Sofia"
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == f"{made.reference}@atrium.example"
    assert (event["SEQUENCE"], event["STATUS"]) == (1, "TENTATIVE")
    assert event.decoded("DTSTART") == tomorrow_at(10)
    assert event["DTSTART"].params["TZID"] == "Europe/Sofia"
    assert event.decoded("DTEND") - event.decoded("DTSTART") == dt.timedelta(hours=1)
    assert event["LOCATION"] == f"{site.name}, {site.address}"
    assert event["GEO"].to_ical() == "42.6977;23.3219"
    assert event["DESCRIPTION"] == "Шум; голос, 👣\nдве"
    page = f"https://atrium.example/reservations/{made.reference}/"
    assert event["URL"] == page


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PENDING, "TENTATIVE"),
        (Status.APPROVED, "CONFIRMED"),
        (Status.IN_USE, "CONFIRMED"),
        (Status.COMPLETED, "CONFIRMED"),
        (Status.NO_SHOW, "CONFIRMED"),
        (Status.DECLINED, "CANCELLED"),
        (Status.CANCELLED, "CANCELLED"),
        (Status.EXPIRED, "CANCELLED"),
    ],
)
def test_calendar_of__each_status__is_said(
    cast: Cast, status: Status, said: str
) -> None:
    made = reserve(cast.lab, cast.booker)
    made.status, made.version = status, 7
    (event,) = Calendar.from_ical(calendar_of([made], clock.now())).walk("VEVENT")
    assert (event["STATUS"], event["SEQUENCE"]) == (said, 7)


def test_calendar_of__the_night_that_clocks_change__keeps_the_instants(
    cast: Cast,
) -> None:
    made = reserve(cast.lab, cast.booker)
    made.starts_at = dt.datetime(2027, 10, 30, 22, tzinfo=dt.UTC)
    made.ends_at = dt.datetime(2027, 10, 31, 6, tzinfo=dt.UTC)
    text = calendar_of([made], clock.now()).decode()
    assert "DTSTART;TZID=Europe/Sofia:20271031T010000" in text
    assert "DTEND;TZID=Europe/Sofia:20271031T080000" in text
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    changes = {str(part["TZOFFSETTO"].to_ical()) for part in zone.subcomponents}
    assert changes == {"+0200", "+0300"}
    assert made.starts_at.astimezone(SOFIA).hour == 1


def test_download__own_and_unseen(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    url = f"/reservations/{made.reference}/calendar.ics"
    response = signed_in(cast.booker).get(url)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"{made.reference}.ics" in response.headers["Content-Disposition"]
    assert response.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert signed_in(cast.stranger).get(url).status_code == 404
    Reservation.objects.filter(pk=made.pk).update(
        status=Status.HELD, lapses_at=made.ends_at
    )
    assert signed_in(cast.booker).get(url).status_code == 404


@pytest.mark.parametrize(
    "sign", ["\r", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_calendar_of__control_character__begins_no_line_of_its_own(
    cast: Cast, sign: str
) -> None:
    made = reserve(cast.lab, cast.booker)
    made.purpose = f"Pilot{sign}ATTENDEE:mailto:eve@x.example\nand\tmore"
    made.resource.name = f"Lab{sign}X-EVIL:1"
    text = calendar_of([made], clock.now()).decode()
    lines = text.splitlines()
    assert not [each for each in lines if each.startswith(("ATTENDEE", "X-EVIL"))]
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", text)
    assert text.count("\r") == text.count("\r\n")
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(event["DESCRIPTION"]).endswith("\nand\tmore")
