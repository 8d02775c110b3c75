"""When everything in the browser's tests happens: always on the same Tuesday morning.

The clock stands still, in the tests, in the web server and in the browser, so that no
page depends on the hour at which somebody runs them. A test that needs time to have
passed moves the times in its rows.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MOMENT = dt.datetime(2026, 10, 13, 11, 20, tzinfo=ZoneInfo("Europe/Sofia")).astimezone(
    dt.UTC
)


def now() -> dt.datetime:
    return MOMENT
