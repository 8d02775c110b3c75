"""A host's resources with their state at a glance."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Iterable

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from schedule.models import Event

from booking.expander import to_wall
from booking.models import AvailabilityRule, Reservation
from booking.models.reservation import Status
from booking.weekly import weekly_of
from config import clock
from labs.models import Resource, User

AHEAD = dt.timedelta(days=7)


def resources_at_glance(
    actor: User, *, text: str = "", listing: str = ""
) -> QuerySet[Resource]:
    """Return what the actor manages, with `coming`, `waiting` and `closes_at`.

    Those that match the text and the listing; published ones and drafts first.
    """
    now = clock.now()
    rows = Resource.objects.manageable_by(actor).select_related(
        "organisation", "site", "effective_policy"
    )
    if listing in Resource.Listing.values:
        rows = rows.filter(listing=listing)
    for word in text.split():
        names = ("name", "name_bg", "organisation__name", "site__name", "tags")
        found = (Q(**{f"{name}__icontains": word}) for name in names)
        rows = rows.filter(functools.reduce(operator.or_, found))
    theirs = Reservation.objects.filter(resource=OuterRef("pk"))
    coming = theirs.occupying().filter(ends_at__gt=now, starts_at__lt=now + AHEAD)
    waiting = theirs.filter(status=Status.PENDING, lapses_at__gt=now)
    closed = AvailabilityRule.objects.filter(
        Q(event__calendar__availability__resource=OuterRef("pk"))
        | Q(event__calendar__availability__resources=OuterRef("pk")),
        effect=AvailabilityRule.Effect.CLOSED,
        event__end__gt=now,
    ).order_by("event__start")
    return rows.annotate(
        coming=_count(coming),
        waiting=_count(waiting),
        closes_at=Subquery(closed.values("event__start")[:1]),
    ).order_by(
        Case(When(listing=Resource.Listing.ARCHIVED, then=1), default=0), "name", "pk"
    )


def _count(rows: QuerySet[Reservation]) -> Coalesce:
    counted = rows.order_by().values("resource").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def minutes_a_week_of(resources: Iterable[Resource]) -> dict[int, int]:
    """Return how long each is open by this week's published hours; one query."""
    now = clock.now()
    zones = {each.pk: each.site.zone for each in resources}
    events = (
        Event.objects.filter(
            calendar__availability__resource__in=zones,
            rule__isnull=False,
            availability_rule__effect=AvailabilityRule.Effect.OPEN,
        )
        .select_related("rule")
        .annotate(resource_id=F("calendar__availability__resource"))
    )
    found = dict.fromkeys(zones, 0)
    for event in events:
        zone = zones[event.resource_id]
        today = to_wall(now, zone).date()
        hours, first, last = weekly_of(event, zone)
        if first < today + AHEAD and (last is None or last >= today):
            found[event.resource_id] += hours.minutes_a_week
    return found
