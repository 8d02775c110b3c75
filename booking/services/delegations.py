"""Name a deputy for a time, and end that."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.models import Delegation
from booking.permissions import require
from config import clock
from config.errors import Invalid, Missing
from labs.models import Organisation, User

#: Nobody is away for longer.
LONGEST = dt.timedelta(days=366)


def delegation_make(
    *,
    actor: User,
    organisation_slug: str,
    deputy_email: str,
    starts_on: dt.date,
    ends_on: dt.date,
) -> Delegation:
    """Let a deputy decide for the actor on those days, both included.

    For an organisation that the actor manages; without one as hub staff. The deputy of
    a manager is a member of that organisation or hub staff. Raises Missing, Forbidden,
    Invalid with the fields.
    """
    organisation = _organisation(actor, organisation_slug)
    deputy = _deputy(organisation, deputy_email)
    faults = _faults(actor, deputy, starts_on, ends_on)
    if deputy is None or faults:
        raise Invalid(faults)
    return Delegation.objects.create(
        person=actor,
        organisation=organisation,
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _organisation(actor: User, slug: str) -> Organisation | None:
    if not slug:
        require(actor.is_hub_staff)
        return None
    organisation = Organisation.objects.filter(slug=slug, is_active=True).first()
    if organisation is None:
        raise Missing
    require(organisation.pk in actor.managed_ids)
    return organisation


def _deputy(organisation: Organisation | None, email: str) -> User | None:
    found = User.objects.filter(is_active=True, email=email.strip().lower()).first()
    if found is None or organisation is None or found.is_hub_staff:
        return found
    return found if organisation.pk in found.roles else None


def _faults(
    actor: User, deputy: User | None, starts_on: dt.date, ends_on: dt.date
) -> dict[str, list[StrOrPromise]]:
    faults: dict[str, list[StrOrPromise]] = {}
    if deputy is None:
        faults["deputy"] = [_("Nobody of your side signs in with this e-mail.")]
    elif deputy.pk == actor.pk:
        faults["deputy"] = [_("Name somebody else.")]
    if ends_on < starts_on:
        faults["ends_on"] = [_("The last day comes before the first.")]
    elif ends_on < clock.today():
        faults["ends_on"] = [_("That is over already.")]
    elif ends_on - starts_on >= LONGEST:
        faults["ends_on"] = [_("At most a year at once.")]
    return faults


def delegation_end(*, actor: User, delegation_id: int) -> None:
    """End it, or call it off; what the deputy decided stands. Raises Missing."""
    found = Delegation.objects.filter(pk=delegation_id)
    if not actor.is_hub_staff:
        found = found.filter(person=actor)
    if not found.delete()[0]:
        raise Missing
