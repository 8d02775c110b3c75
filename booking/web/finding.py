"""What stands on Find's page: cards, what else there is, and once more what one had."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.expander import to_wall
from booking.models import Reservation
from booking.periods import Period
from booking.selectors.again import again_slots
from booking.selectors.finding import Slot, first_free, resources_free, slots_of_each
from booking.selectors.loosening import loosened
from booking.selectors.nearby import free_at, nearest_of_each
from booking.selectors.restricting import guests_of
from booking.selectors.strips import Strip, strips
from booking.web.bars import Drawing, drawings
from booking.web.forms.finding import FindForm
from booking.web.links import hours_value, join_url, reserve_url, when_values
from booking.web.requests import page_of
from booking.words import length_text
from config import clock
from labs.models import Resource, User

#: Cards on a page: each has a day to be drawn.
PAGE_CARDS = 20
#: How many that are taken are offered at another time of that day.
MOST_NEAR = 5
#: How many first free slots are offered where nothing is free as wanted.
MOST_SLOTS = 10


@dataclass
class Card:
    """A resource that is free as wanted, or near to it: then `is_near`."""

    resource: Resource
    period: Period
    url: str
    wait_url: str
    is_near: bool
    is_open: bool
    is_like_last: bool
    free: Period
    waiting: dt.timedelta | None
    drawing: Drawing
    needs: list[dict[str, Any]]


def findings(
    request: HttpRequest, viewer: User, form: FindForm, last: list[Reservation]
) -> dict[str, Any]:
    """Return what the page shows of a valid form; at most seven queries."""
    now, wish = clock.now(), form.wish()
    wanted = Period(wish.starts_at, wish.ends_at)
    resources = form.resources(viewer)
    free = resources_free(resources, wish, now, guests_of(viewer))
    free.sort(key=lambda each: not each.is_favourite)  # type: ignore[attr-defined]
    page = page_of(request, free, PAGE_CARDS)
    others = resources.exclude(pk__in=[each.pk for each in free])
    slots = _slots_that_day(viewer, form, others, now) if page.number == 1 else []
    near = nearest_of_each(slots, wanted, MOST_NEAR)
    nearby = resources.select_related("site", "organisation", "effective_policy")
    there = nearby.in_bulk([place.resource_id for place in near]) if near else {}
    places = [(each, wanted) for each in page]
    places += [(there[pk], place) for pk, place in near if pk in there]
    cards = _cards(form, places, last)
    context: dict[str, Any] = {
        "wish": wish,
        "is_over": wish.starts_at < now,
        "count": len(free),
        "found": _number(len(free)),
        "page": page,
        "cards": [card for card in cards if not card.is_near],
        "near": [card for card in cards if card.is_near],
        "legend": [
            ("open", _("open")),
            ("taken", _("taken")),
            ("wanted", _("as wanted")),
        ],
    }
    if not free:
        context["looser"] = _looser(viewer, form, slots, near[:1])
        context["days"] = _first_slots(viewer, form)
    return context


def _number(free: int) -> str:
    if not free:
        return _("Nothing is free")
    return ngettext("%(n)d is free", "%(n)d are free", free) % {"n": free}


def _slots_that_day(
    viewer: User, form: FindForm, resources: QuerySet[Resource], now: dt.datetime
) -> list[Slot]:
    search = form.search_that_day(now)
    if search is None:
        return []
    return slots_of_each(resources, replace(search, guests=guests_of(viewer)), now)


def _cards(
    form: FindForm, places: list[tuple[Resource, Period]], last: list[Reservation]
) -> list[Card]:
    shown = [resource for resource, _place in places]
    days = strips(shown, form.cleaned_data["day"], clock.now())
    wish = form.wish()
    wanted = Period(wish.starts_at, wish.ends_at)
    drawn = drawings([(days[each.pk], each.site.zone) for each in shown], wanted)
    sites = {reservation.resource.site_id for reservation in last}
    return [
        Card(
            resource,
            place,
            _reserve_url(form, resource, place),
            _wait_url(form, resource, wanted),
            place != wanted,
            any(each.contains(wanted) for each in days[resource.pk].open),
            resource.site_id in sites,
            _free_around(resource, days[resource.pk], place),
            days[resource.pk].waiting,
            drawing,
            resource.needs,  # type: ignore[attr-defined]
        )
        for (resource, place), drawing in zip(places, drawn, strict=True)
    ]


def _free_around(resource: Resource, strip: Strip, place: Period) -> Period:
    """Return how long it stays free; of a pool that may be one unit after the other."""
    longest = [] if resource.is_pool else strip.free
    return next((each for each in longest if each.contains(place)), place)


def _reserve_url(form: FindForm, resource: Resource, place: Period) -> str:
    when = when_values(place.start, place.end, resource.site.zone)
    return reserve_url(resource.slug, when, people=form.cleaned_data["people"])


def _wait_url(form: FindForm, resource: Resource, wanted: Period) -> str:
    when = when_values(wanted.start, wanted.end, resource.site.zone)
    return join_url(resource.slug, when, people=form.cleaned_data["people"])


def _looser(
    viewer: User, form: FindForm, slots: list[Slot], near: Iterable[Any]
) -> list[dict[str, Any]]:
    """Return what to change, each with how many that would find."""
    shorter = form.shorter()
    found = loosened(
        form.everything(viewer), form.filters(), form.wish(), shorter, clock.now()
    )
    rows: list[tuple[str, int, dict[str, Any]]] = []
    for place in near:
        when = when_values(place.period.start, place.period.end, form.zone)
        text = _("from %(time)s") % {"time": when["from"]}
        rows.append((text, free_at(slots, place.period), {"from": when["from"]}))
    minutes = form.shorter_minutes()
    text = _("for %(length)s") % {"length": length_text(minutes)}
    rows.append((text, found.shorter, {"hours": hours_value(minutes)}))
    people, number = found.people
    text = ngettext("for %(n)d person", "for %(n)d people", people) % {"n": people}
    rows.append((text, number, {"people": people}))
    rows += [
        (_without(name), number, {name: ""}) for name, number in found.without.items()
    ]
    return [
        {"text": text, "number": number, "url": form.url(**changes)}
        for text, number, changes in rows
        if number
    ]


def _without(name: str) -> str:
    return {
        "kind": _("of any kind"),
        "site": _("at any site"),
        "organisation": _("of any organisation"),
        "tag": _("with any tag"),
        "q": _("without the words"),
        "favourites": _("not only favourites"),
        "at_once": _("with approval too"),
        "qualified": _("that I may not use yet, too"),
    }[name]


def _first_slots(viewer: User, form: FindForm) -> list[dict[str, Any]]:
    """Return the first free slot of each resource, by the day of its site."""
    now, people = clock.now(), form.cleaned_data["people"]
    length = dt.timedelta(minutes=form.cleaned_data["hours"])
    rows = []
    search = replace(form.search(now), guests=guests_of(viewer))
    for slot in first_free(form.resources(viewer), search, now)[:MOST_SLOTS]:
        zone = form.sites[slot.site].zone
        ends_at = slot.starts_at + length
        when = when_values(slot.starts_at, ends_at, zone)
        rows.append(
            {
                "slot": slot,
                "site": form.sites[slot.site],
                "ends_at": ends_at,
                "day": to_wall(slot.starts_at, zone).date(),
                "url": reserve_url(slot.slug, when, people=people),
            }
        )
    days = itertools.groupby(rows, key=lambda row: row["day"])
    return [{"day": day, "rows": list(rows)} for day, rows in days]


def again_rows(last: list[Reservation], now: dt.datetime) -> list[dict[str, Any]]:
    """Return what one had last, at the next free same time, with all filled in."""
    slots = again_slots(last, now)
    return [
        {
            "reservation": each,
            "slot": slots[each.pk],
            "url": reserve_url(
                each.resource.slug,
                when_values(*slots[each.pk], each.resource.site.zone),
                people=each.people,
                quantity=each.quantity if each.resource.is_pool else "",
                organisation=each.organisation.slug,
                purpose=each.purpose,
            ),
        }
        for each in last
        if each.pk in slots
    ]
