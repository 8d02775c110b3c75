"""When a series repeats, and which of its dates a step is about."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking import words
from booking.expander import to_wall
from booking.models import SeriesDate
from booking.series import (
    MOST_DATES,
    MOST_INTERVAL,
    Pattern,
    Repeats,
    faults,
)
from booking.services.series import SeriesWish
from booking.services.series_changes import Chosen, Which
from booking.services.series_moving import Change
from booking.web.forms.base import choose
from booking.web.forms.fields import DayField, LongText
from booking.web.forms.finding import MOST_PEOPLE
from booking.web.forms.reserving import ActionForm, ReserveForm
from booking.weekly import DAYS
from labs.models import Resource

#: Which of a month's weekdays, as the pattern counts them.
WEEKS = {
    0: gettext_lazy("On the same date"),
    1: gettext_lazy("On the first such weekday"),
    2: gettext_lazy("On the second such weekday"),
    3: gettext_lazy("On the third such weekday"),
    4: gettext_lazy("On the fourth such weekday"),
    -1: gettext_lazy("On the last such weekday"),
}
#: What a form that says nothing of it is filled in with.
USUAL = {"repeats": Repeats.WEEKLY.value, "interval": "1", "count": "10"}


class DatesField(forms.CharField):
    """Dates in any order, such as 2027-03-01 or 1.3.2027, one a line or by commas."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> tuple[dt.date, ...]:
        texts = re.split(r"[\s,;]+", super().clean(value).strip())
        found = {self._day(text) for text in texts if text}
        if len(found) > MOST_DATES:
            raise ValidationError(_("A series has at most 366 dates."))
        return tuple(sorted(found))

    def _day(self, text: str) -> dt.date:
        try:
            day: dt.date = DayField().clean(text)
        except ValidationError:
            said = _("“%(text)s” is no date; write 2027-03-01.") % {"text": text}
            raise ValidationError(said) from None
        return day


class RepeatForm(ReserveForm):
    """A series: the first date as any reservation, and how it repeats."""

    repeats = forms.ChoiceField(label=gettext_lazy("Repeats"), choices=Repeats)
    interval = forms.IntegerField(
        label=gettext_lazy("Every"),
        min_value=1,
        max_value=MOST_INTERVAL,
        help_text=gettext_lazy("2 is every other day, week or month."),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("On"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without any, on that of the first date."),
    )
    week = forms.TypedChoiceField(
        label=gettext_lazy("Which day of the month"),
        choices=list(WEEKS.items()),
        coerce=int,
        required=False,
    )
    until = DayField(label=gettext_lazy("Until"), required=False)
    count = forms.IntegerField(
        label=gettext_lazy("Or how many times"),
        min_value=1,
        max_value=MOST_DATES,
        required=False,
    )
    picked = DatesField(
        label=gettext_lazy("Also on"),
        required=False,
        help_text=gettext_lazy("Dates such as 2027-03-01, with commas between them."),
    )
    excluded = DatesField(label=gettext_lazy("Not on"), required=False)
    # A button of its own, where some dates cannot be had.
    keep = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_asked: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        names = list(zip(DAYS, words.weekday_names(), strict=True))
        choose(self, "days", names)
        # What is asked before it is sent needs no purpose.
        if is_asked:
            for name in ("purpose", *self.asking.names):
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        needed = {"starts_at", "repeats", "interval", "picked", "excluded", "days"}
        if needed <= given.keys() and not self.errors:
            for name, texts in faults(self.pattern()).items():
                for text in texts:
                    self.add_error(name, str(text))
        return given

    def pattern(self) -> Pattern:
        given = self.cleaned_data
        first = to_wall(given["starts_at"], self.zone)
        days, week = tuple(given["days"]), int(given.get("week") or 0)
        by_weekday = given["repeats"] == Repeats.MONTHLY and week
        if by_weekday and not days:
            days = (DAYS[first.weekday()],)
        return Pattern(
            repeats=given["repeats"],
            first=first,
            minutes=given["hours"],
            interval=given["interval"],
            days=days if by_weekday or given["repeats"] == Repeats.WEEKLY else (),
            week=week if by_weekday else 0,
            until=given.get("until"),
            count=given.get("count"),
            picked=given["picked"],
            excluded=given["excluded"],
        )

    def series_wish(self, resource: Resource) -> SeriesWish:
        wish = self.wish()
        return SeriesWish(
            resource_slug=resource.slug,
            organisation_slug=self.organisation_slug(),
            pattern=self.pattern(),
            purpose=self.cleaned_data["purpose"],
            people=wish.people,
            quantity=wish.quantity,
            accepts=wish.accepts,
            answers=wish.answers,
        )


class ChosenForm(ActionForm):
    """A step of a series: which of its dates that are still ahead."""

    which = forms.ChoiceField(
        label=gettext_lazy("Which dates"), choices=Which, initial=Which.ALL
    )
    number = forms.TypedChoiceField(
        label=pgettext_lazy("a date of a series", "From which"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=gettext_lazy("Not needed for all dates."),
    )

    def __init__(
        self, *args: Any, dates: Iterable[SeriesDate], zone: ZoneInfo, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        choose(
            self,
            "number",
            [
                (
                    str(date.number),
                    words.date_text(to_wall(date.when.start, zone).date()),
                )
                for date in dates
            ],
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("which") != Which.ALL and given.get("number") is None:
            self.add_error("number", _("Say which date of the series."))
        return given

    def chosen(self, reference: str) -> Chosen:
        given = self.cleaned_data
        return Chosen(reference, given["which"], given["number"], given["version"])


class CancelSeriesForm(ChosenForm):
    reason = LongText(label=gettext_lazy("Reason"), max_length=500, required=False)


class ChangeSeriesForm(ChosenForm):
    """What is left empty stays as it is."""

    days = forms.IntegerField(
        label=gettext_lazy("Move by days"),
        min_value=-366,
        max_value=366,
        required=False,
        help_text=gettext_lazy("7 is a week later, -7 a week earlier."),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Move by minutes"),
        min_value=-1440,
        max_value=1440,
        required=False,
    )
    people = forms.IntegerField(
        label=gettext_lazy("People"),
        min_value=1,
        max_value=MOST_PEOPLE,
        required=False,
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    resource = forms.ChoiceField(label=gettext_lazy("Resource"), required=False)
    keep = forms.BooleanField(
        label=gettext_lazy("Change the dates that can be had"),
        required=False,
        help_text=gettext_lazy(
            "Those that cannot go there give up their time and stay wanted. "
            "Otherwise nothing changes unless every date can be had."
        ),
    )

    def __init__(
        self, *args: Any, resources: Iterable[Resource], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        same = [("", _("The same"))]
        choose(
            self,
            "resource",
            same + [(each.slug, each.local_name) for each in resources],
        )

    def change(self) -> Change:
        given = self.cleaned_data
        days, minutes = given["days"] or 0, given["minutes"] or 0
        return Change(
            shift=dt.timedelta(days=days, minutes=minutes),
            purpose=given["purpose"] or None,
            people=given["people"],
            resource_slug=given["resource"] or None,
        )


def ask_which(form: forms.Form, *, moves: bool) -> None:
    """Let a step of one date be taken by the others of its series, too."""
    form.fields["which"] = forms.ChoiceField(
        label=_("Which dates"), choices=Which, initial=Which.THIS, required=False
    )
    if moves:
        form.fields["keep"] = forms.BooleanField(
            label=_("Move the dates that can be had"),
            required=False,
            help_text=_(
                "Those that cannot go there give up their time and stay wanted."
            ),
        )
