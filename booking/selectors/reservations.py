from __future__ import annotations

from booking.models import Reservation
from booking.models.reservation import ReservationQuerySet
from config.errors import Missing
from labs.models import User


def reservations_visible_to(user: User) -> ReservationQuerySet:
    """Return what the user may see, with all that a list shows; one query."""
    visible: ReservationQuerySet = Reservation.objects.visible_to(user).select_related(
        "resource__site",
        "resource__organisation",
        "organisation",
        "requested_by",
        "decided_by",
        "series",
        "sent_by",
        "kit",
    )
    return visible


def reservation_get(user: User, reference: str) -> Reservation:
    """Return one that the user may see; raises Missing (404)."""
    found = reservations_visible_to(user).filter(reference=reference).first()
    if found is None:
        raise Missing
    return found
