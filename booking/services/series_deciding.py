"""Approve what waits of a series, each date on its own."""

from __future__ import annotations

from booking.models import Reservation
from booking.permissions import is_host_side, require
from booking.selectors.series import series_get
from booking.services.bulk_decisions import Result, Wanted, reservations_decide
from booking.services.series_changes import parties_of_series
from labs.models import User


def series_approve(*, actor: User, reference: str) -> list[Result]:
    """Approve every date that waits for the actor, the earliest first.

    Returns what became of each. Raises Missing (404), Forbidden (403) where none of
    them ever was theirs to decide.
    """
    series = series_get(actor, reference)
    waiting = list(Reservation.objects.decidable_by(actor).filter(series=series))
    require(bool(waiting) or is_host_side(actor, parties_of_series(series)))
    items = [Wanted(each.reference, each.version) for each in waiting]
    return reservations_decide(actor=actor, items=items)
