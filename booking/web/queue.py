"""The requests that wait for somebody's decision."""

from __future__ import annotations

import datetime as dt

from booking.models.reservation import ReservationQuerySet
from booking.selectors.reservations import reservations_visible_to
from labs.models import User

#: What a key in a row does; J and K go on and back, X ticks, U undoes.
KEYS = {"approve": "A", "decline": "R", "ask": "I"}
#: A page has no more.
MOST_AT_ONCE = 50


def decides(user: User) -> bool:
    """Whether there may ever be a request for this person to decide; one query."""
    return user.is_hub_staff or bool(user.managed_ids)


def waiting_for(user: User, now: dt.datetime) -> ReservationQuerySet:
    """Return what this person may decide and has not lapsed, the soonest first."""
    visible = reservations_visible_to(user).decidable_by(user)
    waiting = visible.filter(lapses_at__gt=now).with_parts()
    return waiting.order_by("starts_at", "pk")
