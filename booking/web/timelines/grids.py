"""Lanes that share their hours: a site's resources on a day, or one's days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from booking.expander import to_wall
from booking.periods import Period
from booking.segments import QUARTER, ceil, column_of, columns
from booking.web.timelines.cells import Cell, Scene, cells_of
from booking.web.timelines.sources import Known, Source, day_of
from booking.web.wall import clock_at
from booking.weekly import at_wall
from booking.words import hours_text
from labs.models import Resource, Site

#: Shown at least, in hours of the day.
USUAL_HOURS = (8, 20)


class Hour(NamedTuple):
    """What the clock shows, and its zone's name where it shows that twice."""

    clock: str
    zone: str
    at: int
    span: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One resource's day. `key` is its own within a page."""

    key: str
    resource: Resource
    day: dt.date
    span: Period
    column: dt.timedelta
    cells: list[Cell]

    @property
    def clocks(self) -> str:
        """What the clock shows where each column begins, and where the last ends."""
        return " ".join(column_clocks(self.span, self.column, self.resource.site.zone))

    @property
    def column_minutes(self) -> int:
        return int(self.column.total_seconds() // 60)

    @property
    def change(self) -> str:
        """What to know of a day on which the clocks change; empty on others."""
        day = day_of(self.day, self.resource.site.zone)
        hours = (day.end - day.start) / dt.timedelta(hours=1)
        if hours == 24:
            return ""
        return _("%(hours)s today: the clocks change") % {
            "hours": hours_text(int(hours * 60))
        }

    @property
    def columns(self) -> int:
        return (self.span.end - self.span.start) // self.column

    @property
    def hours(self) -> list[Hour]:
        zone = self.resource.site.zone
        shown = list(columns(self.span, self.column))[:-1]
        marks = [
            number
            for number, at in enumerate(shown)
            if not number or not to_wall(at, zone).minute
        ]
        texts = [clock_at(shown[at], zone) for at in marks]
        ends = [*marks[1:], len(shown)]
        return [
            Hour(
                text,
                str(shown[at].astimezone(zone).tzname()) * (texts.count(text) > 1),
                at,
                end - at,
            )
            for text, at, end in zip(texts, marks, ends, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Grid:
    """A site's lanes; all have the columns of the first."""

    site: Site
    lanes: list[Lane]

    @property
    def start(self) -> dt.datetime:
        return self.lanes[0].span.start


def column_clocks(span: Period, column: dt.timedelta, zone: ZoneInfo) -> Iterator[str]:
    for at in columns(span, column):
        clock = clock_at(at, zone)
        yield "24:00" if at == span.end and clock == "00:00" else clock


def hours_shown(
    days: Iterable[tuple[dt.date, Iterable[Period]]], zone: ZoneInfo
) -> tuple[int, int]:
    """Return from which hour until which every one of these periods is in sight."""
    first, last = USUAL_HOURS
    for day, periods in days:
        whole = day_of(day, zone)
        for period in periods:
            start, end = max(period.start, whole.start), min(period.end, whole.end)
            if start >= end:
                continue
            first = min(first, to_wall(start, zone).hour)
            until = to_wall(end, zone)
            hours = until.hour + bool(until.minute)
            last = max(last, 24 if end == whole.end else hours)
    return first, last


def day_grids(
    sources: Sequence[Source], day: dt.date, known: Known, now: dt.datetime
) -> list[Grid]:
    """Return a grid for each site, by name; sites of one zone show the same hours."""
    hours: dict[str, tuple[int, int]] = {}
    for name, group in _grouped(sources, lambda each: each.resource.site.time_zone):
        days = [(day, source.busy) for source in group]
        hours[name] = hours_shown(days, ZoneInfo(name))
    grids = []
    for _key, group in _grouped(sources, lambda each: each.resource.site.slug):
        site = group[0].resource.site
        span = _span(day, hours[site.time_zone], site.zone)
        pairs = [(source, day, span) for source in group]
        lanes = _lanes(pairs, known, now, [each.resource.slug for each in group])
        grids.append(Grid(site, lanes))
    return sorted(grids, key=lambda grid: (grid.site.local_name, grid.site.pk))


def week_grid(
    source: Source, days: Sequence[dt.date], known: Known, now: dt.datetime
) -> Grid:
    """Return one resource's days."""
    site = source.resource.site
    hours = hours_shown([(day, source.busy) for day in days], site.zone)
    triples = [(source, day, _span(day, hours, site.zone)) for day in days]
    return Grid(site, _lanes(triples, known, now, [str(day) for day in days]))


def _grouped(
    sources: Iterable[Source], key: Callable[[Source], str]
) -> Iterator[tuple[str, list[Source]]]:
    for name, group in groupby(sorted(sources, key=key), key):
        yield name, list(group)


def _span(day: dt.date, hours: tuple[int, int], zone: ZoneInfo) -> Period:
    first, last = hours
    return Period(at_wall(day, first * 60, zone), at_wall(day, last * 60, zone))


def _lanes(
    shown: Sequence[tuple[Source, dt.date, Period]],
    known: Known,
    now: dt.datetime,
    keys: Sequence[str],
) -> list[Lane]:
    cut = ceil(now, QUARTER)
    found = [source.segments(span, cut) for source, _day, span in shown]
    column = min(
        column_of(span, row)
        for (_source, _day, span), row in zip(shown, found, strict=True)
    )
    zone = shown[0][0].resource.site.zone
    scene = Scene(zone, column, now, cut, known)
    return [
        Lane(
            key,
            source.resource,
            day,
            span,
            column,
            cells_of(key, source, row, span, scene),
        )
        for key, (source, day, span), row in zip(keys, shown, found, strict=True)
    ]


def week_rows(grid: Grid) -> list[tuple[Hour | None, list[Cell]]]:
    """Return a table's rows: the hour that begins there, and the cells that do.

    Where a day is an hour shorter than another one, its lane ends in an empty cell.
    """
    longest = max(grid.lanes, key=lambda lane: lane.columns)
    hours = {hour.at: hour for hour in longest.hours}
    rows: list[tuple[Hour | None, list[Cell]]] = [
        (hours.get(number), []) for number in range(longest.columns)
    ]
    for lane in grid.lanes:
        for cell in lane.cells:
            rows[cell.at][1].append(cell)
        if rest := longest.columns - lane.columns:
            at = lane.columns
            empty = Cell(lane.key, "none", at, rest, longest.columns, "", "")
            rows[at][1].append(empty)
    return rows
