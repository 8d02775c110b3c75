"""Which terms of use hold, what they said before, who accepted them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from booking.models import Terms
from labs.models import Organisation, Resource, User

CURRENT = """
SELECT n.* FROM booking_currentterms k JOIN booking_terms n ON n.id = k.terms_id
WHERE k.resource_id = %s
"""
ASKED = """
SELECT n.*, a.accepted_at, k.resource_id AS asked_by
FROM booking_currentterms k
JOIN booking_terms n ON n.id = k.terms_id
LEFT JOIN booking_termsacceptance a ON a.terms_id = n.id AND a.person_id = %s
WHERE k.resource_id = ANY(%s)
"""


def terms_for(resource: Resource) -> Terms | None:
    """Return the version that a reservation of it needs; one query."""
    return next(iter(Terms.objects.raw(CURRENT, [resource.pk])), None)


def terms_of(of: Resource | Organisation) -> list[Terms]:
    """Return every version that is its own, the newest first; one query."""
    return list(of.terms.select_related("published_by"))


def terms_asked_of(
    person: User, resource: Resource
) -> tuple[Terms | None, dt.datetime | None]:
    """Return the version that it needs, and when they accepted that; one query."""
    return terms_asked_of_each(person, [resource]).get(resource.pk, (None, None))


def terms_asked_of_each(
    person: User, resources: Sequence[Resource]
) -> dict[int, tuple[Terms, dt.datetime | None]]:
    """Return the version that each needs, where it does; one query."""
    by_id = {each.pk: each for each in resources}
    found = {}
    for terms in Terms.objects.raw(ASKED, [person.pk, list(by_id)]):
        resource = by_id[vars(terms)["asked_by"]]
        # The page names the owner, who is known.
        if terms.resource_id == resource.pk:
            terms.resource = resource
        elif terms.organisation_id == resource.organisation_id:
            terms.organisation = resource.organisation
        found[resource.pk] = (terms, vars(terms)["accepted_at"])
    return found
