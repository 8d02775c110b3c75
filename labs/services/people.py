from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import transaction

from labs.models import User
from labs.services.checks import require_clean


class PersonChanges(TypedDict, total=False):
    """What people may change of themselves."""

    name: str
    language: str
    time_zone: str


@transaction.atomic(durable=True)
def person_update(*, actor: User, **changes: Unpack[PersonChanges]) -> User:
    """Change what is given of oneself; raise Invalid (400) with the faults by field."""
    for field, value in changes.items():
        setattr(actor, field, value)
    others = {field.name for field in User._meta.fields} - changes.keys()
    require_clean(actor, exclude=others)
    actor.save(update_fields=list(changes))
    return actor
