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

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.models.delegation import (
    Delegation,
    DelegationQuerySet,
    delegated_to,
)
from booking.models.paths import Level, Path, Turn
from config import clock
from config.errors import Forbidden
from labs.models import Membership, User

if TYPE_CHECKING:
    from booking.models import Decision, Reservation

MANAGER = Membership.Role.MANAGER
#: The status of a request, whose model is built on this.
PENDING = "pending"
NOBODY = Q(pk__in=[])


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
    lambda user: None if user.is_hub_staff else NOBODY,
    lambda _it: Q(is_hub_staff=True),
)


def is_entitled(user: User, reservation: Reservation, turn: str) -> bool:
    """Whether a stage of that turn is this person's own to decide."""
    if turn != Turn.HUB and HOST_MANAGER.holds(user, reservation):
        return True
    passed_on = reservation.level == Level.STAFF
    return user.is_hub_staff and (turn != Turn.HOST or passed_on)


def _entitled_rows(user: User) -> Q:
    own = Q(
        resource__organisation__in=user.managed_ids,
        turn__in=[Turn.HOST, Turn.EITHER],
    )
    if user.is_hub_staff:
        own |= ~Q(turn=Turn.HOST) | Q(level=Level.STAFF)
    return own


def _entitled_people(reservation: Reservation) -> Q:
    found, turn = NOBODY, reservation.turn
    if turn != Turn.HUB:
        found |= HOST_MANAGER.people(reservation)
    if turn != Turn.HOST or reservation.level == Level.STAFF:
        found |= STAFF.people(reservation)
    return found


def decides_for(user: User, reservation: Reservation, turn: str) -> User | None:
    """Return who is away and has this person decide a stage of that turn."""
    today = clock.today()
    for each in delegated_to(user):
        if each.organisation_id is None:
            fits = turn != Turn.HOST
        else:
            of_host = each.organisation_id == _host_id(reservation)
            fits = of_host and turn != Turn.HUB
        passed_on = reservation.level >= Level.DEPUTIES
        if fits and (each.holds_on(today) or passed_on):
            return each.person
    return None


def _deputy_rows(user: User) -> Q:
    found, today = NOBODY, clock.today()
    for each in delegated_to(user):
        if each.organisation_id is None:
            theirs = ~Q(turn=Turn.HOST)
        else:
            theirs = Q(
                turn__in=[Turn.HOST, Turn.EITHER],
                resource__organisation=each.organisation_id,
            )
        if not each.holds_on(today):
            theirs &= Q(level__gte=Level.DEPUTIES)
        found |= theirs
    return found


def deputies_of(reservation: Reservation) -> DelegationQuerySet:
    """Return the delegations by which others may decide its present stage now."""
    today = clock.today()
    rows: DelegationQuerySet = Delegation.objects.all().standing(today)
    of_host, of_hub = Q(organisation=_host_id(reservation)), Q(organisation=None)
    rows = rows.filter(
        {Turn.HOST: of_host, Turn.HUB: of_hub}.get(
            Turn(reservation.turn), of_host | of_hub
        )
    )
    if reservation.level < Level.DEPUTIES:
        rows = rows.filter(starts_on__lte=today)
    return rows


def _deputies(reservation: Reservation) -> Q:
    return Q(pk__in=deputies_of(reservation).values("deputy"))


def _deputised(user: User) -> Q:
    if not delegated_to(user):
        return NOBODY
    theirs = apps.get_model("booking", "Decision").objects.filter(by=user)
    return Q(pk__in=theirs.values("reservation"))


def _is_theirs(user: User, it: Reservation) -> bool:
    return is_entitled(user, it, it.turn)


def _is_for_another(user: User, it: Reservation) -> bool:
    return decides_for(user, it, it.turn) is not None


def _asks_deputy(user: User, it: Reservation) -> bool:
    return it.status == PENDING and _is_for_another(user, it)


def _deputies_asked(it: Reservation) -> Q:
    return _deputies(it) if it.status == PENDING else NOBODY


