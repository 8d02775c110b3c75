"""The one place that asks what time it is, so that tests can say."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """Return the present instant, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Return the date in the hub's zone."""
    return now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
