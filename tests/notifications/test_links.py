"""Links in mails: one step without signing in, once, while it is still so."""

from __future__ import annotations

import datetime as dt
import logging
import re
from functools import partial

import pytest
from django.test import Client
from pytest_django import Settings

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve, reservation_take_back
from booking.services.lifecycle import reservation_confirm
from booking.services.offers import reservation_counter
from config.errors import Forbidden
from labs.models import User
from notifications.models import Kind, Message
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import (
    approved,
    body,
    deliver,
    move,
    plan,
    reminded,
    requested,
)
from tests.races.threads import race

LINK = re.compile(r"^(.+):\nhttps?://[^/]+(/do/\S+)$", re.MULTILINE)


def links(inbox: Inbox, person: User) -> dict[str, str]:
    """The links of the last mail to somebody, by label."""
    plan()
    deliver()
    return dict(LINK.findall(body(inbox.to(person.email)[-1])))


def post(path: str, reservation: Reservation, **fields: str) -> int:
    reservation.refresh_from_db()
    data = {"version": reservation.version, **fields}
    return int(Client().post(path, data).status_code)


def steps(reservation: Reservation) -> list[str]:
    return list(reservation.history.values_list("action", flat=True))


def test_get__scanner__changes_nothing(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]

    for method in ("get", "head", "get"):
        response = getattr(Client(), method)(path)
        assert response.status_code == 200
    page = Client().get(path)

    assert steps(asked) == ["requested"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    assert "Nothing has happened yet" in page.content.decode()


def test_approve__post__is_approved_by_its_person_and_once(
    cast: Cast, inbox: Inbox
) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]

    assert post(path, asked) == 302
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == (Status.APPROVED, cast.manager)

    again = Client().post(path, {"version": asked.version})
    assert "The link works once" in again.content.decode()
    assert steps(asked) == ["requested", "approved"]


def test_approve__used_and_taken_back__works_no_second_time(
    cast: Cast, inbox: Inbox
) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]
    post(path, asked)
    reservation_take_back(actor=cast.manager, reference=asked.reference)

    assert post(path, asked) == 200
    asked.refresh_from_db()
    assert asked.status == Status.PENDING


@pytest.mark.django_db(transaction=True)
def test_approve__two_at_once__one_step(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]

    race([partial(post, path, asked) for _ in range(6)])

    assert steps(asked) == ["requested", "approved"]


def test_decline__needs_a_reason(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Decline"]

    assert post(path, asked) == 400
    assert post(path, asked, code="other") == 400
    assert post(path, asked, code="capacity") == 302
    asked.refresh_from_db()
    assert asked.status == Status.DECLINED


def test_approve__decided_before__says_by_whom(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]
    reservation_approve(actor=cast.staff, reference=asked.reference)

    page = Client().get(path)

    assert page.status_code == 409
    assert "by Stella Staff" in page.content.decode()
    assert post(path, asked) == 409


def test_approve__moved__does_not_apply(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]
    move(asked, cast.booker, hours=2)

    assert post(path, asked) == 409
    assert "moved, changed" in Client().get(path).content.decode()


def test_approve__expired__410(cast: Cast, inbox: Inbox, time: Clock) -> None:
    approved(cast)
    path = links(inbox, cast.booker)["Cancel the reservation"]
    time.forward(days=31)

    assert Client().get(path).status_code == 410


def test_approve__lapsed__says_so(cast: Cast, inbox: Inbox, time: Clock) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]
    assert asked.lapses_at
    time.set(asked.lapses_at + dt.timedelta(minutes=1))

    assert "run out" in Client().get(path).content.decode()
    assert post(path, asked) == 409


def test_approve__switched_off_or_no_member__403(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]

    cast.manager.is_active = False
    cast.manager.save()
    assert post(path, asked) == 403
    cast.manager.is_active = True
    cast.manager.save()
    factories.person(cast.host, "manager")
    cast.manager.memberships.all().delete()
    assert post(path, asked) == 403
    assert "Boyana" not in Client().get(path).content.decode()
    assert steps(asked) == ["requested"]


def test_approve__staff__sign_in_first(
    cast: Cast, inbox: Inbox, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    asked = requested(cast)
    path = links(inbox, cast.staff)["Approve"]

    assert post(path, asked) == 403
    assert "second factor" in Client().get(path).content.decode()
    assert steps(asked) == ["requested"]

    settings.STAFF_SECOND_FACTOR = False
    assert post(path, asked) == 302


def test_secret__changed__404(cast: Cast, inbox: Inbox) -> None:
    requested(cast)
    path = links(inbox, cast.manager)["Approve"]

    for wrong in (path[:-1], path + "x", "/do/x", "/do/x:y"):
        assert Client().get(wrong).status_code == 404


def test_accept__counter_offer__moves_there(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    start = asked.starts_at + 3 * HOUR
    reservation_counter(
        actor=cast.manager,
        reference=asked.reference,
        starts_at=start,
        ends_at=start + HOUR,
    )
    found = links(inbox, cast.booker)
    assert set(found) == {"Accept", "Pass"}

    assert post(found["Accept"], asked) == 302
    asked.refresh_from_db()
    assert asked.starts_at == start
    assert post(found["Pass"], asked) == 409


def test_reminder__confirm_then_cancel(cast: Cast, inbox: Inbox, time: Clock) -> None:
    reservation = reminded(cast)
    time.set(reservation.starts_at - dt.timedelta(hours=23))
    found = links(inbox, cast.booker)

    assert post(found["Confirm attendance"], reservation) == 302
    assert steps(reservation)[-1] == History.Action.CONFIRMED
    assert post(found["Confirm attendance"], reservation) == 200
    plan()
    assert not Message.objects.filter(history__action="confirmed").exists()
    client = Client()
    client.force_login(cast.manager)
    page = client.get(f"/reservations/{reservation.reference}/").content.decode()
    assert "Attendance confirmed" in page

    assert post(found["Cancel the reservation"], reservation) == 302
    reservation.refresh_from_db()
    assert reservation.status == Status.CANCELLED


def test_confirm__host__403(cast: Cast) -> None:
    reservation = approved(cast)

    with pytest.raises(Forbidden):
        reservation_confirm(actor=cast.manager, reference=reservation.reference)


def test_kept_text_and_log__hold_no_secret(
    cast: Cast, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    asked = requested(cast)
    path = links(inbox, cast.manager)["Approve"]
    secret = path.removeprefix("/do/")
    kept = Message.objects.get(person=cast.manager, kind=Kind.REQUESTED).body

    assert secret not in kept
    assert "/do/…" in kept
    handlers = [h for h in logging.getLogger().handlers if h.filters]
    record = logging.LogRecord("x", 30, "", 0, "Conflict: %s", (path,), None)
    for handler in handlers:
        handler.filter(record)
    assert handlers
    assert secret not in record.getMessage()
    assert asked.status == Status.PENDING


def test_links__in_a_bulgarian_mail__are_said_in_bulgarian(
    cast: Cast, inbox: Inbox
) -> None:
    cast.manager.language = "bg"
    cast.manager.save()
    requested(cast)
    plan()
    deliver()
    text = body(inbox.to(cast.manager.email)[-1])
    assert "Or at once" not in text
    assert "Одобряване:\n" in text
