from __future__ import annotations

import secrets

from django.db import transaction

from config import clock
from config.errors import Missing
from labs.models import Door, User
from labs.services.resources import resource_to_manage

SECRET_BYTES = 32


@transaction.atomic(durable=True)
def door_renew(*, actor: User, slug: str) -> str:
    """Give a resource's door page a new secret, which is not kept, and return it.

    The address it had before ends. Raises Missing (404) and Forbidden (403).
    """
    resource = resource_to_manage(actor, slug)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = {"hash": Door.hash_of(secret), "made_at": clock.now()}
    Door.objects.update_or_create(resource=resource, defaults=now)
    return secret


@transaction.atomic(durable=True)
def door_set(*, actor: User, slug: str, shows_names: bool) -> None:
    """Say whether the door shows names; Missing (404) where there is no door page."""
    resource = resource_to_manage(actor, slug)
    doors = Door.objects.filter(resource=resource)
    if not doors.update(shows_names=shows_names):
        raise Missing


@transaction.atomic(durable=True)
def door_revoke(*, actor: User, slug: str) -> None:
    """End the door page's address, if there is one."""
    Door.objects.filter(resource=resource_to_manage(actor, slug)).delete()
