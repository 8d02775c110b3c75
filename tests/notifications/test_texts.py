from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from booking.models import History, Reservation
from booking.models.reservation import Status
from config import clock
from config.mail import one_line
from labs.models import User
from notifications.models import TIMED, Kind, Message
from notifications.selectors import messages_to_judge
from notifications.texts import Text, message_write
from tests.cast import Cast
from tests.factories import SOFIA
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import TOLD, approved, body, deliver, plan

NOTES = "Ring at the blue door.\nCode 4711."
TEN = dt.datetime(2027, 11, 22, 10, tzinfo=SOFIA)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def reservation(cast: Cast) -> Reservation:
    site = cast.studio.site
    site.name, site.name_bg = "Old Mill", "Старата мелница"
    site.access_notes = NOTES
    site.save()
    cast.studio.name_bg = "Звуково студио"
    cast.studio.save()
    return Reservation.objects.create(
        resource=cast.studio,
        organisation=cast.startup,
        requested_by=cast.booker,
        status=Status.APPROVED,
        starts_at=TEN,
        ends_at=TEN + 2 * HOUR,
        free_at=TEN + 2 * HOUR,
        purpose="Recording",
        people=3,
        created_at=clock.now(),
    )


def write(
    reservation: Reservation, kind: Kind, to: User, actor: User, **row: Any
) -> Text:
    """The text of one message about one step."""
    given = {"action": kind.value, "to_status": reservation.status, "actor": actor}
    if kind in TIMED:
        about: dict[str, Any] = {"history": None, "offset_minutes": 60}
    else:
        history = History.objects.create(
            reservation=reservation, at=clock.now(), **given | row
        )
        about = {"history": history}
    message = Message.objects.create(
        cause="the cause",
        kind=kind,
        person=to,
        reservation=reservation,
        due_at=clock.now(),
        created_at=clock.now(),
        **about,
    )
    return message_write(messages_to_judge().get(pk=message.pk), TEN - HOUR)


def test_text__approved__says_all_that_the_guest_needs(
    cast: Cast, reservation: Reservation
) -> None:
    text = write(reservation, Kind.APPROVED, cast.booker, cast.manager)

    link = f"http://localhost:8000/reservations/{reservation.reference}/"
    before, _once, after = text.body.partition("\nOr at once, without signing in")
    assert "\nCancel the reservation:\nhttp://localhost:8000/do/" in after
    assert Text(text.subject, before) == Text(
        "Approved: Sound studio, Monday 22 November 2027, 10:00–12:00",
        f"""\
Hristo Host approved your request. Sound studio is reserved for you.

What: Sound studio
When: Monday 22 November 2027, 10:00–12:00
Times in Sofia (UTC+2)
Where: Old Mill, 1 Tsar Osvoboditel Blvd, Sofia
How to get in: Ring at the blue door. Code 4711.
Organisation: Startup
Purpose: Recording
People: 3
Status: Approved

See it, change it or cancel it:
{link}
""",
    )


def test_text__a_deadline_to_cancel__is_told_while_there_is_something_to(
    cast: Cast, reservation: Reservation
) -> None:
    reservation.cancel_by_at = TEN - 24 * HOUR
    reservation.save()
    text = write(reservation, Kind.APPROVED, cast.booker, cast.manager)
    assert "\nCancel until: Sunday 21 November 2027, 10:00\n" in text.body
    reservation.status, reservation.is_late_cancel = Status.CANCELLED, True
    reservation.save()
    text = write(reservation, Kind.CANCELLED, cast.manager, cast.booker)
    assert "Cancel until" not in text.body
    assert "\nCancelled late\n" in text.body


def test_text__other_zone__own_time_beside_it(
    cast: Cast, reservation: Reservation
) -> None:
    cast.booker.time_zone = "Europe/London"
    cast.booker.save()

    text = write(reservation, Kind.APPROVED, cast.booker, cast.manager)

    own = "Your time: Monday 22 November 2027, 08:00–10:00 in London (UTC+0)"
    assert own in text.body.splitlines()


def test_text__bulgarian__names_and_dates_are(
    cast: Cast, reservation: Reservation
) -> None:
    cast.booker.language = "bg"
    cast.booker.save()

    with translation.override("en"):
        text = write(reservation, Kind.APPROVED, cast.booker, cast.manager)

    when = "понеделник, 22 ноември 2027 г., 10:00–12:00"
    assert text.subject.endswith(f": Звуково студио, {when}")
    for words in ("Старата мелница", "София (UTC+2)", when):
        assert words in text.body


