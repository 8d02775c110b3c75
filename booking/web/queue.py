"""The requests that wait for somebody's decision."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from booking.models import Reservation
from booking.models.delegation import delegated_to
from booking.models.reservation import ReservationQuerySet
from booking.selectors.reservations import reservations_visible_to
from labs.models import User

#: What a key in a row does; J and K go on and back, X ticks, U undoes.
KEYS = {"approve": "A", "decline": "R", "ask": "I"}


def manages(user: User) -> bool:
    """Whether this person is of a host's side, or of the hub's; one query."""
    return user.is_hub_staff or bool(user.managed_ids)


def decides(user: User) -> bool:
    """Whether there may be a request for this person to decide; at most two queries."""
    return manages(user) or bool(delegated_to(user))


def _decidable(user: User, now: dt.datetime) -> ReservationQuerySet:
    decidable: ReservationQuerySet = Reservation.objects.decidable_by(user)
    return decidable.filter(lapses_at__gt=now)


def waiting_for(user: User, now: dt.datetime) -> ReservationQuerySet:
    """Return what this person may decide and has not lapsed, the soonest first.

    Of a series the first date that waits, with the number of them: `series_waiting`.
    """
    theirs = _decidable(user, now).values("pk")
    waiting: ReservationQuerySet = reservations_visible_to(user).filter(pk__in=theirs)
    fellows = _decidable(user, now).filter(series=OuterRef("series")).order_by()
    earlier = Q(starts_at__lt=OuterRef("starts_at")) | Q(
        starts_at=OuterRef("starts_at"), pk__lt=OuterRef("pk")
    )
    number = fellows.values("series").annotate(n=Count("pk")).values("n")
    return (
        waiting.with_parts()
        .exclude(Exists(fellows.filter(earlier)))
        .annotate(series_waiting=Subquery(number))
        .order_by("starts_at", "pk")
    )


def number_waiting(user: User, now: dt.datetime) -> int:
    """Return how many rows `waiting_for` has: a series is one."""
    row = Coalesce(F("series"), -F("pk"))
    counted = _decidable(user, now).aggregate(n=Count(row, distinct=True))
    return int(counted["n"])
