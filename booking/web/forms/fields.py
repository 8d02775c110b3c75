from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from booking import words
from booking.models.policy import LONGEST_DAYS
from booking.web.links import hours_value
from booking.weekly import format_clock, parse_clock
from booking.words import DAY_MINUTES, length_text
from config.serializers import YEARS

QUARTER_MINUTES = 15
#: What is usually wanted; more where a resource allows it.
USUAL_LENGTHS = (30, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, DAY_MINUTES)


class OpenSelect(forms.Select):
    """A select that also shows a value that is not among its choices, as given."""

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[Any]:
        known = {str(key) for key, _label in self.choices}
        other = [each for each in value if each and each not in known]
        self.choices = [*((each, self.words(each)) for each in other), *self.choices]
        return super().optgroups(name, value, attrs)

    def words(self, value: str) -> str:
        return value


class LengthSelect(OpenSelect):
    """One whose values are hours, such as 14: shown as a length."""

    def words(self, value: str) -> str:
        try:
            minutes = round(float(value) * 60)
        except (ValueError, OverflowError):
            return value
        return length_text(minutes) if 0 < minutes <= LONGEST_DAYS * 1440 else value


class DayInput(forms.DateInput):
    """A date that is also said in words, and days that one click chooses.

    The browser writes a date as its own language does; the words are the page's. Its
    page links `booking/day.css` and `booking/day.js`, without which nothing is lost
    but that the words follow and that there are days to click.
    """

    input_type = "date"
    template_name = "booking/day_input.html"
    offered: Sequence[dt.date] = ()

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = context["widget"]["value"]
        context["words"] = self._words(chosen)
        context["pattern"] = words.day_pattern()
        context["offered"] = [
            {
                "value": day.isoformat(),
                "text": text,
                "chosen": day.isoformat() == chosen,
            }
            for day, text in zip(self.offered, self._texts(), strict=True)
        ]
        return context

    def _words(self, chosen: str | None) -> str:
        try:
            day = dt.date.fromisoformat(chosen or "")
        except ValueError:
            return ""
        return words.day_text(day)

    def _texts(self) -> list[str]:
        later = [words.date_text(day, short=True) for day in self.offered[2:]]
        return [_("Today"), _("Tomorrow"), *later][: len(self.offered)]


class DayField(forms.DateField):
    """A date of the next or the past years."""

    widget = DayInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y"], **options)

    def offer(self, today: dt.date, number: int = 5) -> None:
        """Offer today and the days after it, to be chosen with one click."""
        days = [today + dt.timedelta(days=later) for later in range(number)]
        cast(DayInput, self.widget).offered = days

    def to_python(self, value: Any) -> dt.date | None:
        day = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(_("The year must lie between 2000 and 2200."))
        return day


class ClockField(forms.Field):
    """A time of the day as 09:30; minutes after midnight inside."""

    widget = OpenSelect

    def __init__(self, *, first: int = 0, last: int = 1425, **options: Any) -> None:
        super().__init__(**options)
        times = range(first, last + 1, QUARTER_MINUTES)
        self.widget.choices = [(format_clock(m), format_clock(m)) for m in times]

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            return parse_clock(str(value))
        except ValueError:
            raise ValidationError(_("Give a time as 09:30, at most 24:00.")) from None


class HoursField(forms.DecimalField):
    """A length in hours, such as 1.5; minutes inside. `offer` says which."""

    widget = LengthSelect

    def __init__(self, **options: Any) -> None:
        longest = LONGEST_DAYS * 24
        super().__init__(min_value=0, max_value=longest, **options)

    def offer(self, lengths: Iterable[int]) -> None:
        """Say which lengths, in minutes, can be chosen."""
        choices = [(hours_value(m), length_text(m)) for m in lengths]
        self.widget.choices = choices

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # a select knows no bounds

    def clean(self, value: Any) -> Any:
        hours = super().clean(value)
        if hours is None:
            return None
        minutes = round(hours * 60)
        if minutes < 1:
            raise ValidationError(_("The end must come after the start."))
        return minutes


class LongText(forms.CharField):
    """Some lines of text; a line's end counts once, as the browser counts it."""

    widget = forms.Textarea(attrs={"rows": 2})

    def to_python(self, value: Any) -> str:
        return super().to_python(value and str(value).replace("\r\n", "\n")) or ""


def lengths_between(shortest: int, longest: int, grid: int) -> list[int]:
    """Return lengths to choose from: each on the grid, the longer the coarser."""
    first = max(-(-shortest // grid), 1) * grid
    wanted = range(first, longest + 1, grid)
    return [m for m in wanted if m == longest or m % _coarseness(m) == 0]


def _coarseness(minutes: int) -> int:
    for limit, step in ((4 * 60, 1), (12 * 60, 30), (DAY_MINUTES, 60)):
        if minutes <= limit:
            return step
    return DAY_MINUTES
