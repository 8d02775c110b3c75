"""Who may do what; services ask, and pages ask whether to show a button."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from labs.models import JoinRequest, QualificationType, Resource, Site, User


def can_manage_organisation(user: User | AnonymousUser, organisation_id: int) -> bool:
    """Whether this person may add to and edit what the organisation offers."""
    if not user.is_authenticated:
        return False
    return user.is_hub_staff or organisation_id in user.managed_ids


def can_manage_resource(user: User | AnonymousUser, resource: Resource) -> bool:
    """Whether this person may edit, publish and archive the resource."""
    return can_manage_organisation(user, resource.organisation_id)


def can_read_access_notes(user: User | AnonymousUser) -> bool:
    """Whether this person may know how to get in: members of the hub, and its staff."""
    return user.is_authenticated and (user.is_hub_staff or bool(user.roles))


def can_draw_plans(user: User | AnonymousUser, site: Site) -> bool:
    """Whether this person may draw the site's floors; at most one query.

    Hub staff, and who manages something published at the site: a draft is made in
    private, by any manager at any site.
    """
    if not user.is_authenticated:
        return False
    theirs = Resource.objects.manageable_by(user).published()
    return user.is_hub_staff or theirs.filter(site=site).exists()


def can_answer_join_request(user: User | AnonymousUser, asked: JoinRequest) -> bool:
    """Whether this person may approve or decline it; a new organisation: hub staff."""
    if not user.is_authenticated:
        return False
    return user.is_hub_staff or asked.organisation_id in user.managed_ids


def can_grant(user: User | AnonymousUser, of: QualificationType) -> bool:
    """Whether this person may edit the type, and grant and revoke it."""
    if not user.is_authenticated:
        return False
    return user.is_hub_staff or of.organisation_id in user.managed_ids
