"""How much somebody may have in a while, and how much they would have with a wish."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.words import hours_text


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota, or the allowance of an agreement, in one of the windows of a wish.

    `window` is day, week, month or (an allowance) agreement; `name` what it was agreed
    under. What is used is without the wish; `minutes` and `count` are the wish's own.
    """

    per: str
    window: str
    most_minutes: int | None
    most_count: int | None
    used_minutes: int
    used_count: int
    minutes: int
    count: int
    is_peak: bool = False
    name: str = ""
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    quota_id: int | None = None

    @property
    def is_allowance(self) -> bool:
        return self.window == "agreement"

    @property
    def found_minutes(self) -> int:
        return self.used_minutes + self.minutes

    @property
    def found_count(self) -> int:
        return self.used_count + self.count

    @property
    def is_over_hours(self) -> bool:
        """Whether the wish takes it over; what was over before is not its fault."""
        most = self.most_minutes
        return most is not None and self.minutes > 0 and self.found_minutes > most

    @property
    def is_over_count(self) -> bool:
        most = self.most_count
        return most is not None and self.count > 0 and self.found_count > most

    def hours_said(self) -> str:
        """Return in words how many hours are allowed, for whom, and would be."""
        said = {
            "needed": hours_text(self.most_minutes or 0),
            "found": hours_text(self.found_minutes),
        }
        text = {
            ("person", "day"): _(
                "A person may have %(needed)s a day; with this it would be %(found)s."
            ),
            ("person", "week"): _(
                "A person may have %(needed)s a week; with this it would be %(found)s."
            ),
            ("person", "month"): _(
                "A person may have %(needed)s a month; with this it would be %(found)s."
            ),
            ("organisation", "day"): _(
                "An organisation may have %(needed)s a day; with this it would be "
                "%(found)s."
            ),
            ("organisation", "week"): _(
                "An organisation may have %(needed)s a week; with this it would be "
                "%(found)s."
            ),
            ("organisation", "month"): _(
                "An organisation may have %(needed)s a month; with this it would be "
                "%(found)s."
            ),
        }[self.per, self.window]
        return self._peak(text % said)

    def count_said(self) -> str:
        """Return in words how many reservations are allowed, for whom, and would be."""
        most = self.most_count or 0
        text = {
            ("person", "day"): ngettext(
                "A person may have %(n)d reservation a day; with this it would be "
                "%(found)d.",
                "A person may have %(n)d reservations a day; with this it would be "
                "%(found)d.",
                most,
            ),
            ("person", "week"): ngettext(
                "A person may have %(n)d reservation a week; with this it would be "
                "%(found)d.",
                "A person may have %(n)d reservations a week; with this it would be "
                "%(found)d.",
                most,
            ),
            ("person", "month"): ngettext(
                "A person may have %(n)d reservation a month; with this it would be "
                "%(found)d.",
                "A person may have %(n)d reservations a month; with this it would be "
                "%(found)d.",
                most,
            ),
            ("organisation", "day"): ngettext(
                "An organisation may have %(n)d reservation a day; with this it would "
                "be %(found)d.",
                "An organisation may have %(n)d reservations a day; with this it would "
                "be %(found)d.",
                most,
            ),
            ("organisation", "week"): ngettext(
                "An organisation may have %(n)d reservation a week; with this it would "
                "be %(found)d.",
                "An organisation may have %(n)d reservations a week; with this it "
                "would be %(found)d.",
                most,
            ),
            ("organisation", "month"): ngettext(
                "An organisation may have %(n)d reservation a month; with this it "
                "would be %(found)d.",
                "An organisation may have %(n)d reservations a month; with this it "
                "would be %(found)d.",
                most,
            ),
        }[self.per, self.window]
        return self._peak(text % {"n": most, "found": self.found_count})

    def allowance_said(self) -> str:
        """Return in words how much was agreed, and would be used."""
        return _(
            "“%(name)s” allows %(needed)s in all; with this it would be %(found)s."
        ) % {
            "name": self.name,
            "needed": hours_text(self.most_minutes or 0),
            "found": hours_text(self.found_minutes),
        }

    def _peak(self, text: str) -> str:
        return f"{text} {_('Only peak hours count.')}" if self.is_peak else text
