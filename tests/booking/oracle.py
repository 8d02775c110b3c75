"""A hub small enough to think through minute by minute, to hold the SQL against.

It knows nothing of ranges: a time is free when no row in a list is in its way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import Occupancy, OpenPeriod, Policy, Reservation
from labs.models import Coverage, Organisation, Resource, Site, Unit, User
from tests import factories

STEP = dt.timedelta(minutes=5)
MINUTE = dt.timedelta(minutes=1)

Span = tuple[dt.datetime, dt.datetime]


@dataclass
class Thing:
    """A resource with its rules, as plain numbers."""

    name: str
    units: tuple[int, ...]
    is_pool: bool
    policy: dict[str, int]
    opened: list[Span]
    people: int = 4
    is_published: bool = True


@dataclass
class Taken:
    """A reservation that is there already: of units, from, until, free again."""

    thing: int
    units: tuple[int, ...]
    start: dt.datetime
    end: dt.datetime
    free: dt.datetime


@dataclass
class Hub:
    now: dt.datetime
    zone: ZoneInfo
    things: list[Thing]
    taken: list[Taken] = field(default_factory=list)
    saved: list[Resource] = field(default_factory=list)
    saved_taken: list[Reservation] = field(default_factory=list)
    booker: User = field(default_factory=User)

    # The oracle

    def free_units(
        self, thing: Thing, start: dt.datetime, end: dt.datetime, but: int | None = None
    ) -> list[int]:
        """Return the units that nobody has then, the turnaround after it included."""
        free = end + thing.policy["turnaround_minutes"] * MINUTE
        busy = {
            unit
            for number, row in enumerate(self.taken)
            if number != but and row.start < free and start < row.free
            for unit in row.units
        }
        return [unit for unit in thing.units if unit not in busy]

    def is_free(
        self,
        thing: Thing,
        start: dt.datetime,
        end: dt.datetime,
        quantity: int = 1,
        but: int | None = None,
    ) -> bool:
        free = self.free_units(thing, start, end, but)
        if thing.is_pool:
            return len(free) >= quantity
        return quantity == 1 and len(free) == len(thing.units)

    def on_grid(self, thing: Thing, instant: dt.datetime) -> bool:
        wall = instant.astimezone(self.zone)
        return (wall.hour * 60 + wall.minute) % thing.policy["start_grid_minutes"] == 0

    def allows(self, thing: Thing, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether the rules and the hours let anybody have it then."""
        length, policy = end - start, thing.policy
        return (
            start >= self.now + policy["notice_minutes"] * MINUTE
            and end <= self.now + policy["horizon_days"] * 1440 * MINUTE
            and length >= policy["min_duration_minutes"] * MINUTE
            and length <= policy["max_duration_minutes"] * MINUTE
            and self.on_grid(thing, start)
            and self.on_grid(thing, end)
            and any(opens <= start and end <= closes for opens, closes in thing.opened)
        )

    def starts(
        self,
        thing: Thing,
        within: Span,
        length: dt.timedelta,
        quantity: int = 1,
        but: int | None = None,
    ) -> set[dt.datetime]:
        """Return every start in a period from which it can be had for so long."""
        return {
            start
            for start in every_step(*within)
            if start + length <= within[1]
            and self.allows(thing, start, start + length)
            and self.is_free(thing, start, start + length, quantity, but)
        }

    # The same in the database

    def save(self) -> None:
        """Write it all, past the services: what matters here is what they read."""
        owner, site = self._place()
        self.booker = factories.person(owner)
        numbers = sorted({unit for thing in self.things for unit in thing.units})
        units = Unit.objects.bulk_create(Unit(name=f"Unit {n}") for n in numbers)
        for number, thing in enumerate(self.things):
            self.saved.append(self._resource(number, thing, owner, site))
        Policy.objects.bulk_create(
            Policy(resource=resource, approval_path="none", **thing.policy)
            for resource, thing in zip(self.saved, self.things, strict=True)
        )
        Coverage.objects.bulk_create(
            Coverage(resource=resource, unit=units[numbers.index(unit)])
            for resource, thing in zip(self.saved, self.things, strict=True)
            for unit in thing.units
        )
        OpenPeriod.objects.bulk_create(
            OpenPeriod(resource=resource, during=DateTimeTZRange(*span))
            for resource, thing in zip(self.saved, self.things, strict=True)
            for span in thing.opened
        )
        self.saved_taken = Reservation.objects.bulk_create(
            self._reservation(row, owner) for row in self.taken
        )
        Occupancy.objects.bulk_create(
            Occupancy(
                unit=units[numbers.index(unit)],
                reservation=made,
                during=DateTimeTZRange(row.start, row.free),
            )
            for made, row in zip(self.saved_taken, self.taken, strict=True)
            for unit in row.units
        )

    def _place(self) -> tuple[Organisation, Site]:
        return factories.organisation(), factories.site(time_zone=str(self.zone))

    def _resource(
        self, number: int, thing: Thing, owner: Organisation, site: Site
    ) -> Resource:
        return factories.resource(
            units=0,
            slug=f"thing-{number}",
            name=thing.name,
            organisation=owner,
            site=site,
            is_pool=thing.is_pool,
            people=thing.people,
            listing="published" if thing.is_published else "draft",
        )

    def _reservation(self, row: Taken, guest: Organisation) -> Reservation:
        return Reservation(
            resource=self.saved[row.thing],
            organisation=guest,
            requested_by=self.booker,
            status="approved",
            starts_at=row.start,
            ends_at=row.end,
            free_at=row.free,
            quantity=len(row.units),
            created_at=self.now,
        )


def every_step(start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """Every five minutes of a period; it begins on one."""
    while start < end:
        yield start
        start += STEP
