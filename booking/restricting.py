"""Hours of the week that only some may use, and whom they keep out; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from booking.expander import from_wall
from booking.questions import local
from booking.weekly import DAYS, format_clock
from booking.words import weekdays_text

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Restricted:
    """Minutes after midnight on some days, and who may use them, each by its names.

    `admits`: whether the party is one of them.
    """

    days: tuple[str, ...]
    starts: int
    ends: int
    who: tuple[Mapping[str, str], ...] = ()
    admits: bool = False
    pk: int | None = None

    @property
    def names(self) -> list[str]:
        return [local(each) for each in self.who]

    @property
    def hours_text(self) -> str:
        """Return such as Mon, Tue, 18:00–22:00."""
        hours = f"{format_clock(self.starts)}–{format_clock(self.ends)}"
        return f"{weekdays_text(self.days)}, {hours}"

    @property
    def text(self) -> str:
        return _("%(hours)s: only %(names)s") % {
            "hours": self.hours_text,
            "names": ", ".join(self.names),
        }

    def touches(self, start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> bool:
        """Whether some of that time lies in them, by the clock on the wall."""
        first = start.astimezone(zone).date()
        number = (end.astimezone(zone).date() - first).days + 1
        days = (first + n * DAY for n in range(number))
        return any(
            self._at(day, self.starts, zone) < end
            and start < self._at(day, self.ends, zone)
            for day in days
            if DAYS[day.weekday()] in self.days
        )

    def _at(self, day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
        midnight = dt.datetime.combine(day, dt.time())
        return from_wall(midnight + dt.timedelta(minutes=minutes), zone)


def restricted_of(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Restricted, ...]:
    """Return what the query says of each."""
    return tuple(
        Restricted(
            **{**row, "days": tuple(row["days"]), "who": tuple(row["who"] or ())}
        )
        for row in rows or ()
    )


def touched(
    restricted: Iterable[Restricted],
    start: dt.datetime,
    end: dt.datetime,
    zone: ZoneInfo,
) -> list[Restricted]:
    return [each for each in restricted if each.touches(start, end, zone)]


def keeping_out(hit: Iterable[Restricted]) -> list[Restricted]:
    """Return those that do not admit the party; each must."""
    return [each for each in hit if not each.admits]


def _keeping_out_text(out: Sequence[Restricted]) -> str:
    return " ".join(f"{each.text}." for each in out)


def keeping_out_text(out: Sequence[Restricted]) -> StrOrPromise:
    """Return which hours are whose, in the language of who reads it."""
    text: StrOrPromise = lazy(_keeping_out_text, str)(out)
    return text
