from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from config import clock
from config.errors import Conflict, Missing, TooMany
from labs.models import Invitation, Membership, Organisation, User
from labs.services.checks import require_clean
from labs.services.letters import letter_write
from labs.services.organisations import organisation_to_manage

DAY = dt.timedelta(days=1)
#: A large company invites its people in two days; nobody floods strangers.
MOST_A_DAY = 50
#: Whoever does not answer is not asked again and again.
MOST_TO_ONE_A_DAY = 3


@transaction.atomic(durable=True)
def invitation_send(
    *, actor: User, slug: str, email: str, role: str = Membership.Role.BOOKER
) -> Invitation:
    """Invite somebody by e-mail; an invitation that they have loses its force.

    Raises Missing (404), Forbidden (403), Invalid (400), Conflict (409)
    `member_already`, and TooMany (429) `too_many_invitations`.
    """
    organisation = organisation_to_manage(actor, slug)
    now = clock.now()
    invitation = Invitation(
        organisation=organisation,
        email=email.strip().lower(),
        role=role,
        invited_by=actor,
        expires_at=now + Invitation.VALID_FOR,
    )
    require_clean(invitation, exclude=["organisation", "invited_by", "accepted_by"])
    if organisation.members.filter(email=invitation.email).exists():
        text = _("This person is a member already.")
        raise Conflict(text, code="member_already")
    _require_measure(organisation, invitation.email, now)
    _open(organisation.pk, invitation.email).update(withdrawn_at=now)
    invitation.save()
    link = reverse("invitation", args=[invitation.secret])
    context = {
        "actor": actor.name,
        "organisation": organisation.local_name,
        "link": f"{settings.BASE_URL}{link}",
        "days": Invitation.VALID_FOR.days,
    }
    letter_write(name="invited", to=invitation.email, context=context)
    return invitation


def _require_measure(organisation: Organisation, email: str, now: dt.datetime) -> None:
    """Slow down who sends many mails; the organisation is locked."""
    recent = organisation.invitations.filter(created_at__gt=now - DAY)
    if recent.count() >= MOST_A_DAY:
        text = _("That is enough invitations for one day. Go on tomorrow.")
        raise TooMany(text, code="too_many_invitations")
    if recent.filter(email=email).count() >= MOST_TO_ONE_A_DAY:
        text = _("This person was invited often enough for one day.")
        raise TooMany(text, code="too_many_invitations")


def _open(organisation_id: int, email: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        organisation=organisation_id,
        email=email,
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
    )


@transaction.atomic(durable=True)
def invitation_withdraw(*, actor: User, slug: str, invitation_id: int) -> None:
    """Take an invitation back; raise Missing (404), Forbidden (403)."""
    organisation = organisation_to_manage(actor, slug)
    rows = Invitation.objects.filter(organisation=organisation, pk=invitation_id)
    if not rows.filter(accepted_at__isnull=True).update(withdrawn_at=clock.now()):
        raise Missing


def invitation_of(secret: str) -> Invitation:
    """Return the invitation of a link, whatever became of it; raise Missing (404)."""
    rows = Invitation.objects.select_related("organisation", "invited_by")
    pk = Invitation.pk_of(secret) or 0
    invitation = rows.filter(pk=pk, organisation__is_active=True).first()
    if invitation is None:
        raise Missing(_("This link leads nowhere. Ask for a new invitation."))
    return invitation


@transaction.atomic(durable=True)
def invitation_accept(*, actor: User, secret: str) -> Membership:
    """Become a member, as the person who has the e-mail that was invited.

    The link alone is not enough: a mail is forwarded sooner than one thinks. Raises
    Missing (404), and Conflict (409) `invitation_over`, `invitation_for_another` and
    `member_already`.
    """
    # The organisation first, as whoever ends a membership or an invitation does.
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=invitation_of(secret).organisation_id
    )
    invitation = invitation_of(secret)
    if not invitation.is_open:
        raise Conflict(invitation_fault(invitation), code="invitation_over")
    if organisation.members.filter(pk=actor.pk).exists():
        text = _("You are a member already.")
        raise Conflict(text, code="member_already")
    if actor.email != invitation.email:
        values = {"email": invitation.email}
        text = _("This invitation is for %(email)s. Sign in with that e-mail.")
        raise Conflict(text % values, code="invitation_for_another")
    invitation.accepted_at, invitation.accepted_by = clock.now(), actor
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return Membership.objects.create(
        user=actor, organisation=organisation, role=invitation.role
    )


def invitation_fault(invitation: Invitation) -> str:
    """Say why an invitation has no force; nothing, where it has."""
    if invitation.is_open:
        return ""
    if invitation.accepted_at is not None:
        return _("This invitation was used already; a link works once.")
    if invitation.withdrawn_at is not None:
        return _("This invitation was taken back. Ask for a new one.")
    return _("This invitation has expired. Ask for a new one.")
