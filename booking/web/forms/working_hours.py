from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking.models import WorkingHours
from booking.web.forms.base import PageForm
from booking.web.forms.fields import ClockField
from booking.weekly import format_clock
from booking.words import DAY_MINUTES, weekday_names


class WorkingHoursForm(PageForm):
    """From and until of each weekday; a day without both is none."""

    def __init__(self, data: Any = None) -> None:
        known = {
            f"{name}_{each.weekday}": format_clock(minutes)
            for each in WorkingHours.objects.all()
            for name, minutes in (("from", each.opens), ("until", each.closes))
        }
        super().__init__(data, initial=known, auto_id="work-%s")
        for day in range(7):
            self._add(f"from_{day}", pgettext("clock", "From"))
            self._add(f"until_{day}", pgettext("clock", "Until"))

    def _add(self, name: str, label: str) -> None:
        field = ClockField(label=label, required=False, last=DAY_MINUTES)
        field.widget.choices = [("", "—"), *field.widget.choices]
        self.fields[name] = field

    def days(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        for day, name in enumerate(weekday_names()):
            yield name, self[f"from_{day}"], self[f"until_{day}"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for day in range(7):
            opens, closes = given.get(f"from_{day}"), given.get(f"until_{day}")
            if (opens is None) != (closes is None):
                missing = f"from_{day}" if opens is None else f"until_{day}"
                if missing in given:
                    self.add_error(missing, _("Give both times, or none."))
        return given

    def week(self) -> dict[int, tuple[int, int]]:
        """Return the hours by weekday, in minutes after midnight."""
        given = self.cleaned_data
        return {
            day: (given[f"from_{day}"], given[f"until_{day}"])
            for day in range(7)
            if given[f"from_{day}"] is not None
        }
