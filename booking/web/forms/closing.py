"""When a resource is closed, or has hours of its own on one date."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import AvailabilityRule
from booking.web.forms.base import PageForm
from booking.web.forms.fields import QUARTER_MINUTES, ClockField, DayField
from booking.web.wall import SkippedTime, moment_of
from booking.weekly import at_wall
from booking.words import DAY_MINUTES
from config.errors import Invalid


class ClosureForm(PageForm):
    """From one day and time until another, by the clock of the site."""

    names: ClassVar = {"starts_at": "from_day", "ends_at": "to_day"}

    from_day = DayField(label=gettext_lazy("From"))
    from_time = ClockField(label=gettext_lazy("From, time"))
    to_day = DayField(label=gettext_lazy("To"))
    to_time = ClockField(label=gettext_lazy("To, time"), last=DAY_MINUTES)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=AvailabilityRule.Reason.choices
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Only your side and hub staff read it."),
    )
    note_bg = forms.CharField(
        label=gettext_lazy("Note in Bulgarian"), max_length=300, required=False
    )

    def __init__(self, data: Any = None, *, zone: ZoneInfo, day: dt.date) -> None:
        whole_day = {"from_time": "00:00", "to_time": "24:00"}
        initial = {"from_day": day, "to_day": day, **whole_day}
        super().__init__(data, initial=initial, auto_id="closure-%s")
        self.zone = zone

    def times(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("note")]

    def words(self) -> list[forms.BoundField]:
        return [self["note"], self["note_bg"]]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for edge in ("from", "to"):
            if given.get(f"{edge}_day") is None or given.get(f"{edge}_time") is None:
                continue
            try:
                self._instant(edge, self.zone)
            except Invalid as refusal:
                self.refuse(refusal)
        return given

    def _instant(self, edge: str, zone: ZoneInfo) -> dt.datetime:
        day, time = (self.cleaned_data[f"{edge}_{name}"] for name in ("day", "time"))
        if time in {0, DAY_MINUTES}:
            return at_wall(day, time, zone)  # a day begins, though midnight is skipped
        try:
            return moment_of(day, time, zone).at
        except SkippedTime:
            text = _("That night the clocks go forward: this time does not exist.")
            raise Invalid({f"{edge}_time": [text]}) from None

    def values(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return what the service takes, by the clock of that zone.

        Raises Invalid (400) for a time that this clock never shows.
        """
        said = {name: self.cleaned_data[name] for name in ("reason", "note", "note_bg")}
        starts_at, ends_at = (self._instant(edge, zone) for edge in ("from", "to"))
        return said | {"starts_at": starts_at, "ends_at": ends_at}


class DateForm(PageForm):
    """One date with hours of its own, or closed."""

    names: ClassVar = {"date": "day", "hours": "opens"}

    day = DayField(label=gettext_lazy("Day"))
    is_closed = forms.BooleanField(label=gettext_lazy("Closed all day"), required=False)
    opens = ClockField(label=gettext_lazy("From"), required=False)
    closes = ClockField(
        label=gettext_lazy("To"),
        first=QUARTER_MINUTES,
        last=DAY_MINUTES,
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        usual = {"opens": "09:00", "closes": "18:00"}
        super().__init__(data, initial=usual, auto_id="date-%s")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = given.get("opens"), given.get("closes")
        if given.get("is_closed") or self.errors.keys() & {"opens", "closes"}:
            return given
        if opens is None or closes is None:
            self.add_error("opens", _("Say from when until when, or close it."))
        elif closes <= opens:
            self.add_error("closes", _("It must close after it opens."))
        return given

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = self.cleaned_data
        span = (given["opens"], given["closes"])
        hours = [] if given["is_closed"] else [span]
        return {"day": given["day"], "hours": hours}
