from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Forbidden, Missing
from labs.models import Organisation, User
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import organisation_list
from labs.services.checks import require_clean
from labs.services.slugs import slugged_insert


class Profile(TypedDict, total=False):
    """What an organisation says of itself."""

    name_bg: str
    description: str
    description_bg: str
    website: str


class OrganisationChanges(Profile, total=False):
    """What can be changed of an organisation; the last two by hub staff alone."""

    name: str
    kind: str
    email_domain: str


#: Who joins by it joins unasked, so an organisation cannot give itself a domain.
BY_STAFF = frozenset({"kind", "email_domain"})


@transaction.atomic(durable=True)
def organisation_create(
    *, actor: User, name: str, kind: str, **profile: Unpack[Profile]
) -> Organisation:
    """Create an organisation; Forbidden (403) to all but hub staff, Invalid (400)."""
    if not actor.is_hub_staff:
        raise Forbidden(_("Only hub staff may do so."))
    made = Organisation(name=name, kind=kind, **profile)
    organisation_add(made)
    return made


def organisation_add(organisation: Organisation) -> None:
    """Check and save a new organisation; in the caller's transaction."""
    require_clean(organisation, exclude=["slug"])
    slugged_insert(organisation)


@transaction.atomic(durable=True)
def organisation_update(
    *, actor: User, slug: str, **changes: Unpack[OrganisationChanges]
) -> Organisation:
    """Change what is given and leave the rest.

    Raises Missing (404), Forbidden (403), Invalid (400) with every fault by field, and
    Conflict `domain_taken` (409).
    """
    organisation = organisation_to_manage(actor, slug)
    if changes.keys() & BY_STAFF and not actor.is_hub_staff:
        raise Forbidden(_("Only hub staff may do so."))
    for field, value in changes.items():
        setattr(organisation, field, value)
    require_clean(organisation, exclude=["slug"])
    organisation.save(update_fields=list(changes))
    return organisation


@transaction.atomic(durable=True)
def organisation_set_active(*, actor: User, slug: str, is_active: bool) -> Organisation:
    """Take an organisation into the hub or out of it; its past stays.

    Raises Missing (404), and Forbidden (403) to all but hub staff.
    """
    organisation = organisation_to_manage(actor, slug)
    if not actor.is_hub_staff:
        raise Forbidden(_("Only hub staff may do so."))
    organisation.is_active = is_active
    organisation.save(update_fields=["is_active"])
    return organisation


def organisation_to_manage(actor: User, slug: str) -> Organisation:
    """Return the organisation, locked until the transaction ends.

    Raises Missing (404) where it is not to be seen, Forbidden (403) to who only may.
    """
    rows = organisation_list(user=actor).filter(slug=slug)
    organisation = rows.select_for_update(no_key=True).first()
    if organisation is None:
        raise Missing
    if not can_manage_organisation(actor, organisation.pk):
        raise Forbidden(_("Only this organisation's managers and hub staff may do so."))
    return organisation
