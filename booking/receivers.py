"""What booking does when labs changes shape, and when a slot becomes free."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext as _

from booking.exceptions import SlotTaken
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.selectors.lines import is_waited_for
from booking.services import ledger
from booking.services.changes import counter_let_go, let_go, transition
from booking.services.open_periods import open_periods_rebuild
from booking.signals import history_recorded, time_freed
from booking.tasks import book_wanted, serve_waiting
from config import clock
from config.broker import nudge
from config.errors import Conflict
from labs.models import Coverage, Resource
from labs.signals import hall_grown, hall_shrunk

Action = History.Action
#: After these somebody else may have the slot, or a part of it.
FREEING = frozenset(
    {
        Action.CANCELLED,
        Action.DECLINED,
        Action.EXPIRED,
        Action.MOVED,
        Action.CHECKED_OUT,
        Action.MISSED,
    }
)


@receiver(history_recorded, dispatch_uid="booking.book_wanted")
def look_for_wanted(*, action: str, **kwargs: Any) -> None:
    """Have wanted dates of series looked for; the beat finds what gets lost."""
    if action in FREEING:
        transaction.on_commit(partial(nudge, book_wanted))


@receiver(hall_grown)
def take_new_units(hall: Resource, unit_ids: list[int], **kwargs: Any) -> None:
    """Give the hall's reservations its new units too, or refuse that it grows.

    What open forms and counter-offers hold of it is let go: they can be sent, or made,
    for the hall as it is then. Runs in labs' transaction, which holds the lock of all
    these units.
    """
    holds = Reservation.objects.filter(resource=hall, status=Status.HELD)
    for held in holds.filter(offered_to=None):
        if held.instead_of is not None:
            _counter_end(held.instead_of)
        else:
            let_go(held)
    now = clock.now()
    promised = Reservation.objects.occupying().filter(resource=hall, free_at__gt=now)
    for reservation in promised.order_by("starts_at"):
        try:
            ledger.occupy(reservation, unit_ids)
        except SlotTaken as error:
            text = _("The hall is reserved (%(reference)s) while the part is, too.")
            raise Conflict(
                text % {"reference": reservation.reference}, code="part_in_use"
            ) from error
    open_periods_rebuild([hall.pk])


def _counter_end(request: Reservation) -> None:
    counter_let_go(request)
    passed, status = History.Action.PASSED, Status(request.status)
    transition(request, status, passed, actor=None, at=clock.now())


@receiver(hall_shrunk)
def let_go_of_units(hall: Resource, unit_ids: list[int], **kwargs: Any) -> None:
    """Free what the hall has lost: its reservations go on in what is left of it.

    Runs in labs' transaction, which holds the lock of all these units.
    """
    ledger.release_units(hall.pk, unit_ids)
    covered = Coverage.objects.filter(unit__in=unit_ids)
    former = covered.values_list("resource_id", flat=True).distinct()
    # They share no unit with the hall any more, so the hall's alone is not enough.
    open_periods_rebuild([hall.pk, *former])


@receiver(time_freed)
def serve_soon(resource_ids: list[int], **kwargs: Any) -> None:
    """Have the time offered to whoever waits for it; `sweep_waiting` finds the rest."""
    if is_waited_for(resource_ids):
        nudge(serve_waiting, resource_ids)
