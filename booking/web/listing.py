"""The list of reservations: whose, which of them, in what order, and what is next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.expander import to_wall
from booking.models import Reservation
from booking.models.reservation import OCCUPYING, ReservationQuerySet
from booking.periods import Period
from booking.selectors.again import WORTH_REPEATING, again_slots
from booking.selectors.reservations import reservations_visible_to
from booking.web import queue
from booking.web.forms.listing import ListForm
from booking.web.links import reserve_url, when_values
from booking.web.requests import page_of
from labs.models import Resource, User

MINE, OURS, HOSTED = "mine", "organisation", "resources"


@dataclass(frozen=True, slots=True)
class Tab:
    of: str
    title: StrOrPromise


def tabs_of(viewer: User) -> list[Tab]:
    """Return whose reservations this person may list."""
    tabs = [Tab(MINE, _("My reservations"))]
    if viewer.roles:
        tabs.append(Tab(OURS, _("My organisation’s")))
    if viewer.is_hub_staff:
        tabs.append(Tab(HOSTED, _("All reservations")))
    elif queue.manages(viewer):
        tabs.append(Tab(HOSTED, _("Reservations of my resources")))
    return tabs


def rows_of(viewer: User, of: str) -> ReservationQuerySet:
    rows = reservations_visible_to(viewer)
    if of == OURS:
        return rows.filter(organisation_id__in=viewer.roles)
    if of == HOSTED and viewer.is_hub_staff:
        return rows
    if of == HOSTED:
        return rows.filter(resource__organisation_id__in=viewer.managed_ids)
    return rows.filter(requested_by=viewer)


def in_order(rows: ReservationQuerySet, now: dt.datetime) -> ReservationQuerySet:
    """What is to come, the soonest first; then what is over, the latest first."""
    to_come = Q(status__in=OCCUPYING, ends_at__gt=now)
    is_over = Case(When(to_come, then=False), default=True)
    return rows.annotate(is_over=is_over).order_by(
        "is_over",
        Case(When(to_come, then=F("starts_at"))).asc(nulls_last=True),
        "-starts_at",
        "pk",
    )


def listed(request: HttpRequest, viewer: User, now: dt.datetime) -> dict[str, Any]:
    """Return the context of the list that the address asks for."""
    tabs = tabs_of(viewer)
    shown = {tab.of: tab for tab in tabs}
    tab = shown.get(request.GET.get("of", ""), tabs[0])
    rows = rows_of(viewer, tab.of)
    known = Resource.objects.filter(pk__in=rows.order_by().values("resource"))
    form = ListForm(request.GET, resources=known.order_by("name", "pk"))
    wanted = form.wanted()
    found = in_order(rows.filter(**wanted).with_parts(), now)
    page = page_of(request, found)
    again = {} if tab.of == HOSTED else again_slots(_repeatable(page), now)
    return {
        "tabs": tabs,
        "tab": tab,
        "form": form,
        "is_filtered": bool(wanted),
        "page": page,
        "rows": [_row(each, again) for each in page],
    }


def _repeatable(page: Any) -> list[Reservation]:
    return [each for each in page if each.status in WORTH_REPEATING]


def _row(reservation: Any, again: dict[int, Period]) -> dict[str, Any]:
    zone = reservation.resource.site.zone
    return {
        "reservation": reservation,
        "zone": zone,
        "is_over": reservation.is_over,
        "day": to_wall(reservation.starts_at, zone).date(),
        "again": again_url(reservation, again.get(reservation.pk)),
    }


def again_url(reservation: Reservation, slot: Period | None) -> str:
    """Return the form's address with all as it was, for that slot; "" where none is."""
    if slot is None:
        return ""
    return reserve_url(
        reservation.resource.slug,
        when_values(slot.start, slot.end, reservation.resource.site.zone),
        people=reservation.people,
        quantity=reservation.quantity,
        organisation=reservation.organisation.slug,
        purpose=reservation.purpose,
    )
