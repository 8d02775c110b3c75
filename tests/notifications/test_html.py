"""The HTML of every mail: what the text says, safe, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings

from booking.models import Reservation
from config import clock
from config.mail import blocks_of, mail_html, mail_text
from labs.models import Letter
from labs.services.letters import letter_write
from notifications.mails import mail_of
from notifications.models import Kind, Message
from notifications.selectors import messages_to_judge
from notifications.services.about_people import notices_plan
from notifications.texts import message_write
from tests.cast import Cast
from tests.notifications.scenes import TOLD
from tests.notifications.test_about_people import DAY, delegated, granted
from tests.notifications.test_texts import reservation, write

__all__ = ["reservation"]
pytestmark = pytest.mark.django_db(transaction=True)

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>&{{ what }}"
VOID = {"br", "meta"}
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "th"} | {
    *("div", "h1", "p", "br", "a", "ul", "li")
}
LANGUAGES = tuple(dict(settings.LANGUAGES))


class Strict(HTMLParser):
    """Takes a document apart; complains of what is not closed, or not opened."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def hrefs(self) -> Iterator[str]:
        yield from (str(attrs["href"]) for tag, attrs in self.tags if tag == "a")


def plain_and_html(mail: Any) -> tuple[str, str]:
    html, *_calendar = mail.alternatives
    return mail.body, html[0]


def require_safe(document: str, language: str) -> Strict:
    found = Strict(document)
    assert ("html", {"lang": language}) in found.tags
    assert "prefers-color-scheme:dark" in document
    assert {tag for tag, _ in found.tags} <= TAGS
    assert all(url.startswith(settings.BASE_URL) for url in found.hrefs())
    for _tag, attrs in found.tags:
        assert not {name for name in attrs if name.startswith(("on", "src"))}
    assert not re.search(r"url\(|@import|<img|<script", document)
    return found


def words(text: str) -> str:
    return " ".join(text.split())


def require_alike(plain: str, found: Strict) -> None:
    """All that the text says the HTML says too."""
    shown = words(found.text)
    for line in plain.splitlines():
        if line.startswith("http"):
            assert line in set(found.hrefs())
            continue
        label, colon, value = line.partition(": ")
        for part in (label.removeprefix("- "), value) if colon else (line.rstrip(":"),):
            assert words(part).removeprefix("- ") in shown, part


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TOLD)
def test_html__every_kind__says_what_the_text_says_and_escapes_it(
    cast: Cast, reservation: Reservation, kind: Kind, language: str
) -> None:
    for named in (cast.studio, cast.startup, cast.host, cast.studio.site):
        named.name = named.name_bg = EVIL[:110]
        named.save()
    for person in (cast.booker, cast.manager):
        person.name, person.language = EVIL[:110], language
        person.time_zone = "Asia/Tokyo"
        person.save()
    reservation.purpose, reservation.people = EVIL, 3
    reservation.save()
    write(reservation, kind, cast.booker, cast.manager, reason=EVIL)
    message = messages_to_judge().get(cause="the cause")
    text = message_write(message, clock.now())

    plain, document = plain_and_html(mail_of(message, text))

    assert "<script>alert(1)</script>" in plain
    assert "Asia/Tokyo" not in plain
    assert "(UTC+9)" in plain
    found = require_safe(document, language)
    require_alike(plain, found)
    assert words(text.subject) in words(found.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html__notices__say_what_the_text_says(cast: Cast, language: str) -> None:
    for person in (cast.booker, cast.staff):
        person.language = language
        person.save()
    cast.manager.name = cast.host.name = cast.host.name_bg = EVIL[:110]
    cast.manager.save()
    cast.host.save()
    delegated(cast)
    granted(cast, days=20)
    Message.objects.all().delete()
    cast.booker.qualifications.update(granted_at=clock.now() - 60 * DAY)
    notices_plan()
    messages = messages_to_judge()
    assert {message.kind for message in messages} == {"deputising", "qualification"}
    for message in messages:
        mail = mail_of(message, message_write(message, clock.now()))
        plain, document = plain_and_html(mail)
        require_alike(plain, require_safe(document, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    [
        "changed",
        "code_email",
        "code_password",
        "code_sign_in",
        "here_already",
        "invited",
        "join_approved",
        "join_asked",
        "join_declined",
        "unknown",
    ],
)
def test_html__letters__say_what_the_text_says(
    cast: Cast, name: str, language: str
) -> None:
    cast.booker.language = language
    cast.booker.save()
    about = ("actor", "organisation", "name", "address", "reason", "answer", "change")
    context: dict[str, Any] = dict.fromkeys(about, EVIL)
    context |= {"code": "ABCD-EFGH", "days": 14, "to_email": "", "ip": "::1"}
    context |= {"link": f"{settings.BASE_URL}/join/", "user_agent": EVIL}
    letter_write(name=name, to=cast.booker, context=context)
    letter = Letter.objects.get()

    document = mail_html(
        subject=letter.subject,
        language=letter.language,
        blocks=blocks_of(letter.body),
    )

    require_alike(letter.body, require_safe(document, language))


def test_blocks_of__a_text__comes_back_as_it_was() -> None:
    text = "One\nTwo\n\n    ABCD\n\nDo it:\nhttp://x.example/y\n\nhttp://x.example\n"
    blocks = blocks_of(text)
    assert [block.kind for block in blocks] == ["said", "code", "call", "call"]
    assert mail_text(blocks) == text
