"""Reads what the example hub is made of: the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from booking.weekly import DAYS, WeeklyHours, parse_clock

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class ResourceData:
    """A resource: what the catalogue says of it, its rules, and how it is used.

    `fields` go to the model as they are. `hours` are like "MO-FR 09:00-18:00"; `dates`
    are closures, or openings where they have no reason, `day`s or `workday`s from now.
    Reservations take one of `sessions` (minutes) or of `hire`; `demand` says how many
    there are, beside the usual, and `theme` (its slug, if it has none) what for.
    """

    slug: str
    organisation: str
    site: str
    theme: str
    fields: dict[str, Any]
    policy: dict[str, Any]
    hours: list[str]
    units: int = 1
    parts: list[str] = field(default_factory=list)
    holidays: bool = True
    dates: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    hire: dict[str, Any] = field(default_factory=dict)
    demand: float = 1.0

    @property
    def weekly(self) -> list[WeeklyHours]:
        return [weekly_hours(text) for text in self.hours]


@cache
def read(name: str) -> dict[str, Any]:
    """Return what `data/<name>.toml` holds."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def read_folder(name: str) -> list[dict[str, Any]]:
    """Return what each file of `data/<name>/` holds, in their order."""
    files = sorted(path.stem for path in (FOLDER / name).glob("*.toml"))
    return [read(f"{name}/{file}") for file in files]


def resources() -> list[ResourceData]:
    """Return all resources; a hall comes after its parts."""
    rows = [row for file in read_folder("resources") for row in file["resource"]]
    return [_resource(dict(row)) for row in rows]


def uses() -> dict[str, list[str]]:
    """Return for what themes each organisation reserves, by its slug."""
    return {row["slug"]: row["uses"] for row in read("organisations")["organisation"]}


def purposes(theme: str, language: str) -> list[str]:
    """Return what people of a language want with a resource of that theme."""
    found = [file[theme] for file in read_folder("purposes") if theme in file]
    texts: list[str] = found[0][language]
    return texts


def _resource(row: dict[str, Any]) -> ResourceData:
    ours = ResourceData.__dataclass_fields__.keys() & row.keys()
    given = {"theme": row["slug"]} | {name: row.pop(name) for name in ours}
    return ResourceData(fields=row, **given)


def weekly_hours(text: str) -> WeeklyHours:
    """Return the hours that "MO-FR 09:00-18:00" or "SA 10:00-16:00" says."""
    days, times = text.split()
    first, _dash, last = days.partition("-")
    opens, closes = times.split("-")
    span = DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]
    return WeeklyHours(span, parse_clock(opens), parse_clock(closes))


def demo_emails() -> dict[str, str]:
    """Return the addresses of the four people, by the part they play."""
    emails: dict[str, str] = read("people")["demo"]
    return emails
