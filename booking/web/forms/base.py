from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from booking.exceptions import RuleViolation, SeriesClash
from booking.selectors.facts import Wish
from booking.web.forms.fields import (
    USUAL_LENGTHS,
    ClockField,
    DayField,
    HoursField,
)
from booking.web.wall import SkippedTime, moment_of
from booking.words import date_text
from config.errors import DomainError
from config.forms import PageForm as BasePageForm
from labs.models.described import Described

#: Which field a rule is about, where it is about one.
FIELDS_OF_RULES = {
    "too_short": "hours",
    "too_long": "hours",
    "too_many_people": "people",
    "too_many_units": "quantity",
    "terms_not_accepted": "accept_terms",
}
#: Names that services give to what a form calls otherwise.
FIELDS_OF_SERVICES = {"starts_at": "from", "ends_at": "hours"}
#: Of a series that cannot be had, so many dates are named.
MOST_TOLD = 10


def choose(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Say what can be chosen in a field, now that it is known."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


def names_by_slug(things: Iterable[Described]) -> list[tuple[str, str]]:
    """Return sites or organisations as choices."""
    return [(thing.slug, thing.local_name) for thing in things]


class PageForm(BasePageForm):
    """A form that also knows where the rules of a reservation belong."""

    #: What the services call otherwise.
    names: ClassVar[dict[str, str]] = FIELDS_OF_SERVICES
    #: Of what it changes, as it is now; for forms that have a field `seen`.
    newest = ""

    @property
    def seen_now(self) -> str:
        """The version its reader knows of: a newer one, once the refusal told them."""
        if self.refusal is not None and self.refusal.code == "changed_meanwhile":
            return self.newest
        return str(self["seen"].value() or "")

    def theirs(self) -> Iterator[tuple[StrOrPromise, str]]:
        """Yield what holds now, with its label, wherever this form says another."""
        for name in self.changed_data:
            field: Any = self.fields[name]
            value = self.get_initial_for_field(field, name)
            choices = getattr(field.widget, "choices", ())
            texts = {str(key): text for key, text in choices}
            each = value if isinstance(value, list) else [value]
            said = [str(texts.get(str(one), one)) for one in each if one is not None]
            if not self[name].is_hidden and any(said):
                yield field.label, ", ".join(said)

    @property
    def alternatives(self) -> list[dict[str, Any]]:
        return list(self.refusal.extra.get("alternatives", [])) if self.refusal else []

    def texts_of(self, refusal: DomainError) -> Iterator[tuple[str, StrOrPromise]]:
        if isinstance(refusal, RuleViolation):
            for violation in refusal.violations:
                yield FIELDS_OF_RULES.get(violation.code, ""), violation.detail
        else:
            for name, text in super().texts_of(refusal):
                yield self.names.get(name, name), text
        if isinstance(refusal, SeriesClash) and (zone := getattr(self, "zone", None)):
            for date in refusal.extra["dates"][:MOST_TOLD]:
                day = date_text(date["starts_at"].astimezone(zone).date())
                yield "", f"{day}: {' '.join(date['reasons'])}"


class WhenForm(PageForm):
    """Day, from and how long, by the clock on the wall of a zone.

    Once it is valid, `cleaned_data` also has the instants `starts_at` and `ends_at`.
    """

    day = DayField(label=gettext_lazy("Day"))
    hours = HoursField(label=gettext_lazy("Hours"))

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        self.is_repeated = False
        # `from` is a word of Python's, so it cannot be declared as an attribute.
        self.fields["from"] = ClockField(label=_("From"))
        self.order_fields(["day", "from", "hours"])
        self.offer_hours(USUAL_LENGTHS)

    def offer_hours(self, lengths: Iterable[int]) -> None:
        # Here and not in the field, which is made before there is a language.
        cast(HoursField, self.fields["hours"]).offer(lengths)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.keys() >= {"day", "from", "hours"}:
            try:
                start = moment_of(given["day"], given["from"], self.zone)
            except SkippedTime:
                text = _("That night the clocks go forward: this time does not exist.")
                self.add_error("from", text)
            else:
                self.is_repeated = start.is_repeated
                given["starts_at"] = start.at
                given["ends_at"] = start.at + dt.timedelta(minutes=given["hours"])
        return given

    def wish(self) -> Wish:
        """Return what is asked for; the form is valid."""
        given = self.cleaned_data
        return Wish(
            given["starts_at"],
            given["ends_at"],
            given.get("people") or 1,
            given.get("quantity") or 1,
        )
