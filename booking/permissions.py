"""Who may do what with a reservation; the invisible is a 404 by the queryset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from config.errors import Forbidden
from labs.models import Membership, User

if TYPE_CHECKING:
    from booking.models import Reservation


def can_reserve_for(user: User, organisation_id: int) -> bool:
    """Its members, and hub staff for anyone."""
    return user.is_hub_staff or organisation_id in user.roles


def can_reserve_for_others(user: User, organisation_id: int) -> bool:
    """Its managers for its members, and hub staff."""
    return user.is_hub_staff or organisation_id in user.managed_ids


def can_hand_over(user: User, reservation: Reservation) -> bool:
    """The guest's side alone, and hub staff: the host does not say who comes."""
    return is_party(user, reservation) or user.is_hub_staff


def can_decide(user: User, reservation: Reservation) -> bool:
    """The host's managers and hub staff."""
    return user.is_hub_staff or reservation.resource.organisation_id in user.managed_ids


def is_party(user: User, reservation: Reservation) -> bool:
    """The one who asked for it, and the managers of that organisation."""
    role = user.roles.get(reservation.organisation_id)
    return role == Membership.Role.MANAGER or (
        role is not None and reservation.requested_by_id == user.pk
    )


def can_change(user: User, reservation: Reservation) -> bool:
    """Cancel, move, check in or out: either side."""
    return is_party(user, reservation) or can_decide(user, reservation)


def require(allowed: bool) -> None:
    """Raise 403 unless allowed."""
    if not allowed:
        raise Forbidden(_("You may see this, but not do that."))
