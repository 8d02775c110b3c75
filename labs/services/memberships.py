from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from config import clock
from config.errors import Conflict, Invalid, Missing
from labs.models import Departure, Membership, Organisation, User
from labs.selectors.organisations import organisation_list
from labs.services.organisations import organisation_to_manage


@transaction.atomic(durable=True)
def membership_set_role(
    *, actor: User, slug: str, user_id: int, role: str
) -> Membership:
    """Make a member a manager or a booker.

    Raises Missing (404), Forbidden (403), Invalid (400), Conflict `last_manager` (409).
    """
    organisation = organisation_to_manage(actor, slug)
    membership = _member(organisation, user_id)
    if role not in Membership.Role:
        raise Invalid({"role": [_("There is no such role.")]})
    if role != Membership.Role.MANAGER:
        _require_another_manager(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic(durable=True)
def membership_remove(*, actor: User, slug: str, user_id: int) -> Membership:
    """End a membership: a manager's or hub staff's to do, and everybody's their own.

    Whoever left comes back by asking or by a new invitation, not by an old one.
    Raises Missing (404), Forbidden (403), Conflict `last_manager` (409).
    """
    if user_id == actor.pk:
        rows = organisation_list(user=actor).filter(slug=slug)
        organisation = rows.select_for_update(no_key=True).first()
        if organisation is None:
            raise Missing
    else:
        organisation = organisation_to_manage(actor, slug)
    membership = _member(organisation, user_id)
    _require_another_manager(membership)
    membership.delete()
    departure_remember(membership)
    return membership


def departure_remember(ended: Membership) -> None:
    """Shut the ways in that need nobody's word; in the caller's transaction.

    Invitations to this person, and by this person: perhaps to another e-mail of theirs.
    """
    user, organisation = ended.user, ended.organisation
    Departure.objects.get_or_create(user=user, organisation=organisation)
    waiting = organisation.invitations.filter(accepted_at=None, withdrawn_at=None)
    waiting = waiting.filter(Q(email=user.email) | Q(invited_by=user))
    waiting.update(withdrawn_at=clock.now())


def _member(organisation: Organisation, user_id: int) -> Membership:
    rows = organisation.memberships.select_related("user")
    membership = rows.filter(user=user_id).first()
    if membership is None:
        raise Missing(_("This person is no member."))
    return membership


def _require_another_manager(membership: Membership) -> None:
    """Say early what the trigger would at the end; the organisation is locked."""
    if membership.role != Membership.Role.MANAGER:
        return
    others = Membership.objects.filter(
        organisation=membership.organisation_id, role=Membership.Role.MANAGER
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Conflict(
            _("An organisation keeps a manager. Make somebody else one first."),
            code="last_manager",
        )
