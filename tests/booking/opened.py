"""What a resource's opening hours look like to somebody with a clock on the wall."""

from __future__ import annotations

import datetime as dt

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
    zone = resource.site.zone
    midnight, next_midnight = at_wall(date, 0, zone), at_wall(date, 1440, zone)
    found = OpenPeriod.objects.filter(
        resource=resource, during__overlap=(midnight, next_midnight)
    )
    spans = []
    for row in found.order_by("during"):
        start = to_wall(max(row.during.lower, midnight), zone)
        end = to_wall(min(row.during.upper, next_midnight), zone)
        closes = f"{end:%H:%M}" if end.date() == date else "24:00"
        spans.append(f"{start:%H:%M}–{closes}")
    return spans


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
        serializers.serialize("json", [row]) for model in models
        for row in model._default_manager.all()
    }
    return rows | {str(row) for row in projection()}
