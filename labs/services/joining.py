"""How people come to an organisation by asking: their requests, and the answers."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from config import clock
from config.errors import Conflict, Invalid, Missing, TooMany
from labs.models import Departure, JoinRequest, Membership, Organisation, User
from labs.permissions import can_answer_join_request
from labs.services.checks import require_clean
from labs.services.letters import letter_write
from labs.services.organisations import organisation_add

Status = JoinRequest.Status
DAY = dt.timedelta(days=1)
#: Each is a mail to all who can answer it.
MOST_A_DAY = 5


class Whither(TypedDict, total=False):
    """The slug of an organisation, or what is said of a new one."""

    organisation: str
    new_name: str
    new_kind: str
    new_website: str


@transaction.atomic(durable=True)
def join_request_make(
    *, actor: User, reason: str, **whither: Unpack[Whither]
) -> JoinRequest:
    """Ask to join an organisation, or to bring a new one; raise as join_request_add."""
    asked = join_request_add(actor=actor, reason=reason, **whither)
    _put_forward(asked)
    return asked


def join_request_add(
    *, actor: User, reason: str, **whither: Unpack[Whither]
) -> JoinRequest:
    """Write down what somebody asks, until their e-mail is confirmed.

    In the caller's transaction. Raises Invalid (400) with the faults by field, Conflict
    (409) `member_already` and `asked_already`, and TooMany (429) `too_many_requests`.
    """
    asked = JoinRequest(user=actor, reason=reason.strip())
    faults: dict[str, list[str]] = {}
    if slug := whither.get("organisation"):
        rows = Organisation.objects.filter(is_active=True, slug=slug)
        asked.organisation = rows.first()
        if asked.organisation is None:
            faults["organisation"] = [_("There is no such organisation.")]
    else:
        asked.new_name = whither.get("new_name", "").strip()
        asked.new_kind = whither.get("new_kind", "")
        asked.new_website = whither.get("new_website", "")
        if not asked.new_name:
            text = _("Choose an organisation, or name the new one.")
            faults["organisation"] = [text]
        elif not asked.new_kind:
            faults["new_kind"] = [_("Say what it is.")]
    require_clean(asked, exclude=["user", "organisation", "decided_by"], faults=faults)
    if asked.organisation and asked.organisation.pk in actor.roles:
        text = _("You are a member already.")
        raise Conflict(text, code="member_already")
    if actor.join_requests.filter(status__in=JoinRequest.OPEN).exists():
        text = _("You have asked already; wait for an answer.")
        raise Conflict(text, code="asked_already")
    recent = actor.join_requests.filter(created_at__gt=clock.now() - DAY)
    if recent.count() >= MOST_A_DAY:
        text = _("You have asked often enough for one day. Go on tomorrow.")
        raise TooMany(text, code="too_many_requests")
    asked.save()
    return asked


@transaction.atomic(durable=True)
def email_confirmed(*, user: User) -> None:
    """Let a person in by the domain of their e-mail, and put forward what they asked.

    The domain lets in nobody whose membership was ended: they ask, like anybody else.
    Called whenever an e-mail was confirmed; doing it twice changes nothing.
    """
    domain = user.email.rpartition("@")[2]
    rows = Organisation.objects.filter(is_active=True, email_domain=domain)
    own = rows.select_for_update(no_key=True).first()
    if own and not Departure.objects.filter(user=user, organisation=own).exists():
        Membership.objects.get_or_create(user=user, organisation=own)
    waiting = JoinRequest.objects.select_for_update(of=("self",))
    for asked in waiting.filter(user=user, status=Status.UNCONFIRMED):
        _put_forward(asked)


def _put_forward(asked: JoinRequest) -> None:
    """Tell those who can answer; where the domain has answered already, nobody."""
    asked.status = Status.PENDING
    if asked.organisation and _member(asked):
        asked.status, asked.decided_at = Status.APPROVED, clock.now()
    asked.save(update_fields=["status", "decided_at"])
    if asked.status == Status.PENDING:
        for person in _who_answer(asked):
            _write("join_asked", person, asked, link=_place_to_answer(person, asked))


def _place_to_answer(person: User, asked: JoinRequest) -> str:
    if person.is_hub_staff or asked.organisation is None:
        return reverse("hub-organisations")
    return reverse("my-organisation", args=[asked.organisation.slug])


def _member(asked: JoinRequest) -> bool:
    rows = Membership.objects.filter(user=asked.user_id)
    return rows.filter(organisation=asked.organisation_id).exists()


def _who_answer(asked: JoinRequest) -> list[User]:
    """Return the managers of the organisation, and hub staff."""
    managers = Q(
        memberships__organisation=asked.organisation_id,
        memberships__role=Membership.Role.MANAGER,
    )
    staff = Q(is_hub_staff=True)
    who = staff | managers if asked.organisation_id else staff
    return list(User.objects.filter(who, is_active=True).distinct())


@transaction.atomic(durable=True)
def join_request_approve(
    *, actor: User, request_id: int, role: str = Membership.Role.BOOKER
) -> JoinRequest:
    """Make the person a member, and their organisation, where it is new.

    Who brings a new organisation manages it. Raises Missing (404), Invalid (400),
    Conflict (409) `decided_already` and `organisation_left`.
    """
    asked = _to_answer(actor, request_id)
    if asked.organisation is None:
        made = Organisation(
            name=asked.new_name, kind=asked.new_kind, website=asked.new_website
        )
        organisation_add(made)
        asked.organisation, role = made, Membership.Role.MANAGER
    _require_active(asked.organisation)
    if role not in Membership.Role:
        raise Invalid({"role": [_("There is no such role.")]})
    Membership.objects.get_or_create(
        user=asked.user, organisation=asked.organisation, defaults={"role": role}
    )
    _decide(asked, actor, Status.APPROVED)
    _write("join_approved", asked.user, asked, link=reverse("my-organisations"))
    return asked


def _require_active(organisation: Organisation) -> None:
    """Lock it, as whoever ends a membership of it does, and see that it is there."""
    rows = Organisation.objects.filter(pk=organisation.pk, is_active=True)
    if rows.select_for_update(no_key=True).first() is None:
        text = _("This organisation is out of the hub.")
        raise Conflict(text, code="organisation_left")


@transaction.atomic(durable=True)
def join_request_decline(*, actor: User, request_id: int, reason: str) -> JoinRequest:
    """Say no, and why.

    Raises Missing (404), Invalid (400) and Conflict `decided_already` (409).
    """
    asked = _to_answer(actor, request_id)
    asked.answer = reason.strip()
    if not asked.answer:
        raise Invalid({"reason": [_("Say why.")]})
    require_clean(asked, exclude={f.name for f in asked._meta.fields} - {"answer"})
    _decide(asked, actor, Status.DECLINED)
    _write("join_declined", asked.user, asked, link=reverse("my-organisations"))
    return asked


@transaction.atomic(durable=True)
def join_request_withdraw(*, actor: User) -> None:
    """Take back what one asked; nothing, where nothing waits."""
    rows = JoinRequest.objects.filter(user=actor, status__in=JoinRequest.OPEN)
    rows.update(status=Status.WITHDRAWN, decided_at=clock.now())


def _to_answer(actor: User, request_id: int) -> JoinRequest:
    rows = JoinRequest.objects.select_for_update(of=("self",))
    asked = rows.select_related("user", "organisation").filter(pk=request_id).first()
    if (
        asked is None
        or asked.status == Status.UNCONFIRMED
        or not can_answer_join_request(actor, asked)
    ):
        raise Missing
    if asked.status != Status.PENDING:
        text = _("This request was answered already.")
        raise Conflict(text, code="decided_already")
    return asked


def _decide(asked: JoinRequest, actor: User, status: Status) -> None:
    asked.status, asked.decided_by, asked.decided_at = status, actor, clock.now()
    asked.save()


def _write(name: str, to: User, asked: JoinRequest, *, link: str) -> None:
    context = {
        "name": asked.user.name,
        "address": asked.user.email,
        "organisation": asked.wanted,
        "reason": asked.reason,
        "answer": asked.answer,
        "link": f"{settings.BASE_URL}{link}",
    }
    letter_write(name=name, to=to, context=context)
