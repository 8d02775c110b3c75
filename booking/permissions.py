"""Who may do what with a reservation: one table, asked in three shapes.

`rows_for` makes the querysets (what is not in them is a 404), `can_*` the 403s, and
`users_who_can_*` finds whom to tell. All three come from `RULES`, and the table is made
of what somebody can be to a reservation, each said once.

Models build their querysets on this, so it is below them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from config.errors import Forbidden
from labs.models import Membership, User

if TYPE_CHECKING:
    from booking.models import Reservation

MANAGER = Membership.Role.MANAGER


@dataclass(frozen=True, slots=True)
class Relation:
    """What somebody can be to a reservation, in each of the three shapes.

    `rows` are those of the reservations to which this person is it; None for all.
    """

    holds: Callable[[User, Reservation], bool]
    rows: Callable[[User], Q | None]
    people: Callable[[Reservation], Q]


def members_of(organisation_id: int, **more: object) -> Q:
    """Match the people who belong to an organisation that is active."""
    memberships = Membership.objects.filter(
        organisation=organisation_id, organisation__is_active=True, **more
    )
    return Q(pk__in=memberships.values("user"))


def _host_id(reservation: Reservation) -> int:
    return reservation.resource.organisation_id


#: Anybody of the organisation that comes.
GUEST = Relation(
    lambda user, it: it.organisation_id in user.roles,
    lambda user: Q(organisation__in=list(user.roles)),
    lambda it: members_of(it.organisation_id),
)
#: The one who asked for it, while still of that organisation.
ASKER = Relation(
    lambda user, it: it.requested_by_id == user.pk and GUEST.holds(user, it),
    lambda user: Q(requested_by=user, organisation__in=list(user.roles)),
    lambda it: Q(pk=it.requested_by_id) & GUEST.people(it),
)
GUEST_MANAGER = Relation(
    lambda user, it: it.organisation_id in user.managed_ids,
    lambda user: Q(organisation__in=user.managed_ids),
    lambda it: members_of(it.organisation_id, role=MANAGER),
)
HOST_MANAGER = Relation(
    lambda user, it: _host_id(it) in user.managed_ids,
    lambda user: Q(resource__organisation__in=user.managed_ids),
    lambda it: members_of(_host_id(it), role=MANAGER),
)
STAFF = Relation(
    lambda user, _it: user.is_hub_staff,
    lambda user: None if user.is_hub_staff else Q(pk__in=[]),
    lambda _it: Q(is_hub_staff=True),
)

SEE = (GUEST, HOST_MANAGER, STAFF)
#: Speaks for the guest.
PARTY = (ASKER, GUEST_MANAGER)
DECIDE = (HOST_MANAGER, STAFF)
#: Cancel, move, check in or out: either side.
CHANGE = (*PARTY, *DECIDE)
RULES = {"see": SEE, "party": PARTY, "decide": DECIDE, "change": CHANGE}

Rule = Iterable[Relation]


def holds_for(rule: Rule, user: User, reservation: Reservation) -> bool:
    return user.is_active and any(each.holds(user, reservation) for each in rule)


def rows_for(rule: Rule, user: User) -> Q:
    """Return what picks the reservations for which the rule holds of this person."""
    if not user.is_active:
        return Q(pk__in=[])
    found = Q(pk__in=[])
    for each in rule:
        if (rows := each.rows(user)) is None:
            return Q()
        found |= rows
    return found


def people_for(rule: Rule, reservation: Reservation) -> QuerySet[User]:
    """Return the active people for whom the rule holds of this reservation."""
    found = Q(pk__in=[])
    for each in rule:
        found |= each.people(reservation)
    return User.objects.filter(found, is_active=True)


def can_see(user: User, reservation: Reservation) -> bool:
    """The guest's members, the host's managers and hub staff."""
    return holds_for(SEE, user, reservation)


def can_decide(user: User, reservation: Reservation) -> bool:
    """The host's managers and hub staff."""
    return holds_for(DECIDE, user, reservation)


def is_party(user: User, reservation: Reservation) -> bool:
    """The one who asked for it, and the managers of that organisation."""
    return holds_for(PARTY, user, reservation)


def can_change(user: User, reservation: Reservation) -> bool:
    """Cancel, move, check in or out: either side."""
    return holds_for(CHANGE, user, reservation)


def users_who_can_decide(reservation: Reservation) -> QuerySet[User]:
    """Whom a request is told to."""
    return people_for(DECIDE, reservation)


def can_reserve_for(user: User, organisation_id: int) -> bool:
    """Its members, and hub staff for anyone."""
    return user.is_hub_staff or organisation_id in user.roles


def require(allowed: bool) -> None:
    """Raise 403 unless allowed."""
    if not allowed:
        raise Forbidden(_("You may see this, but not do that."))
