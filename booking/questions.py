"""What a host asks of whoever reserves, and whether an answer fits; pure.

A given answer is a text, a number, True or False; that of a file is {"file": its id},
with its "name" once it is known to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import numbers
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from booking.words import locale

LONGEST_TEXT = 1000
LARGEST_NUMBER = 10**9


def local(names: Mapping[str, Any]) -> str:
    """Return `name`, or `name_bg` where that is the language and it is there."""
    return str((get_language() == "bg" and names.get("name_bg")) or names["name"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands; `choices` are the names of what can be chosen."""

    key: str
    kind: str
    name: str
    name_bg: str = ""
    is_required: bool = False
    choices: tuple[Mapping[str, str], ...] = ()

    @property
    def local_name(self) -> str:
        return local({"name": self.name, "name_bg": self.name_bg})

    def fault(self, value: Any) -> str | None:
        """Return what is wrong with an answer, None where it fits."""
        return FAULTS[self.kind](self, value)

    def kept(self, value: Any) -> dict[str, Any]:
        """Return what a reservation keeps: the answer, with the words of both."""
        row = {
            "key": self.key,
            "kind": self.kind,
            "name": self.name,
            "name_bg": self.name_bg,
            "value": value.strip() if isinstance(value, str) else value,
        }
        for choice in self.choices:
            if choice["name"] == value:
                row["value_bg"] = choice["name_bg"]
        return row


def asked_of(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Asked, ...]:
    """Return what the query says of each."""
    return tuple(
        Asked(**{**row, "choices": tuple(row["choices"])}) for row in rows or ()
    )


def is_given(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def unanswered(questions: Iterable[Asked], given: Mapping[str, Any]) -> list[Asked]:
    """Return what must be answered and is not."""
    return [
        each
        for each in questions
        if each.is_required and not is_given(given.get(each.key))
    ]


def wrongly(questions: Sequence[Asked], given: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with each answer that does not fit, by its key."""
    by_key = {each.key: each for each in questions}
    wrong = {}
    for key, value in given.items():
        asked = by_key.get(key)
        if asked is None:
            wrong[key] = _("“%(key)s” is not asked here.") % {"key": key}
        elif is_given(value) and (fault := asked.fault(value)):
            wrong[key] = f"{asked.local_name}: {fault}"
    return wrong


def kept(
    questions: Iterable[Asked], given: Mapping[str, Any]
) -> tuple[dict[str, Any], ...]:
    """Return the answers in the order of the questions, as a reservation keeps them."""
    return tuple(
        each.kept(given[each.key])
        for each in questions
        if is_given(given.get(each.key))
    )


def answer_text(row: Mapping[str, Any]) -> str:
    """Return an answer as a reservation keeps it, in the language of who reads it."""
    value = row["value"]
    if row["kind"] == "yes_no":
        return _("Yes") if value else _("No")
    if row["kind"] == "number":
        return str(numbers.format_decimal(value, locale=locale()))
    if row["kind"] == "file":
        return str(value["name"])
    return local({"name": value, "name_bg": row.get("value_bg", "")})


def _text_fault(asked: Asked, value: Any) -> str | None:
    if not isinstance(value, str):
        return _("Write a text.")
    if len(value) > LONGEST_TEXT:
        return _("Write at most %(n)d characters.") % {"n": LONGEST_TEXT}
    return None


def _choice_fault(asked: Asked, value: Any) -> str | None:
    if any(choice["name"] == value for choice in asked.choices):
        return None
    names = ", ".join(local(choice) for choice in asked.choices)
    return _("Choose one of: %(names)s.") % {"names": names}


def _number_fault(asked: Asked, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _("Write a number.")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return _("Write a number of at most nine digits.")
    return None


def _yes_no_fault(asked: Asked, value: Any) -> str | None:
    return None if isinstance(value, bool) else _("Answer yes or no.")


def _file_fault(asked: Asked, value: Any) -> str | None:
    if isinstance(value, dict) and "name" in value:
        return None
    return _("Send the file first; it is not here, or not any more.")


FAULTS: dict[str, Callable[[Asked, Any], str | None]] = {
    "text": _text_fault,
    "choice": _choice_fault,
    "number": _number_fault,
    "yes_no": _yes_no_fault,
    "file": _file_fault,
}


def _unanswered_text(lacking: Sequence[Asked]) -> str:
    each = _("“%(name)s”")
    names = ", ".join(each % {"name": asked.local_name} for asked in lacking)
    return _("Answer what its host asks: %(names)s.") % {"names": names}


def unanswered_text(lacking: Sequence[Asked]) -> StrOrPromise:
    """Return which ones, in the language of who reads it."""
    text: StrOrPromise = lazy(_unanswered_text, str)(lacking)
    return text


def wrong_text(wrong: Mapping[str, str]) -> str:
    return " ".join(wrong.values())