#: Whose own the stage is that a request is at.
ENTITLED = Relation(_is_theirs, _entitled_rows, _entitled_people)
#: Those who decide that stage for somebody who is away.
DEPUTY = Relation(_is_for_another, _deputy_rows, _deputies)
#: The same while it waits; what was decided is not theirs to see,
DEPUTY_ASKED = Relation(
    _asks_deputy,
    lambda user: _deputy_rows(user) & Q(status=PENDING),
    _deputies_asked,
)
#: but by themselves.
DEPUTY_DECIDED = Relation(
    lambda user, it: bool(delegated_to(user)) and it.decisions.filter(by=user).exists(),
    _deputised,
    lambda it: (
        Q(pk__in=it.decisions.values("by"))
        & Q(pk__in=Delegation.objects.all().standing(clock.today()).values("deputy"))
    ),
)

HOST = (HOST_MANAGER, STAFF)
SEE = (GUEST, *HOST, DEPUTY_ASKED, DEPUTY_DECIDED)
#: Speaks for the guest.
PARTY = (ASKER, GUEST_MANAGER)
#: By the stage that it is at.
DECIDE = (ENTITLED, DEPUTY)
#: Cancel, move, check in or out: either side.
CHANGE = (*PARTY, *HOST)
RULES = {"see": SEE, "party": PARTY, "host": HOST, "decide": DECIDE, "change": CHANGE}

Rule = Iterable[Relation]


def holds_for(rule: Rule, user: User, reservation: Reservation) -> bool:
    return user.is_active and any(each.holds(user, reservation) for each in rule)


def rows_for(rule: Rule, user: User) -> Q:
    """Return what picks the reservations for which the rule holds of this person."""
    if not user.is_active:
        return NOBODY
    found = NOBODY
    for each in rule:
        if (rows := each.rows(user)) is None:
            return Q()
        found |= rows
    return found


def people_for(rule: Rule, reservation: Reservation) -> QuerySet[User]:
    """Return the active people for whom the rule holds of this reservation."""
    found = NOBODY
    for each in rule:
        found |= each.people(reservation)
    return User.objects.filter(found, is_active=True)


def can_see(user: User, reservation: Reservation) -> bool:
    """The guest's members, the host's managers and hub staff; deputies what waits."""
    return holds_for(SEE, user, reservation)


def is_host_side(user: User, reservation: Reservation) -> bool:
    """The host's managers and hub staff."""
    return holds_for(HOST, user, reservation)


def can_decide(user: User, reservation: Reservation) -> bool:
    """Who may decide the stage that a request is at now, and has not yet."""
    if not holds_for(DECIDE, user, reservation):
        return False
    if reservation.path != Path.SEVERAL:
        return True
    people = {user.pk}
    if not ENTITLED.holds(user, reservation):
        away = decides_for(user, reservation, reservation.turn)
        people |= {away.pk} if away else set()
    return not any(people & _counted(each) for each in reservation.standing)


def _counted(decision: Decision) -> set[int | None]:
    return {decision.by_id, decision.on_behalf_of_id}


def is_party(user: User, reservation: Reservation) -> bool:
    """The one who asked for it, and the managers of that organisation."""
    return holds_for(PARTY, user, reservation)


def can_reserve_for_others(user: User, organisation_id: int) -> bool:
    """Its managers for its members, and hub staff."""
    return user.is_hub_staff or organisation_id in user.managed_ids


def can_hand_over(user: User, reservation: Reservation) -> bool:
    """The guest's side alone, and hub staff: the host does not say who comes."""
    return is_party(user, reservation) or user.is_hub_staff


def can_change(user: User, reservation: Reservation) -> bool:
    """Cancel, move, check in or out: either side."""
    return holds_for(CHANGE, user, reservation)


def users_who_can_decide(reservation: Reservation) -> QuerySet[User]:
    """Whom a request is told to, at the stage that it is at."""
    found = people_for(DECIDE, reservation)
    if reservation.path != Path.SEVERAL:
        return found
    left = [each.pk for each in found if can_decide(each, reservation)]
    return found.filter(pk__in=left)


def can_reserve_for(user: User, organisation_id: int) -> bool:
    """Its members, and hub staff for anyone."""
    return user.is_hub_staff or organisation_id in user.roles


def require(allowed: bool) -> None:
    """Raise 403 unless allowed."""
    if not allowed:
        raise Forbidden(_("You may see this, but not do that."))
