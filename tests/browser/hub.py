"""The example hub in a database of its own, as loaded however often it was written to.

It is loaded once into a database that nobody works in; what is served is a copy, and
PostgreSQL makes a new one in less than a tenth of a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from booking.demo.load import hub_load
from booking.demo.logins import demo_people
from labs.models import User
from tests.browser import moment
from tests.serving import collect_static, serve

NOBODY = "nobody"


@dataclass
class Hub:
    """`sessions` are the cookies of the four, who are signed in when it is loaded."""

    template: str
    database: str
    sessions: dict[str, str]

    def client(self, who: str = NOBODY) -> Client:
        """That part at the pages, without a browser; for use while it is entered."""
        client = Client()
        if who != NOBODY:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def renew(self) -> None:
        """Make the served database as it was when it was loaded."""
        connection.close()
        _create(self.database, self.template)

    @contextmanager
    def served(self, log: Path) -> Iterator[str]:
        """Serve it as in production; yields the address.

        Without a pool: a connection kept would not outlive a renewal.
        """
        collect_static()
        with serve(
            log, "tests.browser.wsgi", database=self.database, DATABASE_POOL="0"
        ) as address:
            yield address

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Within the block the ORM works in the served database, on its clock."""
        with _connected_to(self.database), _standing_clock():
            yield


@contextmanager
def example_hub() -> Iterator[Hub]:
    """Load the hub into a database of its own; drop it at the end."""
    beside = f"test_{connection.settings_dict['NAME']}".replace("test_test_", "test_")
    template, served = f"{beside}_hub", f"{beside}_served"
    _create(template)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)  # an earlier run's pictures
    try:
        with _connected_to(template), _standing_clock():
            call_command("migrate", verbosity=0)
            hub_load(lambda line: None)
            sessions = {part: session_of(who) for part, who in demo_people().items()}
        hub = Hub(template, served, sessions)
        hub.renew()
        yield hub
    finally:
        for name in (served, template):
            _drop(name)


def session_of(user: User) -> str:
    """Sign that person in; return the cookie's value."""
    # What a sign-in notes of an e-mail that the hub wrote down; some pages ask for it.
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    client = Client()
    client.force_login(user)
    UserSession.objects.create(
        user=user,
        session_key=client.session.session_key,
        ip="192.0.2.7",
        user_agent="Mozilla/5.0 (X11; Linux x86_64) Chromium/150.0",
    )
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


@contextmanager
def _connected_to(database: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def _standing_clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", moment.now)
        yield


def _create(name: str, template: str = "template1") -> None:
    _drop(name)
    quote = connection.ops.quote_name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(template)}")


def _drop(name: str) -> None:
    quoted = connection.ops.quote_name(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
