"""Agreements between a host, or the hub, and a guest; programmes of several guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking.models import Agreement, EffectivePolicy, Programme
from booking.permissions import require
from booking.selectors.agreements import agreements_visible_to, resources_covered
from booking.selectors.policies import Explained, policy_explained
from booking.services import ledger
from config import clock
from config.errors import Invalid, Missing
from labs.models import Organisation, Resource, User
from labs.permissions import can_manage_organisation


def can_agree(user: User, host: Organisation | None) -> bool:
    """Whether this person may agree on the host's behalf; the hub's: hub staff."""
    if host is None:
        return user.is_hub_staff
    return can_manage_organisation(user, host.pk)


def agreement_add(*, actor: User, values: Mapping[str, Any]) -> Agreement:
    """Agree with an organisation or a programme; `resources` are those it names.

    What is reserved already stays as it is. Raises Forbidden, Invalid with the fields.
    """
    with ledger.writing():
        return _written(actor, Agreement(created_at=clock.now()), values)


def agreement_change(
    *, actor: User, agreement_id: int, values: Mapping[str, Any]
) -> Agreement:
    """Change what was agreed. Raises Missing, Forbidden, Invalid with the fields."""
    with ledger.writing():
        return _written(actor, _locked(actor, agreement_id), values)


def agreement_preview(
    *,
    actor: User,
    agreement_id: int | None,
    values: Mapping[str, Any],
    resource: Resource,
    guest: Organisation,
    day: Any,
) -> list[Explained]:
    """Return what would hold for a guest if it were saved; writes nothing."""
    with ledger.writing():
        agreement = Agreement(created_at=clock.now())
        if agreement_id is not None:
            agreement = _locked(actor, agreement_id)
        _written(actor, agreement, values)
        explained = policy_explained(resource, guest, day)
        transaction.set_rollback(True)
    return explained


def agreement_end(*, actor: User, agreement_id: int) -> None:
    """Forget an agreement, its quotas with it; what is reserved stays.

    Raises Missing, Forbidden.
    """
    with ledger.writing():
        _locked(actor, agreement_id).delete()


def _locked(actor: User, agreement_id: int) -> Agreement:
    seen = agreements_visible_to(actor).filter(pk=agreement_id)
    found = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("host")
        .filter(pk__in=seen.values("pk"))
        .first()
    )
    if found is None:
        raise Missing
    require(can_agree(actor, found.host))
    return found


def _written(actor: User, agreement: Agreement, values: Mapping[str, Any]) -> Agreement:
    named = values.get("resources")
    for name, value in values.items():
        if name != "resources":
            setattr(agreement, name, value)
    require(can_agree(actor, agreement.host))
    try:
        agreement.full_clean(exclude=["resources"])
    except ValidationError as error:
        raise Invalid(error.message_dict) from error
    agreement.save()
    if named is not None:
        agreement.resources.set(named)
    _require_sense(agreement)
    return agreement


def _require_sense(agreement: Agreement) -> None:
    """Raise Invalid where it covers nothing, or leaves what nobody could reserve."""
    covered = resources_covered(agreement)
    if agreement.covers == Agreement.Covers.RESOURCES:
        named = set(agreement.resources.values_list("pk", flat=True))
        if not named or named - set(covered.values_list("pk", flat=True)):
            text = _("Name resources of the host, one at least.")
            raise Invalid({"resources": [text]})
    elif not covered.exists():
        field = "tag" if agreement.covers == Agreement.Covers.TAG else "covers"
        raise Invalid({field: [_("This covers no resource.")]})
    held = EffectivePolicy.objects.filter(resource__in=covered)
    for policy in held.select_related("resource"):
        for name in Agreement.VALUES:
            if (value := getattr(agreement, name)) is not None:
                setattr(policy, name, value)
        shortest, longest = policy.min_duration_minutes, policy.max_duration_minutes
        if longest < shortest or policy.start_grid_minutes > longest:
            text = _("%(resource)s: the longest would be shorter than the shortest.")
            said = text % {"resource": policy.resource}
            raise Invalid({"max_duration_minutes": [said]})


def programme_save(
    *, actor: User, programme_id: int | None = None, values: Mapping[str, Any]
) -> Programme:
    """Add a programme or change one, with its `organisations`; for hub staff.

    Raises Missing, Forbidden, Invalid with the fields.
    """
    require(actor.is_hub_staff)
    programme = Programme()
    with ledger.writing():
        if programme_id is not None:
            found = Programme.objects.select_for_update().filter(pk=programme_id)
            programme = found.first() or _missing()
        for name, value in values.items():
            if name != "organisations":
                setattr(programme, name, value)
        try:
            programme.full_clean(exclude=["organisations"])
        except ValidationError as error:
            raise Invalid(error.message_dict) from error
        programme.save()
        if (organisations := values.get("organisations")) is not None:
            programme.organisations.set(organisations)
    return programme


def _missing() -> Programme:
    raise Missing
