"""The log, what came back, and sending again."""

from __future__ import annotations

import io
import json
from functools import partial
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from booking.services.lifecycle import reservation_cancel
from config.errors import Conflict, Forbidden, Missing, TooMany
from labs.models import User
from notifications.bounces import bounce_read
from notifications.log import bounces_of
from notifications.models import Kind, Message, State
from notifications.services.resending import message_resend
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import approved, deliver, plan, reminded
from tests.races.threads import outcomes, race

URL = "/api/v1/bounces/"


def told(cast: Cast) -> Message:
    """What the booker was told, and the server took."""
    approved(cast)
    plan()
    deliver()
    return Message.objects.get(kind=Kind.APPROVED)


def report(message_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification as Postfix writes it."""
    text = f"""\
From: mailer-daemon@mail.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; gone@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Approved

--b--
"""
    return text.encode()


def page(of: User, query: str = "") -> str:
    client = Client()
    client.force_login(of)
    return client.get(f"/messages/{query}").content.decode()


def send(data: bytes, kind: str, secret: str = "s3cret") -> int:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    return int(client.post(URL, data, content_type=kind).status_code)


def test_bounces__no_secret_is_set__404(cast: Cast) -> None:
    assert send(b"{}", "application/json") == 404


def test_bounces__report_or_json__is_noted_and_shown(
    cast: Cast, inbox: Inbox, settings: Settings
) -> None:
    settings.BOUNCE_SECRET = "s3cret"
    message = told(cast)
    raw = report(message.message_id)
    assert send(raw, "message/rfc822", "other") == 403
    message.refresh_from_db()
    assert message.bounced_at is None

    assert send(raw, "message/rfc822") == 200
    message.refresh_from_db()
    assert message.bounce_status == "5.1.1"
    assert "User unknown" in message.bounce
    assert "Came back for good" in page(cast.staff, "?state=bounced")
    client = Client()
    client.force_login(cast.booker)
    assert "does not arrive" in client.get("/account/").content.decode()

    said = {"message_id": message.message_id, "status": "4.2.2", "diagnostic": "full"}
    assert send(json.dumps(said).encode(), "application/json") == 200
    message.refresh_from_db()
    assert message.bounce_status == "5.1.1"
    assert send(b'{"status": "x"}', "application/json") == 400


def test_bounce_read__delayed_or_no_report__none(cast: Cast, inbox: Inbox) -> None:
    known = told(cast).message_id
    assert bounce_read(report(known)) is not None

    assert bounce_read(report(known, action="delayed", status="4.4.1")) is None
    assert bounce_read(report("<another@example.com>")) is None
    for other in (b"", b"\xff\x00", b"Subject: Hello\n\nHello"):
        assert bounce_read(other) is None


def test_record_bounce__forged_id__notes_nothing(
    cast: Cast, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = told(cast)

    def pipe(raw: bytes) -> str:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        out = io.StringIO()
        call_command("record_bounce", stdout=out)
        return out.getvalue()

    assert "No message" in pipe(report(f"<message-{message.pk}.1@localhost>"))
    assert f"Message {message.pk}: 5.1.1" in pipe(report(message.message_id))


def test_bounces_of__kept_another_since__works_again(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    message = told(cast)
    Message.objects.filter(pk=message.pk).update(
        bounced_at=message.sent_at, bounce_status="5.2.2"
    )
    assert bounces_of(cast.booker.email).exists()
    time.forward(minutes=20)
    message_resend(actor=cast.staff, message_id=message.pk)
    deliver()
    assert bounces_of(cast.booker.email).exists()

    time.forward(days=1, minutes=1)
    assert not bounces_of(cast.booker.email).exists()


def test_resend__sent__goes_out_once_more(cast: Cast, inbox: Inbox) -> None:
    message = told(cast)
    before = len(inbox.to(cast.booker.email))

    again = message_resend(actor=cast.manager, message_id=message.pk)
    deliver()

    assert again.cause == f"resend-1-{message.cause}"
    assert len(inbox.to(cast.booker.email)) == before + 1
    assert inbox.repeats() == 0


def test_resend__reminder__is_still_one_of_this_start(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    reservation = reminded(cast)
    first = Message.objects.filter(kind=Kind.REMINDER).order_by("due_at")[0]
    time.set(first.due_at)
    deliver()

    again = message_resend(actor=cast.staff, message_id=first.pk)
    deliver()
    again.refresh_from_db()
    assert again.state == State.SENT

    time.forward(minutes=20)
    reservation_cancel(actor=cast.booker, reference=reservation.reference)
    with pytest.raises(Conflict, match="not true"):
        message_resend(actor=cast.staff, message_id=first.pk)


def test_resend__who_may_not(cast: Cast, inbox: Inbox) -> None:
    message = told(cast)

    with pytest.raises(Forbidden):
        message_resend(actor=cast.booker, message_id=message.pk)
    with pytest.raises(Missing):
        message_resend(actor=cast.stranger, message_id=message.pk)
    assert Message.objects.filter(cause__startswith="resend-").count() == 0


def test_resend__too_soon__429(cast: Cast, inbox: Inbox, time: Clock) -> None:
    message = told(cast)
    message_resend(actor=cast.manager, message_id=message.pk)

    with pytest.raises(TooMany):
        message_resend(actor=cast.manager, message_id=message.pk)
    deliver()
    time.forward(minutes=11)
    message_resend(actor=cast.manager, message_id=message.pk)


def test_resend__still_planned__409(cast: Cast) -> None:
    approved(cast)
    plan()
    planned = Message.objects.filter(kind=Kind.REMINDER)[0]

    with pytest.raises(Conflict, match="not been sent"):
        message_resend(actor=cast.staff, message_id=planned.pk)


@pytest.mark.django_db(transaction=True)
def test_resend__many_at_once__one(cast: Cast, inbox: Inbox) -> None:
    message = told(cast)
    job = partial(message_resend, actor=cast.staff, message_id=message.pk)

    results = race([job] * 5)

    assert outcomes(results)["TooMany"] == 4
    assert Message.objects.filter(cause__startswith="resend-").count() == 1


def test_page__host__sees_that_the_guest_was_told_and_not_the_text(
    cast: Cast, inbox: Inbox
) -> None:
    message = told(cast)
    about = f"?reservation={message.booked.reference}"

    html = page(cast.manager, about)

    assert f"To {cast.booker.name}" in html
    assert "approved your request" not in html
    assert cast.booker.email not in html
    assert "approved your request" in page(cast.booker, about)
    assert f"To {cast.manager.email}" not in page(cast.booker, about)
    assert cast.booker.name not in page(cast.stranger, about)


def test_page__filters(cast: Cast, inbox: Inbox) -> None:
    message = told(cast)
    card, day = '<li class="card">', message.due_at.date().isoformat()

    assert page(cast.booker, "?kind=approved").count(card) == 1
    assert page(cast.booker, "?kind=declined").count(card) == 0
    assert page(cast.booker, "?state=sent").count(card) == 1
    assert page(cast.staff, "?person=boyana&state=sent").count(card) == 1
    assert page(cast.staff, "?person=zzz").count(card) == 0
    assert page(cast.booker, f"?state=sent&from={day}&to={day}").count(card) == 1
    assert page(cast.booker, "?state=sent&to=2020-01-01").count(card) == 0
    assert "notice error" in page(cast.booker, "?from=x")


def test_page__why_not(cast: Cast, inbox: Inbox) -> None:
    reservation = approved(cast)
    inbox.replies[cast.booker.email] = "550 No such mailbox"
    plan()
    deliver()
    reservation_cancel(actor=cast.booker, reference=reservation.reference)
    plan()

    html = page(cast.booker)

    assert "refused it: 550 No such mailbox" in html
    assert "The reservation is “Cancelled” now." in html
