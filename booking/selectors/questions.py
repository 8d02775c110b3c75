"""What hosts ask of whoever reserves; the files that were sent as answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import IO

from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL

from booking.models import AnswerFile, Question
from booking.questions import Asked, asked_of
from booking.selectors.reservations import reservation_get
from config.errors import Missing
from labs.models import Resource, User

QUESTIONS = """
SELECT jsonb_agg(jsonb_build_object(
    'key', q.key, 'kind', q.kind, 'name', q.name, 'name_bg', q.name_bg,
    'is_required', q.is_required, 'choices', q.choices
) ORDER BY q.position)
FROM booking_question q WHERE q.resource_id = r.id
"""


def asked(question: Question) -> Asked:
    return Asked(
        key=question.key,
        kind=question.kind,
        name=question.name,
        name_bg=question.name_bg,
        is_required=question.is_required,
        choices=tuple(question.choices),
    )


def questions_of(resource_id: int) -> list[Asked]:
    """Return what is asked of whoever reserves it, in order; one query."""
    return [asked(row) for row in Question.objects.filter(resource=resource_id)]


def with_questions(rows: QuerySet[Resource]) -> QuerySet[Resource]:
    """Let each resource bring what is asked about it, for `questions_in`."""
    sql = QUESTIONS.replace("r.id", '"labs_resource"."id"')
    asked = RawSQL(f"({sql})", [], output_field=JSONField())  # noqa: S611 - ours
    return rows.annotate(asked=asked)


def questions_in(resource: Resource) -> tuple[Asked, ...]:
    """Return what a row of `with_questions` brings, in order; no query."""
    return asked_of(resource.asked)  # type: ignore[attr-defined]


def answer_files_of(sender: User, ids: Iterable[str]) -> dict[str, AnswerFile]:
    """Return the files that this person sent, by their ids; one query."""
    known = [found for each in ids if (found := _uuid(each)) is not None]
    files = AnswerFile.objects.filter(sent_by=sender, pk__in=known)
    return {str(each.pk): each for each in files}


def answer_file_open(
    viewer: User, reference: str, key: str
) -> tuple[str, str, IO[bytes]]:
    """Return the name, kind and content of a file among a reservation's answers.

    Raises Missing (404) to all but those who see the reservation, and for no file.
    """
    for row in reservation_get(viewer, reference).answers:
        if row["key"] == key and row["kind"] == Question.Kind.FILE:
            found = AnswerFile.objects.filter(pk=row["value"]["file"]).first()
            if found is not None:
                kind = str(found.file.name).rsplit(".", 1)[-1]
                return found.name, kind, found.file.open("rb")
    raise Missing


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
