from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking.web.forms.base import PageForm
from booking.web.forms.fields import QUARTER_MINUTES, ClockField, DayField
from booking.web.forms.week import (
    MOST_SPANS,
    Week,
    names_of,
    week_changed,
    week_published,
    week_typed,
)
from booking.weekly import DAYS, WeeklyHours
from booking.words import DAY_MINUTES, weekday_names


@dataclass(frozen=True, slots=True)
class Row:
    """A weekday of the grid."""

    code: str
    open: BoundField
    spans: list[tuple[int, BoundField, BoundField]]

    @property
    def errors(self) -> list[Any]:
        fields = [self.open, *(each for span in self.spans for each in span[1:])]
        return [text for field in fields for text in field.errors]

    @property
    def is_full(self) -> bool:
        return len(self.spans) >= MOST_SPANS


class HoursForm(PageForm):
    """Spans of each weekday, or closed; from a day on, for good or until another."""

    valid_from = DayField(label=pgettext_lazy("opening hours", "From"))
    valid_until = DayField(
        label=pgettext_lazy("opening hours", "Until"),
        required=False,
        help_text=gettext_lazy("Leave it empty: for good."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, week: Week, initial: dict[str, Any] | None = None
    ) -> None:
        self.week = week
        values: dict[str, Any] = dict(initial or {})
        for code, day in week.items():
            values[f"{code}_open"] = day.is_open
            for number, span in enumerate(day.spans, 1):
                values |= dict(zip(names_of(code, number), span, strict=True))
        super().__init__(data, initial=values, auto_id="hours-%s")
        for code, name in zip(DAYS, weekday_names(), strict=True):
            self._add_day(code, name)

    def _add_day(self, code: str, name: str) -> None:
        self.fields[f"{code}_open"] = forms.BooleanField(label=name, required=False)
        for number in range(1, len(self.week[code].spans) + 1):
            opens, closes = names_of(code, number)
            said = {"day": name if number == 1 else f"{name} ({number})"}
            self.fields[opens] = ClockField(
                label=_("%(day)s, from") % said, required=False
            )
            self.fields[closes] = ClockField(
                label=_("%(day)s, to") % said,
                first=QUARTER_MINUTES,
                last=DAY_MINUTES,
                required=False,
            )

    @classmethod
    def published(
        cls, season: dict[str, Any] | None, today: dt.date, seen: str = ""
    ) -> HoursForm:
        """Return the form with what is published; a usual week, where nothing is."""
        initial = {"valid_from": today, "seen": seen}
        if season is not None:
            initial |= {name: season[name] for name in ("valid_from", "valid_until")}
        return cls(week=week_published(season), initial=initial)

    @classmethod
    def typed(cls, data: Any, step: str = "") -> HoursForm:
        """Return the form as it was sent; after a step of the grid it is not judged."""
        week = week_typed(data)
        changed = week_changed(week, step)
        if changed is None:
            return cls(data, week=week)
        kept = {name: data.get(name, "") for name in cls.base_fields}
        return cls(week=changed, initial=kept)

    def rows(self) -> Iterator[Row]:
        """Yield the weekdays with their fields."""
        for code, day in self.week.items():
            names = [names_of(code, n) for n in range(1, len(day.spans) + 1)]
            spans = [(n, self[a], self[b]) for n, (a, b) in enumerate(names, 1)]
            yield Row(code, self[f"{code}_open"], spans)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for code, day in self.week.items():
            if given.get(f"{code}_open"):
                self._require_order(code, len(day.spans))
        return given

    def _require_order(self, code: str, count: int) -> None:
        last = 0
        for opening, closing in sorted(
            (names_of(code, number) for number in range(1, count + 1)),
            key=lambda names: self.cleaned_data.get(names[0]) or 0,
        ):
            opens = self.cleaned_data.get(opening)
            closes = self.cleaned_data.get(closing)
            if self.errors.keys() & {opening, closing}:
                continue
            if opens is None and closes is None and count > 1:
                continue  # an empty one beside others is not meant
            if opens is None or closes is None:
                self.add_error(opening, _("Say from when until when, or close it."))
            elif closes <= opens:
                self.add_error(closing, _("It must close after it opens."))
            elif opens < last:
                text = _("These hours overlap others of the same day.")
                self.add_error(opening, text)
            last = closes or last

    def weekly(self) -> list[WeeklyHours]:
        """Return the hours, days with the same ones together; the form is valid."""
        given = self.cleaned_data
        days: dict[tuple[int, int], list[str]] = {}
        for code, day in self.week.items():
            if not given[f"{code}_open"]:
                continue
            for number in range(1, len(day.spans) + 1):
                opens, closes = (given[name] for name in names_of(code, number))
                if opens is not None:
                    days.setdefault((opens, closes), []).append(code)
        return [WeeklyHours(tuple(on), *span) for span, on in days.items()]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = self.cleaned_data
        return {
            "weekly": self.weekly(),
            "valid_from": given["valid_from"],
            "valid_until": given["valid_until"],
            "seen": given["seen"] or None,
        }
