from __future__ import annotations

from django.db.models import Prefetch, prefetch_related_objects

from booking.models import Reservation


def offer_of(reservation: Reservation) -> Reservation | None:
    """Return what is held for its guest to answer, if anything; at most one query.

    Of a request that is its counter-offer; of one in line what the list offers.
    """
    if reservation.is_offer:
        return reservation
    if reservation.status != Reservation.Status.PENDING:
        return None
    offers = Reservation.objects.select_related(
        "resource__site", "resource__organisation", "decided_by"
    )
    prefetch_related_objects([reservation], Prefetch("counter", offers))
    return getattr(reservation, "counter", None)
