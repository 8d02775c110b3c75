"""Who may do what with a reservation; the invisible is a 404 by the queryset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from booking.models.delegation import delegated_to
from booking.models.paths import Level, Path, Turn
from config import clock
from config.errors import Forbidden
from labs.models import Membership, User

if TYPE_CHECKING:
    from booking.models import Decision, Reservation


def can_reserve_for(user: User, organisation_id: int) -> bool:
    """Its members, and hub staff for anyone."""
    return user.is_hub_staff or organisation_id in user.roles


def can_reserve_for_others(user: User, organisation_id: int) -> bool:
    """Its managers for its members, and hub staff."""
    return user.is_hub_staff or organisation_id in user.managed_ids


def can_hand_over(user: User, reservation: Reservation) -> bool:
    """The guest's side alone, and hub staff: the host does not say who comes."""
    return is_party(user, reservation) or user.is_hub_staff


def is_host_side(user: User, reservation: Reservation) -> bool:
    """The host's managers and hub staff."""
    return user.is_hub_staff or reservation.resource.organisation_id in user.managed_ids


def is_entitled(user: User, reservation: Reservation, turn: str) -> bool:
    """Whether a stage of that turn is this person's own to decide."""
    if turn != Turn.HUB and reservation.resource.organisation_id in user.managed_ids:
        return True
    passed_on = reservation.level == Level.STAFF
    return user.is_hub_staff and (turn != Turn.HOST or passed_on)


def decides_for(user: User, reservation: Reservation, turn: str) -> User | None:
    """Return who is away and has this person decide a stage of that turn."""
    today = clock.today()
    for each in delegated_to(user):
        if each.organisation_id is None:
            fits = turn != Turn.HOST
        else:
            of_host = each.organisation_id == reservation.resource.organisation_id
            fits = of_host and turn != Turn.HUB
        passed_on = reservation.level >= Level.DEPUTIES
        if fits and (each.holds_on(today) or passed_on):
            return each.person
    return None


def can_decide(user: User, reservation: Reservation) -> bool:
    """Who may decide the stage that a request is at now, and has not yet."""
    turn = reservation.turn
    own = is_entitled(user, reservation, turn)
    away = None if own else decides_for(user, reservation, turn)
    if not own and away is None:
        return False
    if reservation.path != Path.SEVERAL:
        return True
    people = {user.pk, away.pk if away else user.pk}
    return not any(people & _counted(each) for each in reservation.standing)


def _counted(decision: Decision) -> set[int | None]:
    return {decision.by_id, decision.on_behalf_of_id}


def is_party(user: User, reservation: Reservation) -> bool:
    """The one who asked for it, and the managers of that organisation."""
    role = user.roles.get(reservation.organisation_id)
    return role == Membership.Role.MANAGER or (
        role is not None and reservation.requested_by_id == user.pk
    )


def can_change(user: User, reservation: Reservation) -> bool:
    """Cancel, move, check in or out: either side."""
    return is_party(user, reservation) or is_host_side(user, reservation)


def require(allowed: bool) -> None:
    """Raise 403 unless allowed."""
    if not allowed:
        raise Forbidden(_("You may see this, but not do that."))
