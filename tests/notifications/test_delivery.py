from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from booking.services.lifecycle import reservation_cancel
from config import clock
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.services import claims, delivery
from tests.cast import Cast
from tests.factories import DAY, HOUR, person, reserve
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox, subject
from tests.notifications.scenes import (
    approved,
    body,
    deliver,
    in_three_days,
    many,
    move,
    plan,
    reminded,
    reminders,
)

SECOND = dt.timedelta(seconds=1)
BOTH_WITHDRAWN = {(1440, "withdrawn"): 1, (60, "withdrawn"): 1}
#: What the database wants of a message that is sent.
SENT = {
    "sent_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "to": "x@example.com",
    "subject": "x",
    "body": "x",
}


def test_deliver__approved__guest_gets_one_mail_and_it_is_kept_as_sent(
    cast: Cast, inbox: Inbox
) -> None:
    reservation = approved(cast)
    plan()
    Message.objects.exclude(kind=Kind.APPROVED).update(state=State.WITHDRAWN)

    assert deliver() == 1

    (mail,) = inbox.to(cast.booker.email)
    message = Message.objects.get(kind=Kind.APPROVED)
    assert (message.state, message.attempts) == (State.SENT, 1)
    assert (message.to, message.subject) == (cast.booker.email, subject(mail))
    # The links in it are its reader's, who may not be the only one to read the log.
    assert re.sub(r"/do/\S+", "/do/…", body(mail)) == message.body
    assert mail["Message-ID"] == message.message_id
    assert reservation.reference in message.body
    assert deliver() == 0


def test_deliver__not_due__waits(cast: Cast, inbox: Inbox, time: Clock) -> None:
    reservation = reminded(cast)

    time.set(reservation.starts_at - HOUR - SECOND)
    Message.objects.filter(offset_minutes=1440).update(state=State.WITHDRAWN)
    assert deliver() == 0

    time.set(reservation.starts_at - HOUR + SECOND)
    assert deliver() == 1


@pytest.mark.parametrize("planned", [True, False], ids=["planned", "not planned yet"])
@pytest.mark.parametrize("change", ["cancel", "move"])
def test_deliver__changed_a_second_before__nothing_is_sent(
    cast: Cast, inbox: Inbox, time: Clock, change: str, planned: bool
) -> None:
    """Also where the worker has not heard of the change: the last look finds it."""
    reservation = reminded(cast)
    time.set(reservation.starts_at - HOUR - SECOND)
    Message.objects.filter(offset_minutes=1440).update(state=State.SENT, **SENT)
    if change == "cancel":
        reservation_cancel(actor=cast.booker, reference=reservation.reference)
    else:
        move(reservation, cast.manager, hours=3)
    if planned:
        plan()
        Message.objects.exclude(kind=Kind.REMINDER).update(state=State.WITHDRAWN)

    time.set(reservation.starts_at - HOUR + SECOND)
    assert deliver() == 0

    assert inbox.mails == []
    old = Message.objects.order_by("pk").get(
        kind=Kind.REMINDER, offset_minutes=60, due_at=reservation.starts_at - HOUR
    )
    assert old.state == State.WITHDRAWN


