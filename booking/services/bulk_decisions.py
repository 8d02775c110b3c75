"""Decide on many requests: each on its own, and each says what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from booking.models import Reservation
from booking.services.decisions import reservation_approve, reservation_decline
from config.errors import DomainError
from labs.models import User

#: A page of the queue has no more.
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of one request, as somebody saw it."""

    reference: str
    version: int | None = None
    approve: bool = True
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The reservation as decided, or why it was not."""

    wanted: Wanted
    reservation: Reservation | None = None
    refusal: DomainError | None = None


def reservations_decide(*, actor: User, items: Sequence[Wanted]) -> list[Result]:
    """Decide one after the other, each in a transaction; raises nothing of theirs."""
    return [_result(actor, wanted) for wanted in items]


def _result(actor: User, wanted: Wanted) -> Result:
    given: dict[str, Any] = {
        "actor": actor,
        "reference": wanted.reference,
        "version": wanted.version,
    }
    try:
        if wanted.approve:
            return Result(wanted, reservation_approve(**given))
        return Result(
            wanted,
            reservation_decline(**given, code=wanted.code, reason=wanted.reason),
        )
    except DomainError as refusal:
        return Result(wanted, refusal=refusal)
