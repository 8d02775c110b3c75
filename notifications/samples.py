"""How a wording would read: in messages that were planned, else with their names."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django_stubs_ext import WithAnnotations

from notifications.models import Kind, Message
from notifications.selectors import Sides, messages_to_judge
from notifications.texts import Text, message_write, text_of
from notifications.variables import VALUES, asked_of, values_of
from notifications.wording import worded

#: Among the newest of them one is looked for to either side.
NEWEST = 20


def samples(kind: Kind, language: str, subject: str, text: str) -> list[Text]:
    """Return one to the guest's side and one to the other, where there are both.

    What was written is in order, as `wording_check` says; a handful of queries.
    """
    rows = messages_to_judge().filter(kind=kind).order_by("-pk")[:NEWEST]
    by_side: dict[bool, WithAnnotations[Message, Sides]] = {}
    for message in rows:
        by_side.setdefault(message.to_guest, message)
    found = []
    for message in by_side.values():
        message.person.language = language
        message.wording = {"subject": subject, "text": text}
        try:
            found.append(message_write(message, message.due_at))
        except ObjectDoesNotExist:  # what a notice was about is gone
            continue
    return found or [_imagined(kind, language, subject, text)]


def _imagined(kind: Kind, language: str, subject: str, text: str) -> Text:
    with translation.override(language):
        values = {name: f"‹{VALUES[name]}›" for name in values_of(kind)}
        known = {**dict.fromkeys(asked_of(kind), True), **values}
        return text_of(worded(subject, known), worded(text, known), "", {})
