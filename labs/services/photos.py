from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from labs.models import Resource, User
from labs.services.images import photo_encode
from labs.services.resources import resource_to_manage

FOLDER = "resources"


def resource_set_photo(
    *, actor: User, slug: str, file: IO[bytes], size: int
) -> Resource:
    """Give the resource a photo, made anew from `file` of `size` bytes.

    Raises Missing (404), Forbidden (403) and, once that is clear, Invalid (400).
    """
    with transaction.atomic(durable=True):
        resource_to_manage(actor, slug)  # who may not is not worth the decoding
    # Between transactions: half a second of work must not hold a lock.
    picture = photo_encode(file, size)
    with _stored(picture) as name, transaction.atomic(durable=True):
        return _replace(resource_to_manage(actor, slug), name)


@transaction.atomic(durable=True)
def resource_remove_photo(*, actor: User, slug: str) -> Resource:
    """Take the photo away, if there is one."""
    return _replace(resource_to_manage(actor, slug), "")


@contextmanager
def _stored(picture: bytes) -> Iterator[str]:
    """Keep the picture under a name that nobody can guess, unless the block fails."""
    wanted = f"{FOLDER}/{secrets.token_hex(16)}.webp"
    name = default_storage.save(wanted, ContentFile(picture))
    try:
        yield name
    except BaseException:
        default_storage.delete(name)
        raise


def _replace(resource: Resource, name: str) -> Resource:
    if old := resource.photo.name:
        # Robust: the change stands even where the old file cannot be removed.
        transaction.on_commit(partial(default_storage.delete, old), robust=True)
    resource.photo = name
    resource.save(update_fields=["photo"])
    return resource
