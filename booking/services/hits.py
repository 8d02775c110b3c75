"""What becomes of the reservations that a change of hours hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models import Reservation
from booking.models.reservation import CANCELLABLE, MOVABLE
from booking.services.decisions import require_reason, reservation_ask_to_move
from booking.services.lifecycle import reservation_cancel
from config.errors import DomainError
from labs.models import User


class Choice(models.TextChoices):
    KEEP = "keep", pgettext_lazy("reservation", "Keep")
    MOVE = "move", _("Ask to move")
    CANCEL = "cancel", _("Cancel and tell")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen for a reservation, by who saw it in that version."""

    choice: Choice
    version: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of it; with a refusal it was left as it is."""

    reference: str
    choice: Choice
    refusal: DomainError | None = None


def choices_at(status: str) -> list[Choice]:
    """Return what can be chosen for a reservation of that status."""
    may = {Choice.MOVE: status in MOVABLE, Choice.CANCEL: status in CANCELLABLE}
    return [each for each in Choice if may.get(each, True)]


def hits_decide(
    *, actor: User, wanted: Mapping[str, Wanted], reason: str
) -> list[Decided]:
    """Do with each reservation what was chosen, and tell its guests the reason.

    After the change that hits them, each in a transaction of its own: one that somebody
    changed meanwhile is left, and says so, and holds up none of the others. Raises
    Invalid (400) where there is no reason to tell, before anything is done.
    """
    if any(each.choice != Choice.KEEP for each in wanted.values()):
        reason = require_reason(reason)
    return [
        Decided(reference, each.choice, _refusal(actor, reference, each, reason))
        for reference, each in wanted.items()
    ]


def _refusal(
    actor: User, reference: str, wanted: Wanted, reason: str
) -> DomainError | None:
    services: dict[Choice, Callable[..., Reservation]] = {
        Choice.MOVE: reservation_ask_to_move,
        Choice.CANCEL: reservation_cancel,
    }
    if service := services.get(wanted.choice):
        try:
            service(
                actor=actor,
                reference=reference,
                reason=reason,
                version=wanted.version,
            )
        except DomainError as refusal:
            return refusal
    return None
