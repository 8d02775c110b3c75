from __future__ import annotations

import itertools

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from labs.models import Organisation, QualificationType, Resource

Slugged = Organisation | QualificationType | Resource
#: Leaves room for a number within the 80 characters of the field.
LONGEST_BASE = 70
ATTEMPTS = 5
#: The desk's own pages stand where those of resources do.
TAKEN = ("add", "policy", "several", "working-hours")


def slugged_insert(thing: Slugged) -> None:
    """Save something new under a slug made from its English name.

    `xr-lab`, then `xr-lab-2`, …; the kind, where the name has no Latin letters.
    """
    base = slugify(thing.name)[:LONGEST_BASE].strip("-_") or thing.kind
    for attempt in itertools.count(1):
        thing.slug = _first_free(type(thing), base)
        try:
            with transaction.atomic():
                thing.save(force_insert=True)
        except IntegrityError:
            # Somebody took the slug between the look and the insert: look again.
            if attempt == ATTEMPTS:
                raise
        else:
            return


def _first_free(of: type[Slugged], base: str) -> str:
    rows = of.objects.filter(slug__startswith=base)
    taken = {*rows.values_list("slug", flat=True), *TAKEN}
    numbered = (f"{base}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([base], numbered) if slug not in taken)
