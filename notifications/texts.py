"""The text of a message, in its reader's language."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.template import Context
from django.utils import translation
from django_stubs_ext import WithAnnotations

from config.mail import Block, Row, call, engine, items, mail_text, one_line, rows, said
from notifications.contexts import context_of
from notifications.links import link_blocks
from notifications.models import Message
from notifications.selectors import Sides
from notifications.wording import Unusable, worded

logger = logging.getLogger(__name__)

SUBJECT_LENGTH = 200
#: Stands between the parts of a template; no value has it, they are one line each.
CUT = "\f"


@dataclass(frozen=True, slots=True)
class Text:
    """`body` is the plain text of the blocks."""

    subject: str
    body: str
    blocks: tuple[Block, ...] = field(default=(), compare=False)


def message_write(message: WithAnnotations[Message, Sides], now: dt.datetime) -> Text:
    """Return the words of a message; `message` comes from `messages_to_judge`."""
    with translation.override(message.person.language):
        context = context_of(message, now)
        subject, lead, verb = kind_words(message.kind, context)
        # Of a kit ours are about the whole of it, which theirs cannot be.
        if message.wording and not context.get("parts"):
            theirs = _theirs(message.kind, message.wording, context)
            subject, lead = theirs or (subject, lead)
        return text_of(subject, lead, verb, context)


def _theirs(
    kind: str, wording: dict[str, str], context: dict[str, Any]
) -> tuple[str, str] | None:
    """Return what hub staff had it say; nothing where that cannot be used.

    It was tried when it was saved, but its names may have gone since.
    """
    try:
        subject, lead = (
            worded(wording[name], context).strip() for name in ("subject", "text")
        )
    except Unusable as error:
        logger.error("The wording of %s cannot be used: %s", kind, error)  # noqa: TRY400 - it says all there is
        return None
    # A name that may be nothing can leave nothing.
    return (subject, lead) if subject and lead else None


def text_of(subject: str, lead: str, verb: str, context: dict[str, Any]) -> Text:
    """Return the words and what stands under them: the details, and what to do."""
    blocks = [
        *(said(part) for part in lead.split("\n\n") if part.strip()),
        *([items(context["parts"])] if context.get("parts") else []),
        *([rows(_pairs(context["details"]))] if context.get("details") else []),
        *([call(verb, context["link"])] if context.get("link") else []),
        *link_blocks(context.get("links", [])),
    ]
    subject = one_line(subject)[:SUBJECT_LENGTH]
    return Text(subject, mail_text(blocks), tuple(blocks))


def kind_words(kind: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, lead and what stands on the button, as our template has them."""
    template = engine().get_template(f"notifications/{kind}.txt")
    text = template.render(Context({**context, "cut": CUT}, autoescape=False))
    subject, lead, verb = text.split(CUT)
    return subject.strip(), lead.strip(), verb.strip()


def _pairs(details: Iterable[Row | str]) -> Iterable[Row]:
    """Return rows; a notice may have lines that need no label."""
    return (("", row) if isinstance(row, str) else row for row in details)
