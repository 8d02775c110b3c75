"""Scenarios: whole things in one call, by the product's own services."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from zoneinfo import ZoneInfo

from booking.models import Policy, Reservation
from booking.models.paths import Path
from booking.selectors.facts import Wish
from booking.services.availability import opening_hours_publish
from booking.services.reservations import reservation_reserve
from booking.weekly import DAYS, WeeklyHours
from config import clock
from labs.models import Coverage, Membership, Organisation, Resource, Site, Unit, User

SOFIA = ZoneInfo("Europe/Sofia")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ALL_DAY = (WeeklyHours(DAYS, 0, 1440),)
OFFICE_HOURS = (WeeklyHours(DAYS[:5], 9 * 60, 18 * 60),)

_number = itertools.count(1)


def organisation(**fields: Any) -> Organisation:
    n = next(_number)
    given: dict[str, Any] = {
        "slug": f"organisation-{n}",
        "name": f"Organisation {n}",
        "kind": Organisation.Kind.COMPANY,
    }
    return Organisation.objects.create(**given | fields)


def person(
    of: Organisation | None = None, role: str = Membership.Role.BOOKER, **fields: Any
) -> User:
    n = next(_number)
    given: dict[str, Any] = {
        "email": f"person-{n}@example.com",
        "name": f"Person {n}",
        "password": "a good long password",
    }
    user = User.objects.create_user(**given | fields)
    if of is not None:
        Membership.objects.create(user=user, organisation=of, role=role)
    return user


def staff(**fields: Any) -> User:
    return person(is_hub_staff=True, **fields)


def site(**fields: Any) -> Site:
    n = next(_number)
    given: dict[str, Any] = {
        "slug": f"site-{n}",
        "name": f"Site {n}",
        "address": "1 Tsar Osvoboditel Blvd, Sofia",
        "time_zone": "Europe/Sofia",
    }
    return Site.objects.create(**given | fields)


def resource(*, units: int = 1, **fields: Any) -> Resource:
    """A published lab with its units, and no hours."""
    n = next(_number)
    given: dict[str, Any] = {
        "slug": f"resource-{n}",
        "name": f"Resource {n}",
        "kind": Resource.Kind.LABORATORY,
        "people": 8,
        "listing": Resource.Listing.PUBLISHED,
        "is_pool": units > 1,
    }
    given.setdefault("organisation", fields.get("organisation") or organisation())
    given.setdefault("site", fields.get("site") or site())
    made = Resource.objects.create(**given | fields)
    for number in range(units):
        unit = Unit.objects.create(name=f"{made.name} {number + 1}")
        Coverage.objects.create(resource=made, unit=unit)
    return made


def hall(parts: list[Resource], **fields: Any) -> Resource:
    """A divisible hall that covers the units of its parts."""
    given = {"organisation": parts[0].organisation, "site": parts[0].site, **fields}
    made = resource(units=0, **given)
    made.parts.set(parts)
    for unit in Unit.objects.filter(resources__in=parts):
        Coverage.objects.create(resource=made, unit=unit)
    return made


def open_lab(
    *,
    hours: tuple[WeeklyHours, ...] = ALL_DAY,
    policy: dict[str, Any] | None = None,
    **fields: Any,
) -> Resource:
    """A published lab with hours (always open) and a policy (no approval)."""
    made = resource(**fields)
    set_policy(made, **policy or {})
    publish(made, hours)
    return made


def set_policy(of: Resource, **values: Any) -> Policy:
    if (needs := values.pop("needs_approval", None)) is not None:
        values["approval_path"] = Path.ANY if needs else Path.NONE
    given = {"approval_path": Path.NONE, "notice_minutes": 0, **values}
    return Policy.objects.update_or_create(resource=of, defaults=given)[0]


def publish(of: Resource, hours: tuple[WeeklyHours, ...] = ALL_DAY) -> None:
    opening_hours_publish(actor=staff(), resource_slug=of.slug, weekly=hours)


def tomorrow_at(hour: int, minute: int = 0, *, days: int = 1) -> dt.datetime:
    """An hour of tomorrow by the clock in Sofia, in UTC; `days` for another day."""
    day = (clock.now().astimezone(SOFIA) + days * DAY).date()
    wall = dt.datetime.combine(day, dt.time(hour, minute), SOFIA)
    return wall.astimezone(dt.UTC)


def wish(hour: int = 10, hours: float = 1, **fields: Any) -> Wish:
    starts_at = tomorrow_at(hour)
    return Wish(starts_at, starts_at + hours * HOUR, **fields)


def reserve(
    of: Resource, by: User, wanted: Wish | None = None, **fields: Any
) -> Reservation:
    """Reserve through the service, tomorrow at ten for an hour unless told."""
    membership = by.memberships.select_related("organisation").first()
    given: dict[str, Any] = {
        "organisation_slug": membership.organisation.slug if membership else "",
        "purpose": "Recording a pilot",
    }
    return reservation_reserve(
        actor=by, resource_slug=of.slug, wish=wanted or wish(), **given | fields
    )
