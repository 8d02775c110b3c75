"""What hosts want of whoever reserves, looked up for a form."""

from __future__ import annotations

from booking.selectors.questions import questions_of
from booking.selectors.terms import terms_asked_of
from booking.web.forms.asking import Asking
from labs.models import Resource, User


def asking_of(actor: User, resource: Resource, mark: str = "") -> Asking:
    """Return what this person is asked for, to reserve it; two queries."""
    terms, accepted_at = terms_asked_of(actor, resource)
    return Asking(terms, accepted_at, questions_of(resource.pk), mark)
