from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.services.waiting import Want
from booking.web.forms.fields import ClockField, DayField
from booking.web.forms.reserving import ReserveForm
from booking.web.links import when_values
from booking.web.wall import SkippedTime, moment_of
from booking.weekly import at_wall
from booking.words import DAY_MINUTES


class JoinForm(ReserveForm):
    """So many hours at any time from one day and clock until another.

    What comes from a form of one time (`day`, `from`, `hours`) fills in a window of
    just that time.
    """

    names: ClassVar = {
        "window_starts_at": "from",
        "window_ends_at": "until",
        "minutes": "hours",
    }

    until_day = DayField(label=_("To"))
    until = ClockField(label=_("To, time"), last=DAY_MINUTES)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["day"].label = _("From")
        self.fields["from"].label = _("From, time")
        self.fields["hours"].label = _("For how long")
        self.fields["purpose"].widget = forms.TextInput(attrs={"dir": "auto"})
        self.order_fields(["day", "from", "until_day", "until", "hours", "people"])
        if "until" not in self.initial:
            self.initial.update(self._until())

    def _until(self) -> dict[str, Any]:
        """Return the end of the one time that was asked for, where it can be read."""
        try:
            day, clock, hours = (
                self.fields[name].clean(self.initial.get(name))
                for name in ("day", "from", "hours")
            )
            ends_at = moment_of(day, clock, self.zone).at + hours * dt.timedelta(
                minutes=1
            )
        except (forms.ValidationError, SkippedTime, TypeError):
            return {}
        last = when_values(ends_at, ends_at, self.zone)
        return {"until_day": last["day"], "until": last["from"]}

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("until_day") is None or given.get("until") is None:
            return given
        try:
            given["window_ends_at"] = self._edge(given["until_day"], given["until"])
        except SkippedTime:
            text = _("That night the clocks go forward: this time does not exist.")
            self.add_error("until", text)
        return given

    def _edge(self, day: dt.date, clock: int) -> dt.datetime:
        if clock == DAY_MINUTES:
            return at_wall(day, clock, self.zone)
        return moment_of(day, clock, self.zone).at

    def want(self) -> Want:
        """Return what to wait for; the form is valid."""
        given = self.cleaned_data
        return Want(
            given["starts_at"],
            given["window_ends_at"],
            given["hours"],
            given["people"],
            given.get("quantity") or 1,
        )
