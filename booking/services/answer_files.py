"""Files that answer a question: sent first, kept once a reservation says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import IO, Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from booking.models import AnswerFile
from booking.selectors.questions import answer_files_of
from config import clock
from config.errors import Invalid
from labs.models import User
from labs.services.proofs import proof_checked, proof_stored

FOLDER = "answers"
#: What was sent and is in no reservation after so long is deleted.
PATIENCE = dt.timedelta(days=1)
#: Files of one person that are in no reservation yet.
MOST_LOOSE = 20


def answer_file_add(
    *, actor: User, file: IO[bytes], size: int, name: str
) -> AnswerFile:
    """Take in a file, to be named in an answer within a day.

    Raises Invalid (400): `not_a_proof`, `proof_too_large`, `too_many_files`.
    """
    if AnswerFile.objects.filter(sent_by=actor, is_kept=False).count() >= MOST_LOOSE:
        text = _("You have sent many files already. Reserve first, or come tomorrow.")
        raise Invalid({"file": [text]}, code="too_many_files")
    try:
        # Between transactions: half a second of work must not hold a lock.
        kept = proof_checked(file, size)
    except Invalid as error:
        texts = error.extra["fields"]["proof"]
        raise Invalid({"file": texts}, code=error.code) from error
    made = AnswerFile(name=_called(name, kept[1]), sent_by=actor, sent_at=clock.now())
    with proof_stored(kept, FOLDER) as stored:
        made.file.name = stored
        made.save(force_insert=True)
    return made


def _called(name: str, kind: str) -> str:
    """Return what the sender calls it, with the ending of what is kept."""
    stem = "".join(c for c in PurePath(name.replace("\\", "/")).stem if c.isprintable())
    return f"{stem.strip()[:100] or 'file'}.{kind}"


def with_files(actor: User, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with the names of the files that are there; one query at most.

    One that is not this person's, or gone, stays without: the rules then refuse it.
    """
    ids = [str(each["file"]) for each in answers.values() if isinstance(each, dict)]
    if not ids:
        return dict(answers)
    there = answer_files_of(actor, ids)
    named = dict(answers)
    for key, value in answers.items():
        if isinstance(value, dict) and (found := there.get(str(value["file"]))):
            named[key] = {"file": str(found.pk), "name": found.name}
    return named


def answer_files_keep(answers: Iterable[Mapping[str, Any]]) -> None:
    """Keep the files among the answers, in the caller's transaction; else nothing."""
    ids = [row["value"]["file"] for row in answers if row["kind"] == "file"]
    if not ids:
        return
    kept = AnswerFile.objects.filter(pk__in=ids).update(is_kept=True)
    if kept < len(set(ids)):
        text = _("Send the file first; it is not here, or not any more.")
        raise Invalid({"answers": [text]})


def answer_files_sweep() -> int:
    """Delete what nobody used; returns how many that were."""
    before = clock.now() - PATIENCE
    swept = 0
    for loose in AnswerFile.objects.filter(is_kept=False, sent_at__lt=before):
        gone, _rows = AnswerFile.objects.filter(pk=loose.pk, is_kept=False).delete()
        if gone:
            default_storage.delete(str(loose.file.name))
            swept += 1
    return swept
