"""Rules that approve requests at once: set them, try them, drop them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from booking.approval_rules import Terms
from booking.models import ApprovalRule
from booking.models.policy import LONGEST_DAYS
from booking.permissions import require
from booking.selectors.approving import Trial, rule_try
from booking.services import ledger
from booking.services.availability import managed_resource
from config.errors import Invalid, Missing
from labs.models import Organisation, Resource, User
from labs.permissions import can_manage_organisation


def approval_rule_add(
    *,
    actor: User,
    resource_slug: str,
    own_organisation: bool = False,
    at_most_minutes: int | None = None,
    organisations: Sequence[str] = (),
    for_all: bool = False,
) -> ApprovalRule:
    """Add a rule for a resource, or (`for_all`) for all that its organisation offers.

    What waits already goes on waiting. Raises Missing, Forbidden, Invalid where it has
    no condition.
    """
    resource = managed_resource(actor, resource_slug)
    found, _terms = _checked(own_organisation, at_most_minutes, organisations)
    with ledger.writing():
        rule = ApprovalRule.objects.create(
            resource=None if for_all else resource,
            organisation=resource.organisation if for_all else None,
            own_organisation=own_organisation,
            at_most_minutes=at_most_minutes,
        )
        rule.organisations.set(found)
    return rule


def approval_rule_try(
    *,
    actor: User,
    resource_slug: str,
    own_organisation: bool = False,
    at_most_minutes: int | None = None,
    organisations: Sequence[str] = (),
    for_all: bool = False,
) -> Trial:
    """Return what such a rule would have decided in the last 90 days."""
    resource = managed_resource(actor, resource_slug)
    _found, terms = _checked(own_organisation, at_most_minutes, organisations)
    return rule_try(resource, terms, for_all=for_all)


def approval_rule_remove(*, actor: User, resource_slug: str, rule_id: int) -> None:
    """Drop a rule; what it approved stays approved. Raises Missing, Forbidden."""
    resource = managed_resource(actor, resource_slug)
    rule = ApprovalRule.objects.filter(pk=rule_id).first()
    if rule is None or not _concerns(rule, resource):
        raise Missing
    require(can_manage_organisation(actor, resource.organisation_id))
    rule.delete()


def _concerns(rule: ApprovalRule, resource: Resource) -> bool:
    of_resource = rule.resource_id == resource.pk
    return of_resource or rule.organisation_id == resource.organisation_id


def _checked(
    own_organisation: bool, at_most_minutes: int | None, slugs: Sequence[str]
) -> tuple[list[Organisation], Terms]:
    found = list(Organisation.objects.filter(slug__in=slugs))
    if unknown := set(slugs) - {each.slug for each in found}:
        text = _("There is no such organisation: %(name)s.")
        raise Invalid({"organisations": [text % {"name": min(unknown)}]})
    longest = LONGEST_DAYS * 1440
    if at_most_minutes is not None and not 5 <= at_most_minutes <= longest:
        text = _("Give at least 5 minutes and at most 31 days.")
        raise Invalid({"at_most_minutes": [text]})
    ids = frozenset(each.pk for each in found)
    terms = Terms(own_organisation, at_most_minutes, ids)
    if terms.is_empty:
        text = _("A rule needs at least one condition.")
        raise Invalid({"own_organisation": [text]})
    return found, terms
