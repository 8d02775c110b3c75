"""What the mail server refuses, and what happens while it is away."""

from __future__ import annotations

import datetime as dt
import socket
from typing import Any

import pytest
from pytest_django import Settings

from config import clock
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.services import delivery
from notifications.services.delivery import MAX_ATTEMPTS
from notifications.texts import Text, message_write
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import deliver, many


def messages() -> list[Message]:
    return list(Message.objects.filter(cause__startswith="number-").order_by("pk"))


def one(cast: Cast) -> Message:
    many(cast, 1)
    return messages()[0]


def minutes_until(message: Message) -> int:
    return round((message.due_at - clock.now()) / dt.timedelta(minutes=1))


def test_refused_for_now__is_tried_again_later(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    message = one(cast)
    inbox.replies[cast.booker.email] = "451 Try again later"
    waits = []
    for _ in range(5):
        assert deliver() == 0
        message.refresh_from_db()
        assert (message.state, message.claim) == (State.PLANNED, None)
        waits.append(minutes_until(message))
        assert deliver() == 0  # not before its time
        time.set(message.due_at)

    assert waits == [1, 5, 15, 60, 60]
    assert message.last_error == "451 Try again later"
    inbox.replies.clear()
    assert deliver() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 6)
    assert message.last_error == ""
    assert len(inbox.mails) == 1


def test_refused_for_now_again_and_again__fails_in_the_end(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    message = one(cast)
    inbox.data_reply = "451 Greylisted"
    for _ in range(MAX_ATTEMPTS):
        assert message.state == State.PLANNED
        time.set(max(message.due_at, clock.now()))
        deliver()
        message.refresh_from_db()

    assert (message.state, message.attempts) == (State.FAILED, MAX_ATTEMPTS)


@pytest.mark.parametrize("step", ["recipient", "text"])
def test_refused_for_good__fails_at_once_and_the_others_go_out(
    cast: Cast, inbox: Inbox, step: str
) -> None:
    many(cast, 3)
    first = messages()[0]
    if step == "recipient":
        Message.objects.filter(pk=first.pk).update(person=cast.colleague)
        inbox.replies[cast.colleague.email] = "550 No such user"
        assert deliver() == 2
        assert {m.state for m in messages()[1:]} == {State.SENT}
    else:
        inbox.data_reply = "550 No such user"
        assert deliver() == 0

    first.refresh_from_db()
    assert (first.state, first.attempts) == (State.FAILED, 1)
    assert first.last_error == "550 No such user"


def test_server_is_away__all_wait_and_no_attempt_is_lost(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    many(cast, 3)
    with inbox.away():
        for _ in range(2 * MAX_ATTEMPTS):
            assert deliver() == 0
            time.forward(seconds=61)

    assert {(m.state, m.attempts) for m in messages()} == {(State.PLANNED, 0)}
    assert "ConnectionRefusedError" in messages()[0].last_error
    assert deliver() == 3
    assert inbox.repeats() == 0


def test_server_is_away__nobody_hammers_at_it(cast: Cast, inbox: Inbox) -> None:
    many(cast, 1)
    with inbox.away():
        deliver()

    assert deliver() == 0  # it is back, but its minute is not over


def test_server_refuses_us__all_wait(cast: Cast, inbox: Inbox) -> None:
    """Our address is wrong: no recipient's fault, and no reason to lose a message."""
    many(cast, 3)
    inbox.sender_replies = ["550 Who are you?"]

    assert deliver() == 0

    assert {(m.state, m.attempts) for m in messages()} == {(State.PLANNED, 0)}
    assert messages()[0].last_error == "550 Who are you?"


def test_server_limits_mails_per_connection__opens_another(
    cast: Cast, inbox: Inbox
) -> None:
    many(cast, 3)
    inbox.sender_replies = ["", "421 Enough for one connection"]

    assert deliver() == 3

    assert (len(inbox.mails), inbox.connections) == (3, 2)


def test_server_hangs_up_in_the_middle__that_one_waits_and_the_rest_go_out(
    cast: Cast, inbox: Inbox
) -> None:
    many(cast, 3)
    first = messages()[0]
    Message.objects.filter(pk=first.pk).update(person=cast.colleague)
    inbox.replies[cast.colleague.email] = "421 Restarting"

    assert deliver() == 2

    first.refresh_from_db()
    assert (first.state, first.attempts) == (State.PLANNED, 1)
    assert inbox.connections == 2


def test_server_is_silent__is_not_waited_for_long(
    cast: Cast, inbox: Inbox, settings: Settings
) -> None:
    many(cast, 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = silent.getsockname()[1], 0.2
        assert deliver() == 0

    assert {(m.state, m.attempts) for m in messages()} == {(State.PLANNED, 0)}


def test_address_would_be_a_header__fails_and_injects_nothing(
    cast: Cast, inbox: Inbox
) -> None:
    many(cast, 2)
    evil = User.objects.create(email="a@example.com\nbcc: b@example.com", name="E")
    cast.startup.memberships.create(user=evil)
    Message.objects.filter(pk=messages()[0].pk).update(person=evil)

    assert deliver() == 1

    assert [m.state for m in messages()] == [State.FAILED, State.SENT]


def test_text_cannot_be_written__the_others_go_out_and_it_is_logged(
    cast: Cast,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    many(cast, 3)
    first = messages()[0]
    really_write = message_write

    def write_but_first(message: Any, now: dt.datetime) -> Text:
        if message.pk == first.pk:
            raise KeyError(message.pk)
        return really_write(message, now)

    monkeypatch.setattr(delivery, "message_write", write_but_first)
    assert deliver() == 2

    first.refresh_from_db()
    assert (first.state, first.attempts) == (State.PLANNED, 1)
    assert "KeyError" in first.last_error
    assert f"Message {first.pk} cannot be written" in caplog.text


def test_brings_the_process_down_each_time__is_given_up(
    cast: Cast, inbox: Inbox
) -> None:
    """An attempt counts when it begins, so what kills us does not do so for ever."""
    message = one(cast)
    Message.objects.filter(pk=message.pk).update(attempts=MAX_ATTEMPTS)

    assert deliver() == 0

    message.refresh_from_db()
    assert message.state == State.FAILED
    assert Message.objects.filter(state=State.FAILED).count() == 1
    assert Message.objects.filter(kind=Kind.REMINDER, state=State.FAILED).count() == 0
