"""A segment as a cell: what it says, how it looks, where it leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.expander import to_wall
from booking.models.reservation import Status
from booking.periods import Period
from booking.segments import Segment, Use
from booking.web.forms.finding import USUAL_MINUTES
from booking.web.links import when_values
from booking.web.timelines.sources import Known, Source
from booking.web.wall import clock_at, minutes_of

#: A longer gap leads to the form with the usual length, a shorter one with its own.
SHORT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind` is its class, `lane` the key of its lane; the others count columns.

    `room` says how far one may select from here, `present` where in it the present is.
    """

    lane: str
    kind: str
    at: int
    span: int
    room: int
    clocks: str
    text: str
    word: str = ""
    href: str = ""
    reference: str = ""
    version: int | None = None
    present: str = ""

    @property
    def end(self) -> int:
        return self.at + self.span


@dataclass(frozen=True, slots=True)
class Scene:
    """What all cells of a grid share."""

    zone: ZoneInfo
    column: dt.timedelta
    now: dt.datetime
    cut: dt.datetime
    known: Known
    # To look up an address or a translation for each of hundreds takes its time.
    reservation_url: str = field(
        default_factory=lambda: reverse("reservation", args=["REFERENCE"])
    )
    reserve_url: str = field(default_factory=lambda: reverse("reserve", args=["SLUG"]))
    statuses: dict[str, str] = field(
        default_factory=lambda: {each.value: str(each.label) for each in Status}
    )
    free: str = field(default_factory=lambda: _("Free"))
    over: str = field(default_factory=lambda: _("Over"))
    closed: str = field(default_factory=lambda: _("Closed"))


def cells_of(
    lane: str,
    source: Source,
    found: Sequence[Segment],
    span: Period,
    scene: Scene,
) -> list[Cell]:
    """Return the segments of a span as cells that tile its columns."""
    cells: list[Cell] = []
    after, room = None, span.end
    for segment in reversed(found):
        end = segment.period.end
        if not (after and after.is_free and segment.is_free) or end == scene.cut:
            room = end
        cells.append(_cell(lane, source, segment, Period(span.start, room), scene))
        after = segment
    return cells[::-1]


def _cell(
    lane: str, source: Source, segment: Segment, room: Period, scene: Scene
) -> Cell:
    """`room` is from where the columns begin until where one may select."""
    start, end = segment.period
    at, until, limit = (
        (edge - room.start) // scene.column for edge in (start, end, room.end)
    )
    kind, text, word = _words(source, segment, scene)
    uses = [use for use in segment.uses if not use.is_turnaround]
    only = uses[0] if len(uses) == 1 and not source.resource.is_pool else None
    reference = only.taken.get("reference", "") if only else ""
    href = ""
    if reference:
        href = scene.reservation_url.replace("REFERENCE", reference)
    if kind in {"free", "some"}:
        href = _reserve_href(source, start, room.end, scene)
        kind = kind if href else "rest"
    is_present = start <= scene.now < end
    return Cell(
        lane=lane,
        kind=f"{kind} mine" if reference in scene.known.mine else kind,
        at=at,
        span=until - at,
        room=limit,
        clocks=clocks(only.period if only else segment.period, scene.zone),
        text=text,
        word=word,
        href=href,
        reference=reference,
        version=scene.known.versions.get((reference, source.resource.pk)),
        present=f"{(scene.now - start) / scene.column:.2f}" if is_present else "",
    )


def _words(source: Source, segment: Segment, scene: Scene) -> tuple[str, str, str]:
    """Return the kind, what is there, and its status in a word."""
    uses = [use for use in segment.uses if not use.is_turnaround]
    is_over = segment.period.end <= scene.cut
    if source.resource.is_pool and (segment.is_open or segment.uses):
        count = ngettext(
            "%(free)d of %(units)d free", "%(free)d of %(units)d free", segment.free
        ) % {"free": segment.free, "units": source.units}
        named = dict.fromkeys(
            _name(use, scene) for use in uses if "organisation" in use.taken
        )
        kind = "full" if not segment.is_free else "past" if is_over else "some"
        return kind, count, ", ".join(named)
    if uses:
        return _taken_words(uses, scene)
    if segment.uses:
        return "turnaround", _("Turnaround"), ""
    if not segment.is_open:
        return "closed", segment.why or scene.closed, ""
    return ("past", scene.over, "") if is_over else ("free", scene.free, "")


def _name(use: Use, scene: Scene) -> str:
    # By its English name where it came to be called otherwise a moment ago.
    name = str(use.taken["organisation_name"])
    return scene.known.names.get(use.taken["organisation"], name)


def _taken_words(uses: list[Use], scene: Scene) -> tuple[str, str, str]:
    texts, kinds, labels = [], [], []
    for use in uses:
        taken = use.taken
        if "reference" in taken:
            texts.append(_name(use, scene))
            kinds.append(taken["status"])
            labels.append(scene.statuses[taken["status"]])
        elif "organisation" in taken:
            said = (_name(use, scene), taken.get("purpose", ""))
            texts.append(": ".join(part for part in said if part))
            kinds.append("busy")
        elif taken["pending"]:
            texts.append(_("Requested"))
            kinds.append("pending")
        else:
            texts.append(_("Taken"))
            kinds.append("busy")
    # Of a hall's parts the one that is surest to be there decides how it looks.
    kind = next((kind for kind in kinds if kind not in {"pending", "held"}), kinds[0])
    return kind, ", ".join(dict.fromkeys(texts)), ", ".join(dict.fromkeys(labels))


def clocks(period: Period, zone: ZoneInfo) -> str:
    """Return such as 10:00–12:00; the end of a day is 24:00."""
    start, end = (clock_at(edge, zone) for edge in period)
    return f"{start}–{'24:00' if end == '00:00' else end}"


def _reserve_href(
    source: Source, start: dt.datetime, room: dt.datetime, scene: Scene
) -> str:
    """Return the form's address with this time filled in; empty: too short for it."""
    resource, policy = source.resource, source.resource.effective_policy
    if not resource.is_published:
        return ""
    grid = policy.start_grid_minutes
    if early := -minutes_of(to_wall(start, scene.zone)) % grid:
        start += dt.timedelta(minutes=early)
    minutes = int((room - start).total_seconds() // 60) // grid * grid
    if minutes < policy.shortest_minutes:
        return ""
    if minutes > SHORT_MINUTES:
        minutes = min(minutes, USUAL_MINUTES)
    end = start + dt.timedelta(minutes=policy.length_near(minutes * 60))
    when = when_values(start, end, scene.zone)
    query = "&".join(f"{name}={value}" for name, value in when.items())
    form = scene.reserve_url.replace("SLUG", resource.slug)
    # Of days, clocks and lengths nothing else is to be quoted.
    return f"{form}?{query.replace(':', '%3A')}"