def test_deliver__cancelled_while_the_batch_goes_out__the_rest_stays(
    cast: Cast, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read with the batch is not what decides: the last look is."""
    many(cast, 3)
    reference = Message.objects.latest("pk").booked.reference
    really_begin = claims.message_begin
    begun = []

    def cancel_before_the_second(**which: Any) -> Any:
        begun.append(which)
        if len(begun) == 2:
            reservation_cancel(actor=cast.booker, reference=reference)
        return really_begin(**which)

    monkeypatch.setattr(delivery, "message_begin", cancel_before_the_second)
    assert deliver() == 1

    states = Message.objects.filter(cause__startswith="number-").order_by("pk")
    assert [message.state for message in states] == ["sent", "withdrawn", "withdrawn"]


def test_deliver__person_left__is_withdrawn(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    """Whoever is no member any more may not read how to get in; nobody else is left."""
    reservation = reminded(cast)
    cast.booker.memberships.all().delete()
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    time.set(reservation.starts_at - HOUR)

    assert deliver() == 0

    assert reminders(reservation) == {(1440, "withdrawn"): 1, (60, "withdrawn"): 1}


@pytest.mark.parametrize("before", [DAY, HOUR], ids=["a day", "an hour"])
def test_deliver__person_left__the_organisations_manager_is_reminded_once(
    cast: Cast, inbox: Inbox, time: Clock, before: dt.timedelta
) -> None:
    reservation = reminded(cast)
    cast.booker.memberships.all().delete()
    time.set(reservation.starts_at - before)

    assert deliver() == 1
    assert deliver() == 0

    (mail,) = inbox.mails
    assert mail["To"] == cast.colleague.email
    assert subject(mail).startswith("Reminder")
    theirs = Message.objects.filter(person=cast.colleague)
    assert [each.due_at for each in theirs] == [reservation.starts_at - before]


def test_deliver__person_left__the_manager_gets_each_reminder_once(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    reservation = reminded(cast)
    cast.booker.memberships.all().delete()
    for before in (DAY, HOUR):
        time.set(reservation.starts_at - before)
        assert deliver() == 1

    assert {mail["To"] for mail in inbox.mails} == {cast.colleague.email}
    assert reminders(reservation) == {
        (1440, "withdrawn"): 1,
        (1440, "sent"): 1,
        (60, "withdrawn"): 1,
        (60, "sent"): 1,
    }


@pytest.mark.parametrize("planned", [True, False], ids=["planned", "not planned yet"])
def test_deliver__person_left_and_cancelled__nobody_is_reminded(
    cast: Cast, inbox: Inbox, time: Clock, planned: bool
) -> None:
    reservation = reminded(cast)
    cast.booker.memberships.all().delete()
    reservation_cancel(
        actor=cast.manager, reference=reservation.reference, reason="Flooded."
    )
    if planned:
        plan()
    time.set(reservation.starts_at - HOUR)
    deliver()

    assert not [s for s in inbox.subjects() if s.startswith("Reminder")]
    assert reminders(reservation) == BOTH_WITHDRAWN


def test_deliver__person_left_before_the_start__nobody_is_reminded_after_it(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    reservation = reminded(cast)
    cast.booker.memberships.all().delete()
    time.set(reservation.starts_at + SECOND)

    assert deliver() == 0
    assert reminders(reservation) == BOTH_WITHDRAWN


def test_deliver__person_left_before_the_news__the_manager_is_told(
    cast: Cast, inbox: Inbox
) -> None:
    reservation = approved(cast)
    plan()
    Message.objects.exclude(kind=Kind.APPROVED).update(state=State.WITHDRAWN)
    cast.booker.memberships.all().delete()

    assert deliver() == 1

    assert [mail["To"] for mail in inbox.mails] == [cast.colleague.email]
    assert reservation.reference in body(inbox.mails[0])


def test_deliver__host_left__the_guests_manager_is_not_told(
    cast: Cast, inbox: Inbox
) -> None:
    """What went to the host's side is not the guest's, who has been told already."""
    reserve(cast.lab, cast.booker, in_three_days())
    plan()
    Message.objects.exclude(person=cast.manager).update(state=State.WITHDRAWN)
    cast.booker.memberships.all().delete()
    person(cast.host, "manager")
    cast.manager.memberships.all().delete()

    assert deliver() == 0
    assert not Message.objects.filter(person=cast.colleague).exists()


def test_deliver__after_an_outage__sends_what_is_useful_and_misses_the_rest(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    """Half an hour before the start the hour's reminder comes, the day's does not."""
    reservation = reminded(cast)
    time.set(reservation.starts_at - HOUR / 2)

    assert deliver() == 1

    assert reminders(reservation) == {(1440, "missed"): 1, (60, "sent"): 1}
    assert "in 30 minutes" in body(inbox.mails[0])


def test_deliver__after_a_short_outage__the_days_reminder_comes_late(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    reservation = reminded(cast)
    time.set(reservation.starts_at - 20 * HOUR)

    assert deliver() == 1

    assert reminders(reservation) == {(1440, "sent"): 1, (60, "planned"): 1}
    assert "in 20 hours" in body(inbox.mails[0])


def test_deliver__after_the_start__reminds_nobody(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    reservation = reminded(cast)
    time.set(reservation.starts_at + SECOND)

    assert deliver() == 0

    assert {state for _minutes, state in reminders(reservation)} == {"missed"}


def test_deliver__true_again_before_the_mark__is_not_lost(
    cast: Cast, inbox: Inbox, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved away, seen by the deliverer, moved back before it can say so."""
    reservation = reminded(cast)
    time.set(reservation.starts_at - HOUR - SECOND)
    move(reservation, cast.manager, hours=5)
    really_drop = delivery._drop

    def drop_after_moving_back(*args: object) -> None:
        if Message.objects.filter(state=State.SENDING).exists():
            time.set(reservation.starts_at - HOUR - SECOND)
            move(reservation, cast.manager, hours=0)
            plan()
            time.set(reservation.starts_at - HOUR)
        really_drop(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "_drop", drop_after_moving_back)
    time.set(reservation.starts_at - HOUR)
    Message.objects.filter(offset_minutes=1440).update(state=State.WITHDRAWN)
    deliver()

    assert [s for s in inbox.subjects() if s.startswith("Reminder")]


def test_deliver__time_is_up__gives_the_rest_back(cast: Cast, inbox: Inbox) -> None:
    many(cast, 30)
    inbox.slowness = 0.05

    sent = delivery.messages_deliver_due(seconds=0.4)

    inbox.slowness = 0
    assert 0 < sent < 30
    waiting = Message.objects.filter(state=State.PLANNED, claim=None, attempts=0)
    assert waiting.exclude(kind=Kind.REMINDER).count() == 30 - sent
    assert deliver() == 30 - sent
    assert inbox.repeats() == 0


def test_deliver__lease_ran_out_meanwhile__leaves_it_to_the_other(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    many(cast, 1)
    claim, (message_id,) = claims.messages_claim()
    time.forward(minutes=6)
    other, ids = claims.messages_claim()

    assert ids == [message_id]
    assert not claims.message_begin(message_id=message_id, claim=claim)
    assert not claims.message_settle(
        message_id=message_id, claim=claim, state=State.FAILED
    )
    assert claims.message_begin(message_id=message_id, claim=other)


def test_lease__outlasts_the_slowest_mail(settings: Settings) -> None:
    """A dozen answers: greeting, EHLO, STARTTLS, signing in, the mail itself."""
    slowest = 12 * dt.timedelta(seconds=settings.EMAIL_TIMEOUT)
    assert slowest < claims.LEASE


def test_claim__others_lease_holds__is_left_alone(cast: Cast) -> None:
    many(cast, 1)
    claims.messages_claim()

    assert claims.messages_claim()[1] == []


def test_begin__lease_ran_out_and_nobody_came__is_not_sent(
    cast: Cast, time: Clock
) -> None:
    many(cast, 1)
    claim, (message_id,) = claims.messages_claim()
    time.forward(minutes=6)

    assert not claims.message_begin(message_id=message_id, claim=claim)


def test_deliver__one_connection_for_a_batch(cast: Cast, inbox: Inbox) -> None:
    many(cast, 20)

    deliver()

    assert (len(inbox.mails), inbox.connections) == (20, 1)


def test_deliver__statements__as_many_for_each_message(
    cast: Cast, inbox: Inbox, django_assert_num_queries: object
) -> None:
    many(cast, 10)
    ours = delivery.messages_deliver_due
    # Claim / read / 10 × (begin with a last look, mark) / claim again: nothing left
    with django_assert_num_queries(1 + 1 + 10 * 2 + 1):  # type: ignore[operator]
        ours()


def test_message__sent_without_text__the_database_refuses(cast: Cast) -> None:
    many(cast, 1)
    for wrong in (
        {"state": State.SENT},
        {"state": State.SENDING},
        {"state": "sleeping"},
        {"kind": Kind.REMINDER},
        {"sent_at": clock.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.update(**wrong)
