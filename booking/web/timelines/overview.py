"""A day of a resource in a few words and a bar, for weeks and months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking import words
from booking.periods import Period
from booking.segments import QUARTER, Segment, ceil
from booking.web.timelines.sources import Source


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's bar, in minutes after its beginning."""

    kind: str
    at: int
    minutes: int


@dataclass(frozen=True, slots=True)
class DayInWords:
    """`kind` is one of over, closed, full, free; `count` of what is reserved."""

    day: dt.date
    kind: str
    text: str
    count: int
    bars: list[Bar]
    minutes: int
    is_today: bool


def day_in_words(
    source: Source, day: dt.date, span: Period, now: dt.datetime
) -> DayInWords:
    """Return what is free from now on, and what of the whole span is taken."""
    cut = ceil(now, QUARTER)
    found = source.segments(span, cut)
    free = sum(each.minutes for each in found if each.is_free and each.period.end > cut)
    is_closed = not any(each.is_open or each.uses for each in found)
    if span.end <= now:
        kind, text = "over", _("Over")
    elif free:
        kind, text = "free", _("%(hours)s free") % {"hours": words.hours_text(free)}
    elif is_closed:
        kind, text = "closed", next((e.why for e in found if e.why), _("Closed"))
    else:
        kind, text = "full", _("Full")
    taken = [use for use in source.uses if not use.is_turnaround]
    return DayInWords(
        day,
        kind,
        text,
        sum(use.period.overlaps(span) for use in taken),
        [_bar(each, span) for each in found if not each.is_free],
        int((span.end - span.start).total_seconds() // 60),
        span.start <= now < span.end,
    )


def _bar(segment: Segment, span: Period) -> Bar:
    at = int((segment.period.start - span.start).total_seconds() // 60)
    kind = "taken" if segment.uses else "closed"
    if segment.uses and all(use.taken["pending"] for use in segment.uses):
        kind = "waits"
    return Bar(kind, at, segment.minutes)
