"""What mails bring to calendars."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from icalendar import Calendar

from booking.models import Reservation
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.handing import reservation_hand_over
from booking.services.lifecycle import reservation_cancel
from labs.models import User
from notifications.models import Kind, Message, State
from tests.booking.series import date_of, reserve_series
from tests.cast import Cast
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import deliver, move, plan, reminded, requested


def sent(inbox: Inbox, to: User) -> list[EmailMessage]:
    plan()
    deliver()
    return inbox.to(to.email)


def parts(mail: EmailMessage) -> list[EmailMessage]:
    return [each for each in mail.walk() if each.get_content_type() == "text/calendar"]


def calendar(mail: EmailMessage) -> tuple[str, list[Any]]:
    """The method, as the mail and its calendar say, and the events."""
    inline, attached = parts(mail)
    assert attached.get_filename() == "invite.ics"
    assert inline.get_content() == attached.get_content()
    found = Calendar.from_ical(inline.get_content())
    assert inline.get_param("method") == found["METHOD"]
    assert found.walk("VTIMEZONE")
    return str(found["METHOD"]), found.walk("VEVENT")


def test_mail__of_a_request_until_it_is_called_off__moves_one_entry(
    cast: Cast, inbox: Inbox
) -> None:
    made = requested(cast)
    reservation_approve(actor=cast.manager, reference=made.reference)
    (approved,) = sent(inbox, cast.booker)
    method, (event,) = calendar(approved)
    assert (method, event["STATUS"]) == ("REQUEST", "CONFIRMED")
    assert event["ATTENDEE"] == f"mailto:{cast.booker.email}"
    assert event["ORGANIZER"].startswith("mailto:atrium@")
    assert event["LOCATION"].startswith(cast.studio.site.name)
    made.refresh_from_db()
    move(made, cast.staff, hours=2)
    moved = calendar(sent(inbox, cast.booker)[-1])[1][0]
    reservation_cancel(actor=cast.manager, reference=made.reference, reason="Flood")
    method, (gone,) = calendar(sent(inbox, cast.booker)[-1])
    assert (method, gone["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["UID"] == moved["UID"] == gone["UID"]
    assert event["SEQUENCE"] < moved["SEQUENCE"] < gone["SEQUENCE"]
    # Those who decide keep their own calendars.
    assert not [part for mail in inbox.to(cast.manager.email) for part in parts(mail)]


def test_mail__declined__takes_it_out(cast: Cast, inbox: Inbox) -> None:
    made = requested(cast)
    reservation_decline(actor=cast.manager, reference=made.reference, reason="Full")
    assert calendar(sent(inbox, cast.booker)[-1])[0] == "CANCEL"


def test_mail__asked_for_by_another__is_tentative(cast: Cast, inbox: Inbox) -> None:
    made = requested(cast)
    Reservation.objects.filter(pk=made.pk).update(requested_by=cast.colleague)
    (mail,) = sent(inbox, cast.colleague)
    method, (event,) = calendar(mail)
    assert (method, event["STATUS"]) == ("REQUEST", "TENTATIVE")


def test_mail__reminder__has_no_calendar_part(cast: Cast, inbox: Inbox) -> None:
    reminded(cast)
    plan()
    Message.objects.filter(kind=Kind.REMINDER, state=State.PLANNED).update(
        due_at="2026-01-01T00:00Z"
    )
    deliver()
    assert not [part for mail in inbox.mails for part in parts(mail)]


def test_mail__handed_over__goes_from_one_calendar_to_the_other(
    cast: Cast, inbox: Inbox
) -> None:
    made = requested(cast)
    sent(inbox, cast.booker)
    reservation_hand_over(
        actor=cast.staff, reference=made.reference, to=cast.colleague.email
    )
    assert calendar(sent(inbox, cast.colleague)[-1])[0] == "REQUEST"
    assert calendar(sent(inbox, cast.booker)[-1])[0] == "CANCEL"


def test_mail__series__is_one_entry_that_repeats(cast: Cast, inbox: Inbox) -> None:
    made = reserve_series(cast.lab, cast.booker, count=4)
    method, (event,) = calendar(sent(inbox, cast.booker)[-1])
    assert method == "REQUEST"
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=4"
    second = date_of(made, 2).reservation
    assert second
    reservation_cancel(actor=cast.manager, reference=second.reference, reason="Flood")
    method, (gone,) = calendar(sent(inbox, cast.booker)[-1])
    assert method == "CANCEL"
    assert gone["UID"] == event["UID"]
    assert gone["RECURRENCE-ID"].dt == second.starts_at
    assert gone["SEQUENCE"] > event["SEQUENCE"]


def test_mail__name_with_newlines__begins_no_line_of_its_own(
    cast: Cast, inbox: Inbox
) -> None:
    evil = 'x\r\nBcc: eve@x.example"\r\nATTENDEE:mailto:eve@x.example'
    requested(cast)
    Reservation.objects.update(purpose=evil, requested_by=cast.colleague)
    User.objects.filter(pk=cast.colleague.pk).update(name=evil)
    type(cast.studio).objects.filter(pk=cast.studio.pk).update(name=evil)
    (mail,) = sent(inbox, cast.colleague)
    assert mail["Bcc"] is None
    text = parts(mail)[0].get_content()
    assert [line.startswith("ATTENDEE") for line in text.splitlines()].count(True) == 1
    assert "\nATTENDEE:mailto:eve" not in text
