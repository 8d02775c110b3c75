"""The projection of published hours, rebuilt by who changes them, rolled nightly."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Prefetch
from schedule.models import Event

from booking.expander import expand
from booking.models import AvailabilityCalendar, AvailabilityRule, OpenPeriod
from booking.periods import Period, subtract
from booking.services import ledger
from config import clock
from labs.models import Coverage, Resource

#: How far back hours are shown, and how far ahead they can be reserved.
PAST = dt.timedelta(days=35)
AHEAD = dt.timedelta(days=548)


def window_of(now: dt.datetime) -> Period:
    return Period(now - PAST, now + AHEAD)


def sharing_units(resource_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return per resource those that cover a unit with it, itself included; one query.

    What closes half a hall closes the hall; what closes the hall closes its halves.
    """
    theirs = Coverage.objects.filter(unit__coverage__resource__in=list(resource_ids))
    pairs = theirs.values_list("unit__coverage__resource", "resource").distinct()
    shared: dict[int, set[int]] = {pk: {pk} for pk in resource_ids}
    for mine, other in pairs:
        if mine in shared:
            shared[mine].add(other)
    return shared


def _calendars(resource_ids: Iterable[int]) -> list[AvailabilityCalendar]:
    """Return the calendars, own and shared, that apply to any of these; 4 queries."""
    events = (
        Event.objects.select_related("rule", "availability_rule")
        .prefetch_related("occurrence_set")
        .filter(availability_rule__isnull=False)
    )
    ids = list(resource_ids)
    own = AvailabilityCalendar.objects.filter(resource__in=ids).values("pk")
    shared = AvailabilityCalendar.objects.filter(resources__in=ids).values("pk")
    return list(
        AvailabilityCalendar.objects.filter(pk__in=own.union(shared, all=True))
        .select_related("calendar", "resource__site")
        .prefetch_related(Prefetch("calendar__event_set", queryset=events), "resources")
    )


def _expand_calendar(
    calendar: AvailabilityCalendar, window: Period
) -> dict[str, list[Period]]:
    """Return the calendar's periods in the window by effect, `open` and `closed`."""
    found: dict[str, list[Period]] = defaultdict(list)
    zone = calendar.zone
    for event in calendar.calendar.event_set.all():
        periods = expand(event, event.occurrence_set.all(), zone, window)
        found[event.availability_rule.effect].extend(periods)
    return found


def open_periods_rebuild(resource_ids: Sequence[int]) -> None:
    """Rebuild the projection of these resources and of those that share a unit.

    Inside the caller's transaction, which holds the units' lock. A fixed number of
    queries for any number of resources, but for the rows written.
    """
    affected: set[int] = set()
    for group in sharing_units(resource_ids).values():
        affected |= group
    shared = sharing_units(affected)
    window = window_of(clock.now())
    opens: dict[int, list[Period]] = defaultdict(list)
    closes: dict[int, list[Period]] = defaultdict(list)
    everyone = affected.union(*shared.values()) if shared else affected
    for calendar in _calendars(everyone):
        found = _expand_calendar(calendar, window)
        mine = {calendar.resource_id} if calendar.resource_id else set()
        for pk in mine | {resource.pk for resource in calendar.resources.all()}:
            opens[pk] += found[AvailabilityRule.Effect.OPEN]
            closes[pk] += found[AvailabilityRule.Effect.CLOSED]
    OpenPeriod.objects.filter(resource__in=affected).delete()
    # COPY: hundreds of rows each, and text that is made here is the cheapest.
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY booking_openperiod (resource_id, during) FROM STDIN") as copy,
    ):
        for pk in sorted(affected):
            holes = [hole for other in shared[pk] for hole in closes[other]]
            for start, end in subtract(opens[pk], holes):
                copy.write_row((pk, f"[{start.isoformat()},{end.isoformat()})"))
    ledger.say_freed(sorted(affected))


def open_periods_rebuild_all() -> int:
    """Rebuild the projection, one resource a transaction; returns how many.

    Run nightly to roll the window forward, and by hand after a restore.
    """
    resource_ids = list(Resource.objects.order_by("pk").values_list("pk", flat=True))
    open_periods_rebuild_each(resource_ids)
    return len(resource_ids)


def open_periods_rebuild_each(resource_ids: Iterable[int]) -> None:
    """Rebuild the projection of these, each in a transaction of its own."""
    for pk in resource_ids:
        with ledger.writing():
            ledger.lock_units(set().union(*sharing_units([pk]).values()))
            open_periods_rebuild([pk])
