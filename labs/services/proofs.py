"""A proof that somebody sent: a PDF as it is, or a picture that we made ourselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from config.errors import Invalid
from labs.services.images import MOST_BYTES, photo_encode

#: Apart from the photos, which everybody may see.
FOLDER = "proofs"
PDF = b"%PDF-"
TYPES = {"pdf": "application/pdf", "webp": "image/webp"}


def proof_checked(file: IO[bytes], size: int) -> tuple[bytes, str]:
    """Return what is kept of a proof, and its kind, by what is in it.

    Raises Invalid (400): `proof_too_large`, `not_a_proof`.
    """
    if size > MOST_BYTES:
        text = _("A file has at most %(limit)s MB.") % {
            "limit": MOST_BYTES // 1_000_000
        }
        raise Invalid({"proof": [text]}, code="proof_too_large")
    start = file.read(len(PDF))
    file.seek(0)
    if start == PDF:
        return file.read(), "pdf"
    try:
        return photo_encode(file, size)[0], "webp"
    except Invalid as error:
        text = _("This is no PDF and no JPEG, PNG or WebP picture, or it is damaged.")
        raise Invalid({"proof": [text]}, code="not_a_proof") from error


@contextmanager
def proof_stored(kept: tuple[bytes, str] | None, folder: str = FOLDER) -> Iterator[str]:
    """Keep it under a name that nobody can guess, unless the block fails."""
    if kept is None:
        yield ""
        return
    content, kind = kept
    wanted = f"{folder}/{secrets.token_hex(16)}.{kind}"
    name = default_storage.save(wanted, ContentFile(content))
    try:
        yield name
    except BaseException:
        default_storage.delete(name)
        raise
