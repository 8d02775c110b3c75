"""Mails about accounts and memberships: written with what they tell, sent after it."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.utils import translation

from config import clock
from config.mail import blocks_of, engine, mail, one_line
from config.post import Deferred, Post, Refused, Unreachable
from labs.models import Letter, User
from labs.signals import letter_written

logger = logging.getLogger(__name__)

SUBJECT_LENGTH = 200
#: A sender that died gives way to another after that.
LEASE = dt.timedelta(minutes=2)
#: Until the next attempt, after the first, second, third and every later one.
BACKOFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
MAX_ATTEMPTS = 8


def letter_write(
    *,
    name: str,
    to: User | str,
    context: dict[str, Any] | None = None,
    useful_for: dt.timedelta | None = None,
) -> Letter:
    """Write a letter from `labs/letters/<name>.txt`, to be sent after the commit.

    In the language of the person who has the address; in the one that is spoken now,
    where nobody has it. Not sent any more when it is not out within `useful_for`.
    """
    email = to if isinstance(to, str) else to.email
    person = User.objects.filter(email=email).first() if isinstance(to, str) else to
    language = person.language if person else _spoken()
    subject, body = _rendered(name, language, {"email": email, **(context or {})})
    now = clock.now()
    letter = Letter.objects.create(
        to=email,
        language=language,
        subject=subject,
        body=body,
        created_at=now,
        due_at=now,
        useful_until=now + useful_for if useful_for else None,
    )
    letter_written.send(Letter, letter=letter)
    return letter


def _spoken() -> str:
    language = (translation.get_language() or settings.LANGUAGE_CODE)[:2]
    return language if language in dict(settings.LANGUAGES) else "en"


def _rendered(name: str, language: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return subject and body; the template's first line is the subject."""
    with translation.override(language):
        told = {
            key: value if isinstance(value, bool) else one_line(value)
            for key, value in context.items()
        }
        told["base_url"] = settings.BASE_URL
        template = engine().get_template(f"labs/letters/{name}.txt")
        text = template.render(Context(told, autoescape=False))
    subject, _newline, body = text.strip().partition("\n")
    return one_line(subject)[:SUBJECT_LENGTH], body.strip() + "\n"


def letters_send(*, seconds: float = 25) -> int:
    """Send what is due until nothing is, or `seconds` are over; return how many.

    Any number may run at once. A letter is deleted when the server has it, so a crash
    in between sends it twice, under one Message-ID. A server that is away ends the run.
    """
    until, sent = time.monotonic() + seconds, 0
    with Post() as post:
        while time.monotonic() < until and (letter := _claim()):
            try:
                sent += _send(post, letter)
            except Unreachable as error:
                _later(letter, str(error), attempts=letter.attempts - 1)
                break
    return sent


def _claim() -> Letter | None:
    now = clock.now()
    with transaction.atomic():
        due = Letter.objects.filter(due_at__lte=now).order_by("due_at", "pk")
        letter = due.select_for_update(skip_locked=True).first()
        if letter is not None:
            letter.due_at, letter.attempts = now + LEASE, letter.attempts + 1
            letter.save(update_fields=["due_at", "attempts"])
    return letter


def _send(post: Post, letter: Letter) -> bool:
    if letter.useful_until is not None and letter.useful_until < clock.now():
        logger.warning("Letter %s came too late to be of use", letter.pk)
        letter.delete()
        return False
    try:
        post.send(_mail(letter))
    except Deferred as error:
        _later(letter, str(error), attempts=letter.attempts)
    except Refused as error:
        logger.error("Letter %s cannot be delivered: %s", letter.pk, error)  # noqa: TRY400 - the server's answer, no fault of ours
        letter.delete()
    else:
        letter.delete()
        return True
    return False


def _later(letter: Letter, error: str, *, attempts: int) -> None:
    """Try again later, or give up after so many attempts."""
    logger.warning("Letter %s waits: %s", letter.pk, error)
    if attempts >= MAX_ATTEMPTS:
        letter.delete()
        return
    wait = BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]
    Letter.objects.filter(pk=letter.pk).update(
        due_at=clock.now() + wait, attempts=attempts
    )


def _mail(letter: Letter) -> EmailMultiAlternatives:
    return mail(
        to=letter.to,
        subject=letter.subject,
        language=letter.language,
        blocks=blocks_of(letter.body),
        headers={"Message-ID": letter.message_id},
        body=letter.body,
    )
