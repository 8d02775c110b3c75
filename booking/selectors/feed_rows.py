"""What a feed shows: its rows a page at a time, and a fingerprint of them all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Aggregate,
    Count,
    DecimalField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.aggregates import Max

from booking.ics.events import STATUSES
from booking.models import Feed, History, Reservation, Series
from booking.models.reservation import ReservationQuerySet, Status
from booking.permissions import ASKER
from labs.models import Coverage, Resource

#: How long what is over stays in a calendar, and what was cancelled.
PAST = dt.timedelta(days=90)
CANCELLED_FOR = dt.timedelta(days=30)
#: So many are in memory at once.
PAGE_ROWS = 200
PAGE_SERIES = 20
JOINED = (
    "resource__site",
    "resource__effective_policy",
    "organisation",
    "requested_by",
)
ENDED = sorted(status for status, said in STATUSES.items() if said == "CANCELLED")
#: All of a row and of what it is joined with that can stand in an event, or decides
#: whether it may; the version counts what happens to the reservation itself.
TOLD = (
    *("pk", "version", "status", "starts_at", "ends_at", "purpose", "quantity"),
    *("cancel_by_at", "requested_by__name", "organisation__name"),
    *("organisation__name_bg", "resource__name", "resource__name_bg"),
    *("resource__site__name", "resource__site__name_bg", "resource__site__address"),
    *("resource__site__latitude", "resource__site__longitude"),
    *("resource__effective_policy__others_see", "resource__organisation_id"),
)


class Fingerprint(Aggregate):
    """A sum over rows, in whatever order, that another text in one of them changes."""

    function = "sum"
    template = "sum(hashtextextended(concat_ws('|', %(expressions)s), 0)::numeric)"
    output_field = DecimalField()


@dataclass(frozen=True, slots=True)
class State:
    """What a feed says now: a fingerprint, its zones, from when until when."""

    fingerprint: str
    zones: tuple[str, ...]
    first: dt.datetime
    last: dt.datetime


def _scope(feed: Feed) -> Q:
    if feed.person_id is not None:
        return ASKER.rows(feed.made_by) or Q()
    if feed.organisation_id is not None:
        hosted = Resource.objects.filter(organisation=feed.organisation_id)
        of_host = Q(resource__in=hosted.values("pk"))
        return Q(organisation=feed.organisation_id) | of_host
    if feed.resource_id is not None:
        # With a hall its parts are taken, and with one of them the hall.
        units = Coverage.objects.filter(resource=feed.resource_id).values("unit")
        sharing = Coverage.objects.filter(unit__in=units).values("resource")
        return Q(resource=feed.resource_id) | Q(resource__in=sharing)
    places = Resource.objects.filter(site=feed.site_id)
    return Q(resource__in=places.values("pk"))


def _all_rows(feed: Feed, now: dt.datetime) -> ReservationQuerySet:
    lately = History.objects.filter(
        reservation=OuterRef("pk"),
        to_status=OuterRef("status"),
        at__gt=now - CANCELLED_FOR,
    )
    rows = Reservation.objects.exclude(status=Status.HELD).filter(_scope(feed))
    kept: ReservationQuerySet = rows.filter(
        ~Q(status__in=ENDED) | Exists(lately)
    ).select_related(*JOINED)
    return kept


def feed_rows(feed: Feed, now: dt.datetime) -> ReservationQuerySet:
    """Return what the feed shows: of the last 90 days, and all that is ahead.

    What came to nothing for 30 days after it did; what is only held never.
    """
    return _all_rows(feed, now).filter(starts_at__gt=now - PAST)


def feed_state(feed: Feed, now: dt.datetime) -> State:
    """Return it; one query, that reads each row and writes none of them down."""
    found = (
        feed_rows(feed, now)
        .order_by()
        .aggregate(
            rows=Count("pk"),
            print=Fingerprint(*(F(name) for name in TOLD)),
            first=Min("starts_at"),
            last=Max("ends_at"),
            zones=ArrayAgg("resource__site__time_zone", distinct=True, default=[]),
        )
    )
    viewer, owner = feed.made_by, feed.owner
    known = (
        *(found["rows"], found["print"], feed.shows, str(owner), viewer.language),
        *(viewer.is_hub_staff, sorted(viewer.roles.items())),
    )
    return State(
        hashlib.sha256(repr(known).encode()).hexdigest(),
        tuple(found["zones"]),
        found["first"] or now,
        found["last"] or now,
    )


def single_rows(feed: Feed, now: dt.datetime) -> Iterator[list[Reservation]]:
    """Yield those of no series, a page at a time; a query each.

    By key and not by a cursor, which would need the session that a pooler in
    transaction mode gives to another.
    """
    rows = feed_rows(feed, now).filter(series=None).order_by("pk")
    last = 0
    while page := list(rows.filter(pk__gt=last)[:PAGE_ROWS]):
        yield page
        last = page[-1].pk


def series_rows(
    feed: Feed, now: dt.datetime
) -> Iterator[list[tuple[Series, list[Reservation]]]]:
    """Yield series with all their dates that the feed may show, some at a time.

    Also those before what the feed shows, since a rule begins at its first date.
    """
    shown = feed_rows(feed, now).filter(series__isnull=False).order_by("series")
    last = 0
    while True:
        after = shown.filter(series__gt=last).values_list("series", flat=True)
        numbers = list(after.distinct()[:PAGE_SERIES])
        if not numbers:
            return
        yield _with_dates(feed, now, numbers)
        last = numbers[-1]


def _with_dates(
    feed: Feed, now: dt.datetime, numbers: list[int]
) -> list[tuple[Series, list[Reservation]]]:
    rows: QuerySet[Reservation] = _all_rows(feed, now).filter(series__in=numbers)
    dates: dict[Any, list[Reservation]] = {number: [] for number in numbers}
    for row in rows.select_related(*JOINED, "series_date").order_by("starts_at", "pk"):
        dates[row.series_id].append(row)
    found = Series.objects.select_related("resource__site").in_bulk(numbers)
    return [(found[number], dates[number]) for number in numbers]
