"""What a host asks of whoever reserves: the list as a whole, by its managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.text import slugify
from django.utils.translation import gettext as _

from booking.models import Question
from booking.models.questions import MOST_QUESTIONS
from booking.permissions import require
from booking.questions import Asked
from booking.services import ledger
from config.errors import Invalid
from labs.models import Resource, User
from labs.permissions import can_manage_resource
from labs.services.checks import require_clean

LONGEST_KEY = 40


def questions_set(
    *, actor: User, resource: Resource, questions: Sequence[Asked]
) -> list[Asked]:
    """Ask these, in this order, from now on; returns them, each with its key.

    One without a key gets one of its words. What was answered stays as it was asked.
    Raises Forbidden (403), Invalid (400).
    """
    require(can_manage_resource(actor, resource))
    if len(questions) > MOST_QUESTIONS:
        text = _("Ask at most %(n)d questions.") % {"n": MOST_QUESTIONS}
        raise Invalid({"questions": [text]})
    keyed = _with_keys(questions)
    rows = [_row(resource, each, n) for n, each in enumerate(keyed, 1)]
    for row in rows:
        require_clean(row, exclude=["resource"])
    with ledger.writing():
        # Two who change them at once take turns.
        Resource._base_manager.select_for_update(no_key=True).get(pk=resource.pk)
        Question.objects.filter(resource=resource).delete()
        Question.objects.bulk_create(rows)
    return keyed


def _row(resource: Resource, asked: Asked, position: int) -> Question:
    row = Question(
        resource=resource,
        position=position,
        key=asked.key,
        kind=asked.kind,
        name=asked.name,
        name_bg=asked.name_bg,
        is_required=asked.is_required,
        choices=[dict(each) for each in asked.choices],
    )
    if bool(row.choices) != (row.kind == Question.Kind.CHOICE):
        text = _("Say what can be chosen, where one of a list is asked for.")
        raise Invalid({"choices": [text]})
    return row


def _with_keys(questions: Sequence[Asked]) -> list[Asked]:
    given = [each.key for each in questions if each.key]
    if len(set(given)) < len(given):
        raise Invalid({"questions": [_("Each needs a key of its own.")]})
    used = set(given)
    keyed = []
    for each in questions:
        if not each.key:
            each = replace(each, key=_free_key(each.name, used))  # noqa: PLW2901
            used.add(each.key)
        keyed.append(each)
    return keyed


def _free_key(name: str, used: set[str]) -> str:
    stem = slugify(name)[: LONGEST_KEY - 3].strip("-") or "question"
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 100))
    return next(key for key in numbered if key not in used)
