from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from config import clock
from notifications.services import deliveries, planning
from tests.answering import answering
from tests.notifications.inbox import Inbox
from tests.notifications.receiver import Receiver


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Inbox]:
    server = Inbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def inbox(mail_server: Inbox, settings: Settings) -> Inbox:
    """The mail server, empty; Django sends to it over SMTP."""
    mail_server.reset()
    # pytest-django puts the backend that only remembers in its place.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = mail_server.port
    return mail_server


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the tests the seconds in which a decision can be taken back."""
    monkeypatch.setattr(planning, "TAKE_BACK", dt.timedelta())
    monkeypatch.setattr(deliveries, "TAKE_BACK", dt.timedelta())


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A program that webhooks are sent to; it may be asked though it is here."""
    with answering() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        yield Receiver(server)


class Clock:
    """What the time is; as it goes until a test sets it."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta()
        self._really = clock.now

    def now(self) -> dt.datetime:
        return self._really() + self._ahead

    def set(self, moment: dt.datetime) -> None:
        self._ahead = moment - self._really()

    def forward(self, **delta: float) -> None:
        self._ahead += dt.timedelta(**delta)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock, which a test may set."""
    ours = Clock()
    monkeypatch.setattr(clock, "now", ours.now)
    return ours
