"""Keeps, while the weeks are filled, what is open and what is taken, without a query.

Nothing else writes into the empty hub meanwhile, so what the diary gives away the
ledger accepts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.demo.places import Place
from booking.exceptions import SlotTaken
from booking.models import OpenPeriod
from booking.periods import Period
from booking.rules import Facts, violations
from booking.selectors.facts import Wish
from booking.services import ledger
from labs.models import Resource


class Diary:
    def __init__(self, window: Period) -> None:
        self._open: dict[int, list[Period]] = defaultdict(list)
        self._taken: dict[int, list[Period]] = defaultdict(list)
        for row in OpenPeriod.objects.filter(during__overlap=DateTimeTZRange(*window)):
            period = Period(row.during.lower, row.during.upper)
            self._open[row.resource_id].append(period)

    def open_within(self, place: Place, window: Period) -> list[Period]:
        """Return when it is open in the window, whoever has it, in order."""
        found = [
            Period(max(span.start, window.start), min(span.end, window.end))
            for span in self._open[place.resource.pk]
            if span.overlaps(window)
        ]
        return sorted(found)

    def take(self, place: Place, wish: Wish, asked_at: dt.datetime) -> list[int]:
        """Return the units that one gets who asks at that moment; none, if refused.

        Judged by the product's own rules, as they held then.
        """
        period = Period(wish.starts_at, wish.ends_at)
        if violations(self._facts(place, wish, asked_at)):
            return []
        return self.block(place, period, wish.quantity)

    def block(self, place: Place, period: Period, quantity: int) -> list[int]:
        """Take the units for a period and its turnaround; none, if not all are free."""
        whole = Period(period.start, period.end + place.policy.turnaround)
        free = [
            unit
            for unit in place.units
            if not any(whole.overlaps(other) for other in self._taken[unit])
        ]
        try:
            chosen = ledger.choose_units(
                place.units, free, is_pool=place.resource.is_pool, quantity=quantity
            )
        except SlotTaken:
            return []
        for unit in chosen:
            self._taken[unit].append(whole)
        return chosen

    def _facts(self, place: Place, wish: Wish, now: dt.datetime) -> Facts:
        resource = place.resource
        period = Period(wish.starts_at, wish.ends_at)
        return Facts(
            now=now,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            people=wish.people,
            quantity=wish.quantity,
            policy=place.policy,
            zone=resource.site.zone,
            is_published=resource.listing == Resource.Listing.PUBLISHED,
            is_open=any(span.contains(period) for span in self._open[resource.pk]),
            capacity=resource.people,
            is_pool=resource.is_pool,
            units=len(place.units),
        )
