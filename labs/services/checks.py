from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import models

from config.errors import Invalid


def require_clean(
    instance: models.Model,
    *,
    exclude: Iterable[str] = (),
    faults: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Raise Invalid (400) with all that is wrong: the fields' own faults and `faults`.

    Uniqueness is the database's to say, which knows better than a query before.
    """
    found = {name: list(texts) for name, texts in (faults or {}).items()}
    checks: list[Callable[[], None]] = [
        lambda: instance.clean_fields(exclude=set(exclude)),
        instance.clean,
    ]
    for check in checks:
        try:
            check()
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                found.setdefault(name, []).extend(texts)
    if found:
        raise Invalid(found)
