"""How a wording would read: in real messages, else with the names themselves."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation
from django_stubs_ext import WithAnnotations

from booking.models import History
from labs.models import User
from notifications.models import Kind, Message
from notifications.selectors import Sides, messages_to_judge
from notifications.texts import Text, message_write, text_of
from notifications.variables import NAMES, asked_of, values_of
from notifications.wording import worded

#: Those who decide are told of these.
TO_DECIDERS = frozenset({Kind.ANSWERED, Kind.ACCEPTED, Kind.PASSED, Kind.ESCALATED})
#: Among the newest of them one is looked for to either side.
NEWEST = 20


def samples(
    kind: Kind, language: str, words: Mapping[str, Any], reader: User
) -> list[Text]:
    """Return one to the guest's side and one to the other, where there are both.

    `words` are in order, as `wording_check` says; `reader` stands for the other side
    where nobody was told yet. A handful of queries.
    """
    found = []
    for message in _real(kind) or _made_up(kind, reader):
        # A link in it must not work: whoever reads the sample is not its person.
        message.pk = None
        message.person.language = language
        message.wording = {name: words[name] for name in ("subject", "text")}
        try:
            found.append(message_write(message, message.due_at))
        except ObjectDoesNotExist:  # what a notice was about is gone
            continue
    return found or [_imagined(kind, language, words)]


def _real(kind: Kind) -> list[WithAnnotations[Message, Sides]]:
    by_side: dict[bool, WithAnnotations[Message, Sides]] = {}
    for message in messages_to_judge().filter(kind=kind).order_by("-pk")[:NEWEST]:
        by_side.setdefault(message.to_guest, message)
    return list(by_side.values())


def _made_up(kind: Kind, reader: User) -> list[WithAnnotations[Message, Sides]]:
    """Return such about what happened, and nobody was told; none where nothing has."""
    rows = History.objects.filter(action=kind).select_related(
        "actor",
        "reservation__requested_by",
        "reservation__organisation",
        "reservation__resource__organisation",
        "reservation__resource__site",
    )
    row = rows.order_by("-pk").first()
    if row is None:
        return []
    guest: list[tuple[User, bool]] = [(row.reservation.requested_by, True)]
    host = [(copy(reader), False)]
    has_both = not {"to_guest", "is_mine"}.isdisjoint(NAMES[kind])
    sides = host if kind in TO_DECIDERS else [*guest, *(host if has_both else [])]
    return [_message(row, person, to_guest=to_guest) for person, to_guest in sides]


def _message(
    row: History, person: User, *, to_guest: bool
) -> WithAnnotations[Message, Sides]:
    made: Any = Message(
        kind=Kind(row.action),
        person=person,
        reservation=row.reservation,
        history=row,
        due_at=row.at,
    )
    made.to_guest = to_guest
    return cast("WithAnnotations[Message, Sides]", made)


def _imagined(kind: Kind, language: str, words: Mapping[str, Any]) -> Text:
    with translation.override(language):
        values = {name: f"‹{name}›" for name in values_of(kind)}
        known = {**dict.fromkeys(asked_of(kind), True), **values}
        return text_of(
            worded(words["subject"], known), worded(words["text"], known), "", {}
        )
