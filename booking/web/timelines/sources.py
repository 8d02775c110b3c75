"""One resource's times as the viewer may see them, ready to be cut into segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking.models import AvailabilityRule, Reservation
from booking.periods import Period
from booking.segments import Closing, Segment, Use, segments, uses_of
from booking.selectors.hours import closures_during
from booking.selectors.timeline import FURTHEST, timeline_day, timeline_of
from booking.visibility import closure_seen_by
from booking.weekly import at_wall
from labs.models import Organisation, Resource, User

Viewer = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Source:
    """A resource, when it is open, and what takes its units then."""

    resource: Resource
    units: int
    opened: list[Period]
    uses: list[Use]
    closings: list[Closing] = field(default_factory=list)

    def segments(self, span: Period, cut: dt.datetime | None = None) -> list[Segment]:
        return segments(
            span,
            opened=self.opened,
            uses=self.uses,
            closings=self.closings,
            units=self.units,
            is_pool=self.resource.is_pool,
            cut=cut,
        )

    @property
    def busy(self) -> Iterable[Period]:
        """Whatever must be seen: all of it, opened or taken."""
        return (*self.opened, *(use.period for use in self.uses))


def day_of(day: dt.date, zone: ZoneInfo) -> Period:
    """Return the day by the clock on the wall there, 23 or 25 hours long if it is."""
    return Period(at_wall(day, 0, zone), at_wall(day, 1440, zone))


def sources_of_all(
    viewer: Viewer, resources: Sequence[Resource], day: dt.date, days: int = 1
) -> list[Source]:
    """Return every resource's day, or days, by its name; three queries.

    The resources come with their site, organisation and effective policy.
    """
    if not resources:
        return []
    by_slug = {resource.slug: resource for resource in resources}
    wanted = Resource.objects.filter(pk__in=[each.pk for each in resources])
    rows = timeline_day(viewer, wanted, day, days=days)
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    end = midnight + FURTHEST + dt.timedelta(days=days)
    closings = _closings(viewer, resources, midnight - FURTHEST, end)
    return [_source(row, by_slug[row["resource"]], closings) for row in rows]


def source_of_one(viewer: Viewer, resource: Resource, span: Period) -> Source:
    """Return one resource's times in any period; three queries."""
    row = timeline_of(viewer, resource, *span)
    return _source(row, resource, _closings(viewer, [resource], *span))


def _source(
    row: dict[str, Any], resource: Resource, closings: dict[int, list[Closing]]
) -> Source:
    opened = [
        Period(*(dt.datetime.fromisoformat(each[n]) for n in ("starts_at", "ends_at")))
        for each in row["open"]
    ]
    uses = uses_of(row["taken"])
    return Source(resource, row["units"], opened, uses, closings.get(resource.pk, []))


def _closings(
    viewer: Viewer, resources: Iterable[Resource], start: dt.datetime, end: dt.datetime
) -> dict[int, list[Closing]]:
    hosts = {resource.pk: resource.organisation_id for resource in resources}
    found: dict[int, list[Closing]] = {}
    for resource_id, closure in closures_during(start, end):
        if resource_id in hosts:
            seen = closure_seen_by(viewer, closure, hosts[resource_id])
            period = Period(seen.event.start, seen.event.end)
            closing = Closing(period, closed_because(seen))
            found.setdefault(resource_id, []).append(closing)
    return found


def closed_because(closure: AvailabilityRule) -> str:
    """Return in words why, as far as the closure says."""
    note = (get_language() == "bg" and closure.note_bg) or closure.note
    if closure.reason == AvailabilityRule.Reason.OTHER:
        return note or _("Closed")
    reason = closure.get_reason_display()
    return f"{reason}: {note}" if note else reason


@dataclass(frozen=True, slots=True)
class Known:
    """What is shown of reservations beside what their timeline says.

    `names` of organisations by slug; `versions`, by reference and resource, of what the
    viewer may move; `mine`, the references of the viewer's organisations.
    """

    names: dict[str, str]
    versions: dict[tuple[str, int], int]
    mine: set[str]


def known_of(viewer: Viewer, sources: Sequence[Source], now: dt.datetime) -> Known:
    """Return what is known of all that the sources show; two queries at most."""
    seen = [use.taken for source in sources for use in source.uses]
    if not (seen and viewer.is_authenticated):
        return Known({}, {}, set())
    slugs = {taken["organisation"] for taken in seen if "organisation" in taken}
    seen = [taken for taken in seen if "reference" in taken]
    names = Organisation.objects.filter(slug__in=slugs).only("slug", "name", "name_bg")
    own = {each.slug for each in names if each.pk in viewer.roles}
    # Rows, not models: a day has hundreds.
    references = [taken["reference"] for taken in seen]
    # One value, not hundreds, which would take longer to compose than to answer.
    named = RawSQL("SELECT unnest(%s::text[])", [references])
    shown = Reservation.objects.filter(reference__in=named)
    rows = shown.with_movable(viewer, now).order_by()
    return Known(
        names={each.slug: each.local_name for each in names},
        versions={
            (reference, resource_id): version
            for reference, resource_id, version, is_movable in rows.values_list(  # type: ignore[misc]
                "reference", "resource_id", "version", "is_movable"
            )
            if is_movable
        },
        mine={taken["reference"] for taken in seen if taken["organisation"] in own},
    )
