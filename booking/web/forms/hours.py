from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from booking.web.forms.base import PageForm
from booking.web.forms.fields import QUARTER_MINUTES, ClockField, DayField
from booking.weekly import DAYS, WeeklyHours
from booking.words import DAY_MINUTES, weekday_names

OPENS, CLOSES = "09:00", "18:00"


class HoursForm(PageForm):
    """One span a weekday, or closed; from a day on."""

    valid_from = DayField(label=pgettext_lazy("opening hours", "From"))

    def __init__(
        self, data: Any = None, *, season: dict[str, Any] | None, today: dt.date
    ) -> None:
        initial: dict[str, Any] = {"valid_from": today}
        for day, span in _spans(season).items():
            initial |= {f"{day}_open": bool(span)}
            opens, closes = span or (OPENS, CLOSES)
            initial |= {f"{day}_from": opens, f"{day}_to": closes}
        super().__init__(data, initial=initial, auto_id="hours-%s")
        for day, name in zip(DAYS, weekday_names(), strict=True):
            labels = {"day": name}
            self.fields[f"{day}_open"] = forms.BooleanField(label=name, required=False)
            self.fields[f"{day}_from"] = ClockField(
                label=_("%(day)s, from") % labels, required=False
            )
            self.fields[f"{day}_to"] = ClockField(
                label=_("%(day)s, to") % labels,
                first=QUARTER_MINUTES,
                last=DAY_MINUTES,
                required=False,
            )

    def rows(self) -> Iterator[tuple[BoundField, BoundField, BoundField]]:
        """Yield the three fields of each weekday."""
        for day in DAYS:
            yield self[f"{day}_open"], self[f"{day}_from"], self[f"{day}_to"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for day in DAYS:
            edges = f"{day}_from", f"{day}_to"
            if given.get(f"{day}_open") and not self.errors.keys() & set(edges):
                self._require_order(*edges)
        return given

    def _require_order(self, opening: str, closing: str) -> None:
        opens, closes = self.cleaned_data[opening], self.cleaned_data[closing]
        if opens is None or closes is None:
            self.add_error(opening, _("Say from when until when, or close it."))
        elif closes <= opens:
            self.add_error(closing, _("It must close after it opens."))

    def weekly(self) -> list[WeeklyHours]:
        """Return the hours, days with the same ones together; the form is valid."""
        given = self.cleaned_data
        days: dict[tuple[int, int], list[str]] = {}
        for day in DAYS:
            if given[f"{day}_open"]:
                span = given[f"{day}_from"], given[f"{day}_to"]
                days.setdefault(span, []).append(day)
        return [WeeklyHours(tuple(on), *span) for span, on in days.items()]


def _spans(season: dict[str, Any] | None) -> dict[str, tuple[str, str] | None]:
    """Return the first span of each weekday; Monday to Friday where nothing is said."""
    if season is None:
        return {day: (OPENS, CLOSES) if day in DAYS[:5] else None for day in DAYS}
    spans: dict[str, tuple[str, str] | None] = dict.fromkeys(DAYS)
    for hours in season["weekly"]:
        for day in hours["days"]:
            spans[day] = spans[day] or (hours["from"], hours["to"])
    return spans


def has_more_than_shown(seasons: Sequence[dict[str, Any]]) -> bool:
    """Tell whether the published hours say more than one span a weekday can."""
    weekly = seasons[0]["weekly"] if seasons else []
    days = [day for row in weekly for day in row["days"]]
    return len(seasons) > 1 or len(days) > len(set(days))
