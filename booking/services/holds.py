"""Hold a slot while its form is open: for minutes, prolonged once, nobody's business.

A hold is a reservation with the status `held`, known by the key of its form. That is
the form's Idempotency-Key too, so `reservation_reserve` turns the hold into what is
sent. It has no history: one that lapses or is let go leaves nothing behind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Party, Wish
from booking.services import ledger
from booking.services.changes import let_go
from booking.services.placing import check, place
from booking.services.reservations import (
    held_still,
    held_with,
    made_with,
    organisation_for,
    resource_seen_by,
)
from config import clock
from labs.models import User

#: How long a form keeps its slot, and how much longer if asked, once.
HOLD = dt.timedelta(minutes=10)
#: Open forms of one person that hold something; more would keep others out.
MOST_HOLDS = 3


def reservation_hold(
    *, actor: User, resource_slug: str, organisation_slug: str, wish: Wish, key: str
) -> Reservation:
    """Hold a slot for the form with that key, or move what it holds; its time runs on.

    Returns what the form made where it was sent already. One hold too many lets the
    oldest go, not the newest: the person looks at the newest, and a form that lost its
    hold can still be sent. Raises Missing (404), Forbidden (403), RuleViolation (422),
    SlotTaken (409) without alternatives, IdempotencyKeyReused (422), Busy (503).
    """
    resource = resource_seen_by(actor, resource_slug)
    organisation = organisation_for(actor, organisation_slug)
    with ledger.writing():
        # Two forms of one person take turns, or each would let the other's go.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        others = Reservation.objects.held_by(actor).exclude(idempotency_key=key)
        surplus = list(others)[: -(MOST_HOLDS - 1)]
        ledger.lock_units([resource.pk, *(each.resource_id for each in surplus)])
        units = ledger.lock_units([resource.pk])
        now = clock.now()
        held, made = None, made_with(actor, key)
        if made is not None:
            held = held_still(made, resource, now)
            if held is None and made.status != Status.HELD:
                return made
        for each in others.filter(pk__in=[each.pk for each in surplus]):
            let_go(each)
        # Whether they accept the terms is asked when the form is sent.
        unasked = replace(wish, with_terms=False)
        party = Party(actor.pk, organisation.pk)
        policy, chosen = check(actor, party, resource.pk, unasked, units, now, held)
        if held is None:
            held = Reservation(
                resource=resource,
                requested_by=actor,
                status=Status.HELD,
                lapses_at=now + HOLD,
                idempotency_key=key,
                created_at=now,
            )
        held.organisation = organisation
        place(held, policy, wish, chosen)
    return held


def can_renew(held: Reservation) -> bool:
    """Whether it was not prolonged yet: moving it leaves its end where it is."""
    return held.lapses_at is not None and held.lapses_at <= held.created_at + HOLD


def hold_renew(*, actor: User, key: str) -> Reservation:
    """Hold on for as long again, once. Raises WrongStatus (409)."""
    with _own_hold(actor, key) as held:
        if held is None or held.lapses_at is None or held.lapses_at <= clock.now():
            raise WrongStatus(_("It is not held for you any more."))
        if not can_renew(held):
            raise WrongStatus(_("It can be held on to only once."))
        held.lapses_at += HOLD
        held.save(update_fields=["lapses_at"])
    return held


def hold_release(*, actor: User, key: str) -> None:
    """Let go of what the form holds; nothing happens where it holds nothing."""
    with _own_hold(actor, key) as held:
        if held is not None:
            let_go(held)


@contextmanager
def _own_hold(actor: User, key: str) -> Iterator[Reservation | None]:
    """Open a transaction on a hold: its units locked, then read again."""
    seen = held_with(actor, key)
    with ledger.writing():
        if seen is None:
            yield None
            return
        ledger.lock_units([seen.resource_id])
        yield held_with(actor, key)
