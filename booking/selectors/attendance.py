"""Who says that they come, and how often organisations did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.selectors.deciding import RECENT
from labs.models import User

Action = History.Action
#: After these it is another time, place or person that one would come to.
ENDS_A_CONFIRMATION = frozenset({Action.MOVED, Action.ACCEPTED, Action.HANDED_OVER})


def sees_attendance(viewer: User | AnonymousUser, organisation_id: int) -> bool:
    """Its own members, and hub staff; hosts read it beside a request."""
    if not viewer.is_authenticated:
        return False
    return viewer.is_hub_staff or organisation_id in viewer.roles


def no_shows_of(
    organisation_ids: Iterable[int] | QuerySet[Any, Any], now: dt.datetime
) -> dict[int, int]:
    """Return how many no-shows of 90 days each has that has any; one query."""
    rows = Reservation.objects.filter(
        organisation__in=organisation_ids,
        status=Status.NO_SHOW,
        starts_at__gt=now - RECENT,
    )
    counted = rows.order_by().values("organisation").annotate(n=Count("pk"))
    return dict(counted.values_list("organisation", "n"))


def confirmation_in(history: Iterable[History]) -> History | None:
    """Return who said last that they come, at the time and in the place it has now.

    `history` is all of one reservation's, oldest first; what moves it, or gives it to
    a colleague, ends what was said before.
    """
    found = None
    for row in history:
        if row.action == Action.CONFIRMED:
            found = row
        elif row.action in ENDS_A_CONFIRMATION or "starts_at" in row.changes:
            found = None
    return found
