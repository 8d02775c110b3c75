"""Approve what waits of a series, each date on its own."""

from __future__ import annotations

from booking.models.reservation import Status
from booking.permissions import can_decide, is_host_side, require
from booking.selectors.reservations import reservations_visible_to
from booking.selectors.series import series_get
from booking.services.bulk_decisions import Result, Wanted, reservations_decide
from booking.services.series_changes import parties_of_series
from labs.models import User


def series_approve(*, actor: User, reference: str) -> list[Result]:
    """Approve every date that waits, the earliest first; says what became of each.

    Raises Missing (404), Forbidden (403) where one of them is not theirs to decide.
    """
    series = series_get(actor, reference)
    waiting = list(
        reservations_visible_to(actor).filter(series=series, status=Status.PENDING)
    )
    require(bool(waiting) or is_host_side(actor, parties_of_series(series)))
    require(all(can_decide(actor, each) for each in waiting))
    items = [Wanted(each.reference, each.version) for each in waiting]
    return reservations_decide(actor=actor, items=items)
