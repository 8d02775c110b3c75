"""What hosts want of whoever reserves, looked up for a form."""

from __future__ import annotations

from collections.abc import Sequence

from booking.selectors.questions import questions_in
from booking.selectors.terms import terms_asked_of_each
from booking.web.forms.asking import Asking
from labs.models import Resource, User


def asking_of(actor: User, resource: Resource) -> Asking:
    """Return what this person is asked for, to reserve a row of `with_questions`."""
    asking = askings_of(actor, [resource])[resource.slug]
    asking.mark = ""
    return asking


def askings_of(actor: User, resources: Sequence[Resource]) -> dict[str, Asking]:
    """Return what this person is asked for, by each one's slug; one query."""
    terms = terms_asked_of_each(actor, resources)
    found = {}
    for each in resources:
        version, accepted_at = terms.get(each.pk, (None, None))
        mark = f"-{each.slug}"
        found[each.slug] = Asking(version, accepted_at, questions_in(each), mark)
    return found
