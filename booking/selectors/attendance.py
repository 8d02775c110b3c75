"""How often organisations did not come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from booking.models import Reservation
from booking.models.reservation import Status
from booking.selectors.deciding import RECENT
from labs.models import User


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
