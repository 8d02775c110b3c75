"""Hours of a resource that only some may use: added and taken back by its managers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from booking.models import Programme, RestrictedHours
from booking.models.restricted import DAY_MINUTES
from booking.permissions import require
from booking.services import ledger
from booking.weekly import DAYS
from config.errors import Invalid, Missing
from labs.models import Organisation, QualificationType, Resource, User
from labs.permissions import can_manage_resource
from labs.services.checks import require_clean

MOST_HOURS = 20


def restricted_hours_add(  # noqa: PLR0913 - all that such hours say
    *,
    actor: User,
    resource: Resource,
    days: Sequence[str],
    starts: int,
    ends: int,
    for_host: bool = True,
    organisations: Sequence[Organisation] = (),
    programmes: Sequence[Programme] = (),
    qualifications: Sequence[QualificationType] = (),
) -> RestrictedHours:
    """Let only these use those hours from now on; what is reserved already stays.

    Minutes after midnight. Raises Forbidden (403), Invalid (400).
    """
    require(can_manage_resource(actor, resource))
    if not (for_host or organisations or programmes or qualifications):
        raise Invalid({"for_host": [_("Say who may use them.")]})
    made = RestrictedHours(
        resource=resource,
        days=[day for day in DAYS if day in days],
        starts=starts,
        ends=ends,
        for_host=for_host,
    )
    faults: dict[str, list[str]] = {}
    if not 0 <= starts < ends <= DAY_MINUTES:
        faults["ends"] = [_("The end must come after the start.")]
    if resource.restricted_hours.count() >= MOST_HOURS:
        faults["days"] = [_("That is enough; take some back first.")]
    require_clean(made, exclude=["resource"], faults=faults)
    with ledger.writing():
        made.save()
        made.organisations.set(organisations)
        made.programmes.set(programmes)
        made.qualifications.set(qualifications)
    return made


def restricted_hours_remove(*, actor: User, resource: Resource, hours_id: int) -> None:
    """Let all use those hours again. Raises Forbidden (403), Missing (404)."""
    require(can_manage_resource(actor, resource))
    gone, _rows = resource.restricted_hours.filter(pk=hours_id).delete()
    if not gone:
        raise Missing
