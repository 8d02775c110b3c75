"""Approve what waits of a series, each date on its own."""

from __future__ import annotations

from dataclasses import dataclass

from booking.models import Reservation
from booking.models.reservation import Status
from booking.permissions import can_decide, is_host_side, require
from booking.selectors.reservations import reservations_visible_to
from booking.selectors.series import series_get
from booking.services.decisions import reservation_approve
from booking.services.series_changes import parties_of_series
from config.errors import DomainError
from labs.models import User


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one date: `refusal` is None where it was approved."""

    reservation: Reservation
    refusal: DomainError | None = None


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
    return [_approve(actor, each) for each in waiting]


def _approve(actor: User, waiting: Reservation) -> Result:
    try:
        return Result(
            reservation_approve(
                actor=actor, reference=waiting.reference, version=waiting.version
            )
        )
    except DomainError as refusal:
        return Result(waiting, refusal)
