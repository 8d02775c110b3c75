"""Terms of use: written in versions, accepted by whoever reserves."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from booking.models import Terms, TermsAcceptance
from booking.permissions import require
from booking.services import ledger
from booking.services.quotas import can_limit
from config import clock
from config.errors import Invalid
from labs.models import Organisation, Resource, User


def terms_publish(
    *, actor: User, of: Resource | Organisation, text: str, text_bg: str = ""
) -> Terms:
    """Publish the next version; an empty one ends them. What is reserved stays.

    Whoever reserves from now on is asked anew. Raises Forbidden (403), Invalid (400).
    """
    require(can_limit(actor, of))
    with ledger.writing():
        # Two who publish at once take turns.
        type(of)._base_manager.select_for_update(no_key=True).get(pk=of.pk)
        last = of.terms.first()
        said = (last.text, last.text_bg) if last else ("", "")
        if (text, text_bg) == said:
            raise Invalid({"text": [_("That is what holds already.")]})
        made = Terms(
            resource=of if isinstance(of, Resource) else None,
            organisation=of if isinstance(of, Organisation) else None,
            version=last.version + 1 if last else 1,
            text=text,
            text_bg=text_bg,
            published_at=clock.now(),
            published_by=actor,
        )
        try:
            made.full_clean()
        except ValidationError as error:
            raise Invalid(error.message_dict) from error
        made.save()
    return made


def terms_accept(person: User, terms_id: int, at: dt.datetime) -> None:
    """Keep in the caller's transaction that a person accepts; once is enough."""
    row = TermsAcceptance(person=person, terms_id=terms_id, accepted_at=at)
    TermsAcceptance.objects.bulk_create([row], ignore_conflicts=True)
