"""Series to try things with: weekly from tomorrow at ten, unless told otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from booking.expander import to_wall
from booking.models import Series, SeriesDate
from booking.series import Pattern, Repeats
from booking.services.series import SeriesWish, series_create
from labs.models import Resource, User
from tests.factories import SOFIA, tomorrow_at


def pattern(hour: int = 10, count: int | None = 4, **given: Any) -> Pattern:
    first = to_wall(tomorrow_at(hour), SOFIA)
    repeats = given.pop("repeats", Repeats.WEEKLY)
    known: dict[str, Any] = {"first": first, "minutes": 60, "count": count}
    return Pattern(repeats, **known | given)


def series_wish(of: Resource, by: User, **given: Any) -> SeriesWish:
    membership = by.memberships.select_related("organisation").first()
    slug = membership.organisation.slug if membership else ""
    known: dict[str, Any] = {"purpose": "Every week", "organisation_slug": slug}
    for name in ("people", "quantity", "organisation_slug", "purpose", "answers"):
        if name in given:
            known[name] = given.pop(name)
    return SeriesWish(resource_slug=of.slug, pattern=pattern(**given), **known)


def reserve_series(
    of: Resource, by: User, *, keep: bool = False, **given: Any
) -> Series:
    return series_create(actor=by, wish=series_wish(of, by, **given), keep=keep)


def states(of: Series) -> list[str]:
    return list(of.dates.order_by("number").values_list("state", flat=True))


def date_of(of: Series, number: int) -> SeriesDate:
    return of.dates.select_related("reservation").get(number=number)


def week(n: int = 1) -> dt.timedelta:
    return dt.timedelta(weeks=n)
