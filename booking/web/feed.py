"""What calendars read at a secret address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from booking.ics.events import END
from booking.ics.feeds import Writer
from booking.models import Feed
from booking.selectors.feed_rows import (
    PAST,
    State,
    feed_state,
    series_rows,
    single_rows,
)
from booking.selectors.feeds import feed_find
from booking.series import LONGEST
from booking.services.feeds import feed_read
from config import clock
from config.errors import Missing


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Answer with the reservations, or that nothing changed; three queries for that."""
    found = feed_find(secret)
    if found is None:
        raise Missing
    now = clock.now()
    state = feed_state(found, now)
    feed_read(found, state.fingerprint, now)
    # Weak: what is written while it changes is not the same to the byte.
    etag = f'W/"{state.fingerprint}"'
    changed = int(found.changed_at.timestamp())
    unchanged = get_conditional_response(request, etag, changed)
    answer = unchanged or StreamingHttpResponse(
        _text(found, state, now),
        headers={
            "Content-Type": "text/calendar; charset=utf-8",
            "Content-Disposition": 'inline; filename="calendar.ics"',
        },
    )
    answer["ETag"], answer["Last-Modified"] = etag, http_date(changed)
    # It may be kept, but is asked for each time; and never by what others share.
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _text(feed: Feed, state: State, now: dt.datetime) -> Iterator[bytes]:
    writer = Writer(feed, now - PAST)
    # A series that is shown may have begun long before the rest.
    yield writer.head(state.zones, state.first - LONGEST, state.last)
    for rows in single_rows(feed, now):
        yield writer.singles(rows)
    for pairs in series_rows(feed, now):
        yield from writer.series(pairs)
    yield END
