from __future__ import annotations

from typing import Any

import pytest

from labs.models import Letter
from labs.services.letters import MAX_ATTEMPTS, letter_write, letters_send
from tests import factories
from tests.notifications.conftest import inbox, mail_server
from tests.notifications.conftest import time as clock_to_set
from tests.notifications.inbox import Inbox, subject
from tests.notifications.scenes import body, html

__all__ = ["inbox", "mail_server"]
pytestmark = pytest.mark.django_db(transaction=True)
time = clock_to_set
EVIL = "<script>alert(1)</script>\r\nBcc: eve@example.com"


def test_letter__is_sent_once_and_is_gone(inbox: Inbox) -> None:
    ana = factories.person(email="ana@example.com")
    letter = letter_write(name="code_sign_in", to=ana, context={"code": "ABCD-EFGH"})
    assert letters_send() == 1
    (mail,) = inbox.mails
    assert (mail["To"], mail["Message-ID"]) == (ana.email, letter.message_id)
    assert subject(mail) == "ABCD-EFGH is your code to sign in"
    assert mail.get_content_type() == "multipart/alternative"
    assert "    ABCD-EFGH" in body(mail).splitlines()
    assert ">ABCD-EFGH</p>" in html(mail)
    assert not Letter.objects.exists()
    assert letters_send() == 0


def test_letter__speaks_its_readers_language(inbox: Inbox) -> None:
    factories.person(email="ana@example.com", language="bg")
    letter_write(name="unknown", to="ana@example.com")
    letters_send()
    (mail,) = inbox.mails
    assert mail["Content-Language"] == "bg"
    assert "имейл" in body(mail)
    assert '<html lang="bg">' in html(mail)


def test_letter__what_people_wrote__makes_no_header_and_no_line(inbox: Inbox) -> None:
    names = {"actor": EVIL, "organisation": "ш" * 300, "link": "x", "days": 14}
    letter_write(name="invited", to="ana@example.com", context=names)
    letters_send()
    (mail,) = inbox.mails
    assert mail["Bcc"] is None
    assert len(subject(mail)) <= 200
    assert "<script" not in html(mail)
    assert "<script>alert(1)</script> Bcc: eve@example.com invites you" in " ".join(
        body(mail).split()
    )


def test_letters__server_away__wait_and_go_out_later(inbox: Inbox, time: Any) -> None:
    letter_write(name="unknown", to="ana@example.com")
    with inbox.away():
        assert letters_send() == 0
    assert Letter.objects.get().attempts == 0
    time.forward(minutes=2)
    assert letters_send() == 1


def test_letters__refused_for_good__are_given_up(inbox: Inbox) -> None:
    inbox.replies["ana@example.com"] = "550 nobody here"
    letter_write(name="unknown", to="ana@example.com")
    letter_write(name="unknown", to="bob@example.com")
    assert letters_send() == 1
    assert not Letter.objects.exists()


def test_letters__deferred_for_ever__are_given_up(inbox: Inbox, time: Any) -> None:
    inbox.replies["ana@example.com"] = "451 later"
    letter_write(name="unknown", to="ana@example.com")
    for _attempt in range(MAX_ATTEMPTS):
        assert Letter.objects.exists()
        letters_send()
        time.forward(hours=2)
    assert not Letter.objects.exists()


def test_letters__code_that_is_too_old__is_not_sent(inbox: Inbox, time: Any) -> None:
    from labs.web.adapter import CODE_VALID_FOR

    letter_write(name="unknown", to="ana@example.com", useful_for=CODE_VALID_FOR)
    time.forward(minutes=16)
    assert letters_send() == 0
    assert not Letter.objects.exists()
    assert inbox.mails == []
