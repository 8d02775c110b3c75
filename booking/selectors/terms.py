"""Which terms of use hold, what they said before, who accepted them."""

from __future__ import annotations

from booking.models import Terms, TermsAcceptance
from labs.models import Organisation, Resource, User

CURRENT = """
SELECT n.* FROM booking_currentterms k JOIN booking_terms n ON n.id = k.terms_id
WHERE k.resource_id = %s
"""


def terms_for(resource: Resource) -> Terms | None:
    """Return the version that a reservation of it needs; one query."""
    return next(iter(Terms.objects.raw(CURRENT, [resource.pk])), None)


def terms_of(of: Resource | Organisation) -> list[Terms]:
    """Return every version that is its own, the newest first; one query."""
    return list(of.terms.select_related("published_by"))


def acceptance_of(person: User, terms: Terms) -> TermsAcceptance | None:
    return TermsAcceptance.objects.filter(person=person, terms=terms).first()
