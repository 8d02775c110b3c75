from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from labs.models import Invitation, JoinRequest, Membership, Organisation, User


def organisation_list(*, user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Return the active organisations, by name; hub staff see those that left too."""
    if user.is_authenticated and user.is_hub_staff:
        return Organisation.objects.all()
    return Organisation.objects.filter(is_active=True)


def membership_list(*, user: User) -> QuerySet[Membership]:
    """Return this person's memberships in active organisations, by their name."""
    return (
        Membership.objects.filter(user=user, organisation__is_active=True)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def organisation_search(*, user: User, text: str) -> QuerySet[Organisation]:
    """Return the organisations with the text in their names, each with its `people`."""
    rows = organisation_list(user=user)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(name_bg__icontains=text))
    return rows.annotate(people=Count("memberships")).order_by("name", "pk")


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return the memberships, managers first, then by name."""
    rows = organisation.memberships.select_related("user")
    return rows.order_by("-role", "user__name", "pk")


def invitations_open(organisation: Organisation) -> QuerySet[Invitation]:
    """Return the invitations that nobody has accepted, those that expired as well."""
    rows = organisation.invitations.select_related("invited_by")
    return rows.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


def join_requests_pending(*, user: User) -> QuerySet[JoinRequest]:
    """Return the requests to join that this person can answer, the oldest first."""
    rows = JoinRequest.objects.filter(status=JoinRequest.Status.PENDING)
    if not user.is_hub_staff:
        rows = rows.filter(organisation__in=user.managed_ids)
    return rows.select_related("user", "organisation")


def join_request_of(user: User) -> JoinRequest | None:
    """Return what this person asked last, if that matters still."""
    rows = JoinRequest.objects.select_related("organisation", "decided_by")
    last = rows.filter(user=user).last()
    if last is None or last.status in {"approved", "withdrawn"}:
        return None
    return last
