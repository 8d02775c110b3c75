"""How a wording would read: in real messages, else with the names themselves."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django_stubs_ext import WithAnnotations

from booking.models import History
from notifications.models import Kind, Message
from notifications.selectors import Sides, messages_to_judge
from notifications.texts import Text, message_write, text_of
from notifications.variables import asked_of, values_of
from notifications.wording import worded

#: Those who decide are told of these.
TO_DECIDERS = frozenset({Kind.ANSWERED, Kind.ACCEPTED, Kind.PASSED, Kind.ESCALATED})
#: Among the newest of them one is looked for to either side.
NEWEST = 20


def samples(kind: Kind, language: str, subject: str, text: str) -> list[Text]:
    """Return one to the guest's side and one to the other, where there are both.

    What was written is in order, as `wording_check` says; a handful of queries.
    """
    found = []
    for message in _real(kind):
        message.person.language = language
        message.wording = {"subject": subject, "text": text}
        try:
            found.append(message_write(message, message.due_at))
        except ObjectDoesNotExist:  # what a notice was about is gone
            continue
    return found or [_imagined(kind, language, subject, text)]


def _real(kind: Kind) -> list[WithAnnotations[Message, Sides]]:
    by_side: dict[bool, WithAnnotations[Message, Sides]] = {}
    for message in messages_to_judge().filter(kind=kind).order_by("-pk")[:NEWEST]:
        by_side.setdefault(message.to_guest, message)
    return list(by_side.values()) or _made_up(kind)


def _made_up(kind: Kind) -> list[WithAnnotations[Message, Sides]]:
    """Return one about what happened and nobody is told of; none where nothing has."""
    row = History.objects.filter(action=kind).order_by("-pk").first()
    if row is None:
        return []
    made: Any = Message(
        kind=kind,
        person=row.reservation.requested_by,
        reservation=row.reservation,
        history=row,
        due_at=row.at,
    )
    made.to_guest = kind not in TO_DECIDERS
    return [made]


def _imagined(kind: Kind, language: str, subject: str, text: str) -> Text:
    with translation.override(language):
        values = {name: f"‹{name}›" for name in values_of(kind)}
        known = {**dict.fromkeys(asked_of(kind), True), **values}
        return text_of(worded(subject, known), worded(text, known), "", {})
