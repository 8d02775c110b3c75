"""What a resource's opening hours look like to somebody with a clock on the wall."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core import serializers

from booking.expander import to_wall
from booking.models import OpenPeriod
from booking.services.open_periods import open_periods_rebuild_all
from booking.weekly import at_wall
from labs.models import Resource
from tests.factories import SOFIA

#: A Monday, at eight in Sofia; summer time begins on the 28th.
MONDAY = dt.datetime(2027, 3, 1, 6, tzinfo=dt.UTC)
TODAY = dt.date(2027, 3, 1)
DAY = dt.timedelta(days=1)


def march(day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """An hour of a day of March 2027 by the clock in Sofia, in UTC."""
    return at_wall(dt.date(2027, 3, day), hour * 60 + minute, SOFIA)


def on(resource: Resource, day: dt.date | int) -> list[str]:
    """When it is open on a date (of March 2027), as in ["09:00–18:00"]."""
    date = dt.date(2027, 3, day) if isinstance(day, int) else day
    return days_of(resource, date, 1)[0]


def days_of(resource: Resource, first: dt.date, count: int) -> list[list[str]]:
    """When it is open on each of so many dates."""
    zone = resource.site.zone
    midnights = [at_wall(first + n * DAY, 0, zone) for n in range(count + 1)]
    rows = OpenPeriod.objects.filter(
        resource=resource, during__overlap=(midnights[0], midnights[-1])
    )
    opened = [(row.during.lower, row.during.upper) for row in rows.order_by("during")]
    return [
        [
            f"{_clock(max(lower, start), start, zone)}–{_clock(upper, start, zone)}"
            for lower, upper in opened
            if lower < end and upper > start
        ]
        for start, end in pairwise(midnights)
    ]


def _clock(instant: dt.datetime, midnight: dt.datetime, zone: ZoneInfo) -> str:
    """The time on that date; 24:00 from its end on."""
    wall = to_wall(instant, zone)
    same = wall.date() == to_wall(midnight, zone).date()
    return f"{wall:%H:%M}" if same else "24:00"


def projection() -> list[tuple[int, dt.datetime, dt.datetime]]:
    """Every open period there is."""
    rows = OpenPeriod.objects.order_by("resource_id", "during")
    return [(row.resource_id, row.during.lower, row.during.upper) for row in rows]


def assert_projection_is_current() -> None:
    """Dropped and rebuilt it is the same."""
    kept = projection()
    OpenPeriod.objects.all().delete()
    open_periods_rebuild_all()
    assert projection() == kept


def published() -> set[str]:
    """Every row that is about hours, to see whether any of them changed."""
    models = [
        model
        for label in ("schedule", "booking")
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed and model is not OpenPeriod
    ]
    rows = {
        serializers.serialize("json", [row])
        for model in models
        for row in model._default_manager.all()
    }
    return rows | {str(row) for row in projection()}
