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
#: What the name of the small one ends with, before its `.webp`.
SMALL = "-small"


def small_name(name: str) -> str:
    """Return what the small one of a photo is called."""
    return f"{name.removesuffix('.webp')}{SMALL}.webp"


def small_url(resource: Resource) -> str:
    """Return where the small one of its photo is; empty where it has none."""
    if not resource.photo.name:
        return ""
    url: str = default_storage.url(small_name(resource.photo.name))
    return url


def resource_set_photo(
    *, actor: User, slug: str, file: IO[bytes], size: int
) -> Resource:
    """Give the resource a photo, made anew from `file` of `size` bytes.

    Raises Missing (404), Forbidden (403) and, once that is clear, Invalid (400).
    """
    with transaction.atomic(durable=True):
        resource_to_manage(actor, slug)  # who may not is not worth the decoding
    # Between transactions: half a second of work must not hold a lock.
    pictures = photo_encode(file, size)
    with _stored(*pictures) as name, transaction.atomic(durable=True):
        return _replace(resource_to_manage(actor, slug), name)


@transaction.atomic(durable=True)
def resource_remove_photo(*, actor: User, slug: str) -> Resource:
    """Take the photo away, if there is one."""
    return _replace(resource_to_manage(actor, slug), "")


@contextmanager
def _stored(picture: bytes, small: bytes) -> Iterator[str]:
    """Keep both under a name that nobody can guess, unless the block fails."""
    wanted = f"{FOLDER}/{secrets.token_hex(16)}.webp"
    name = default_storage.save(wanted, ContentFile(picture))
    try:
        default_storage.save(small_name(name), ContentFile(small))
        yield name
    except BaseException:
        _delete(name)
        raise


def _delete(name: str) -> None:
    for each in (name, small_name(name)):
        default_storage.delete(each)


def _replace(resource: Resource, name: str) -> Resource:
    if old := resource.photo.name:
        # Robust: the change stands even where the old files cannot be removed.
        transaction.on_commit(partial(_delete, old), robust=True)
    resource.photo = name
    resource.save(update_fields=["photo"])
    return resource