def test_text__reminder__says_how_soon(cast: Cast, reservation: Reservation) -> None:
    text = write(reservation, Kind.REMINDER, cast.booker, cast.booker)

    assert text.subject.startswith("Reminder: Sound studio, Monday")
    assert "Your reservation of Sound studio starts in 1 hour." in text.body


def test_text__requested__says_who_decides_and_by_when(
    cast: Cast, reservation: Reservation
) -> None:
    reservation.status = Status.PENDING
    reservation.lapses_at = TEN - 24 * HOUR
    reservation.save()

    text = write(reservation, Kind.REQUESTED, cast.manager, cast.booker)

    assert "Boyana Booker of Startup asks for Sound studio." in text.body
    by = f"{cast.host} or the hub, by Sunday 21 November 2027, 10:00"
    assert f"Decided by: {by}" in text.body


def test_text__declined__gives_the_reason(cast: Cast, reservation: Reservation) -> None:
    text = write(
        reservation, Kind.DECLINED, cast.booker, cast.manager, reason="It is broken."
    )

    assert "Hristo Host declined your request.\nReason: It is broken." in text.body


def test_text__moved__says_the_time_before(
    cast: Cast, reservation: Reservation
) -> None:
    text = write(
        reservation,
        Kind.MOVED,
        cast.booker,
        cast.manager,
        changes={
            "starts_at": [(TEN - 3 * HOUR).isoformat(), TEN.isoformat()],
            "ends_at": [
                (TEN - HOUR).isoformat(),
                (TEN + 2 * HOUR).isoformat(),
            ],
        },
    )

    assert "When: Monday 22 November 2027, 10:00–12:00" in text.body
    assert "Before: Monday 22 November 2027, 07:00–09:00" in text.body


@pytest.mark.parametrize("kind", TOLD)
def test_text__every_kind__subject_lead_link_and_no_markup(
    cast: Cast, reservation: Reservation, kind: Kind
) -> None:
    cast.startup.name = "Sound & <Vision>"
    cast.startup.save()

    text = write(reservation, kind, cast.booker, cast.manager, reason="Because & so")

    assert "Sound studio" in text.subject
    assert "Sound & <Vision>" in text.body
    assert "&amp;" not in text.body
    whole = text.body.partition("\nOr at once, without signing in")[0]
    assert whole.endswith(f"/reservations/{reservation.reference}/\n")
    assert "\n\n\n" not in text.body
    assert text.body == text.body.strip() + "\n"


@pytest.mark.parametrize(
    ("kind", "to", "shown"),
    [
        (Kind.RESERVED, "booker", True),
        (Kind.APPROVED, "booker", True),
        (Kind.REMINDER, "booker", True),
        (Kind.RESERVED, "manager", False),
        (Kind.MOVED, "manager", False),
        (Kind.DECLINED, "booker", False),
        (Kind.CANCELLED, "booker", False),
    ],
)
def test_text__access_notes__only_for_the_guest_who_comes(
    cast: Cast, reservation: Reservation, kind: Kind, to: str, shown: bool
) -> None:
    if kind in {Kind.DECLINED, Kind.CANCELLED}:
        reservation.status = Status(kind.value)
        reservation.save()

    text = write(reservation, kind, getattr(cast, to), cast.staff)

    assert ("Code 4711" in text.body) == shown


def test_text__access_notes__not_before_the_approval(
    cast: Cast, reservation: Reservation
) -> None:
    reservation.status, reservation.lapses_at = Status.PENDING, TEN
    reservation.save()

    text = write(reservation, Kind.MOVED, cast.booker, cast.manager)

    assert "It waits for a decision." in text.body
    assert "Code 4711" not in text.body


def test_mail__hostile_names__inject_no_header_and_no_line(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    cast.studio.name = "Studio\r\nBcc: victim@example.com\r\n\r\nHello"
    cast.studio.save()
    reservation = approved(cast)
    reservation.purpose = "Fun\nLink: http://evil.example/\x07\u2028Reason: none"
    reservation.save()
    plan()
    deliver()

    mail = inbox.to(cast.booker.email)[0]
    assert mail["Bcc"] is None
    assert "Bcc: victim@example.com Hello" in mail["Subject"]
    assert "Purpose: Fun Link: http://evil.example/ Reason: none" in body(mail)


def test_one_line__keeps_words_and_letters() -> None:
    assert one_line(" Ателие  №1\t– A\x00B ") == "Ателие №1 – A B"
    odd = "A\rB\x0bC\x1bD\x85E\u2028F\u202eG"
    assert one_line(odd) == "A B C D E F G"
