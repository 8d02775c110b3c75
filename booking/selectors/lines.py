"""The waiting lists: who is in line for what, and which time there is for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from booking.models import EffectivePolicy, Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.models.waiting import WaitingQuerySet
from booking.periods import Period, subtract
from booking.selectors.alternatives import nearest, on_grid_near
from booking.selectors.finding import Search, free_slots
from config.errors import Missing
from labs.models import Resource, User


def sharing_with(resource_ids: Iterable[int]) -> QuerySet[Resource]:
    """Return these resources and those that share a unit with any of them."""
    covered = {"coverage__unit__coverage__resource__in": list(resource_ids)}
    return Resource.objects.filter(**covered).order_by("pk").distinct()


def is_waited_for(resource_ids: Iterable[int]) -> bool:
    """Whether anybody waits for these, or for what shares a unit with them."""
    shared = sharing_with(resource_ids).order_by().values("pk")
    return WaitingEntry.objects.waiting().filter(resource__in=shared).exists()


def places_in(
    slots: Iterable[Period],
    passed: Iterable[Period],
    minutes: int,
    grid_minutes: int,
    zone: ZoneInfo,
    near: dt.datetime | None = None,
) -> list[Period]:
    """Return places of that length, the first of each gap or those near an instant.

    Pure. What somebody has passed once is not offered to them again.
    """
    left = [gap for slot in slots for gap in subtract([slot], passed)]
    length = dt.timedelta(minutes=minutes)
    if near is not None:
        return nearest(left, Period(near, near + length), grid_minutes, zone)
    first = (
        on_grid_near(gap, Period(gap.start, gap.start + length), grid_minutes, zone)
        for gap in left
    )
    return [place for place in first if place is not None]


def places_for(
    entry: WaitingEntry,
    now: dt.datetime,
    near: dt.datetime | None = None,
    apart_from: Reservation | None = None,
) -> list[Period]:
    """Return where an entry could go within its window; three queries.

    Whether it is free is one statement. `apart_from` would be given up for it.
    """
    policy = EffectivePolicy.objects.select_related("resource__site").get(
        resource=entry.resource_id
    )
    search = Search(
        max(now, entry.window_starts_at),
        entry.window_ends_at,
        entry.minutes,
        entry.quantity,
        apart_from.pk if apart_from else None,
        guests=(entry.organisation_id,),
    )
    if search.start >= search.end:
        return []
    here = entry.offers.filter(resource=entry.resource_id)
    passed = here.filter(status=Status.CANCELLED)
    return places_in(
        free_slots(policy.resource, search, now),
        [Period(*pair) for pair in passed.values_list("starts_at", "ends_at")],
        entry.minutes,
        policy.start_grid_minutes,
        policy.resource.site.zone,
        near,
    )


def lines_visible_to(user: User) -> WaitingQuerySet:
    """Return entries that the user may see, with their place and what is offered.

    `place` counts those who came earlier for the same resource and want some of the
    same time; `open_offers` has at most one. Two queries.
    """
    earlier = WaitingEntry.objects.waiting().filter(
        resource=OuterRef("resource"),
        created_at__lt=OuterRef("created_at"),
        window_starts_at__lt=OuterRef("window_ends_at"),
        window_ends_at__gt=OuterRef("window_starts_at"),
    )
    counted = earlier.order_by().values("resource").annotate(n=Count("pk")).values("n")
    held = Reservation.objects.filter(status=Status.HELD)
    rows: WaitingQuerySet = (
        WaitingEntry.objects.visible_to(user)
        .select_related("resource__site", "resource__organisation", "organisation")
        .select_related("person")
        .prefetch_related(Prefetch("offers", held, to_attr="open_offers"))
        .annotate(place=Coalesce(Subquery(counted), 0) + 1)
    )
    return rows


def entry_get(user: User, reference: str) -> WaitingEntry:
    """Return one that the user may see; raises Missing (404)."""
    found = lines_visible_to(user).filter(reference=reference).first()
    if found is None:
        raise Missing
    return found
