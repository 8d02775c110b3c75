"""Rules in words: each its own value, or the wider policy's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from booking.models import Policy
from booking.models.policy import GRIDS_MINUTES, OthersSee
from booking.web.forms.base import PageForm
from booking.web.forms.fields import OpenSelect
from booking.words import DAY_MINUTES, length_text
from labs.models import Organisation, Resource

HOUR = 60
SHORT = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360)
LENGTHS = (*SHORT, 480, 600, 720, 900, *(n * DAY_MINUTES for n in (1, 2, 3, 5, 7, 14)))
YES_OR_NO = ("needs_approval", "check_in_needs_code")
#: What each rule can be chosen to be; a value in between is kept and shown as well.
CHOICES: dict[str, Sequence[int]] = {
    "min_duration_minutes": LENGTHS,
    "max_duration_minutes": (*LENGTHS, 31 * DAY_MINUTES),
    "start_grid_minutes": GRIDS_MINUTES,
    "notice_minutes": (0, *SHORT, 480, 720, *(n * DAY_MINUTES for n in (1, 2, 3, 7))),
    "horizon_days": (7, 14, 30, 60, 90, 120, 180, 365, 540),
    "turnaround_minutes": (0, *SHORT, 480, 720, DAY_MINUTES),
    "decide_within_hours": (1, 2, 4, 8, 12, 24, 48, 72, 96, 120, 168, 336, 720),
    "no_show_after_minutes": (0, *SHORT),
}


def helps() -> dict[str, str]:
    """Return what each rule means, in words that go with a length."""
    return {
        "min_duration_minutes": _("A reservation takes at least so long."),
        "max_duration_minutes": _("A reservation takes at most so long."),
        "start_grid_minutes": _("Starts and ends fall on multiples of it."),
        "notice_minutes": _("So long before the start it can still be reserved."),
        "horizon_days": _("So far ahead it can be reserved."),
        "turnaround_minutes": _("Kept free after a reservation."),
        "needs_approval": _("Whether you or hub staff decide on each request."),
        "decide_within_hours": _("A request that nobody decided on then expires."),
        "no_show_after_minutes": _(
            "Whoever has not checked in so long after the start loses the rest of the "
            "time; also of what is reserved already."
        ),
        "check_in_needs_code": _(
            "Guests check in by the code on the screen beside the door. It holds where "
            "there is a door page."
        ),
        "others_see": _(
            "Of other members of the hub. Guest, host and hub staff see everything; "
            "whoever is signed out, and of a request everybody, only that it is taken."
        ),
    }


def _yes_or_no() -> dict[str, tuple[str, str]]:
    return {
        "needs_approval": (
            _("yes, somebody approves each"),
            _("no, it is theirs at once"),
        ),
        "check_in_needs_code": (_("yes, by its code"), _("no, from anywhere")),
    }


def value_text(name: str, value: Any) -> str:
    """Return a rule's value in words, such as 8 h or needs approval."""
    if name == "others_see":
        return _others_text(value)
    if name in YES_OR_NO:
        yes, no = _yes_or_no()[name]
        return yes if value else no
    number = int(value)
    if name == "horizon_days":
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    if number == 0:
        never = name == "no_show_after_minutes"
        return pgettext("no-show after", "never") if never else _("none")
    return length_text(number * HOUR if name == "decide_within_hours" else number)


def _others_text(value: str) -> str:
    """Return what others see, with how it looks."""
    example = {
        OthersSee.BUSY: _("10:00–12:00 Taken"),
        OthersSee.ORGANISATION: _("10:00–12:00 Acme"),
        OthersSee.EVERYTHING: _("10:00–12:00 Acme: Recording a pilot"),
    }
    return f"{OthersSee(value).label} ({example[OthersSee(value)]})"


class _RuleSelect(OpenSelect):
    name = ""

    def words(self, value: str) -> str:
        short = value.isdecimal() and len(value) < 7
        return value_text(self.name, value) if short else value


class PolicyForm(PageForm):
    """The values of a policy; an empty one is the wider policy's."""

    def __init__(
        self,
        data: Any = None,
        *,
        of: Resource | Organisation | None,
        policies: Sequence[Policy],
    ) -> None:
        self.policies = policies
        own = next((each for each in policies if _is_of(each, of)), None)
        initial = {name: _value(getattr(own, name, None)) for name in Policy.VALUES}
        super().__init__(data, initial=initial, auto_id="policy-%s")
        self.is_hub = of is None
        self.wider = [each for each in policies if each is not own]
        for name in Policy.VALUES:
            self.fields[name] = self._field(name)

    def _field(self, name: str) -> forms.Field:
        model: Any = Policy._meta.get_field(name)
        choices = [] if self.is_hub else [("", self._inherited(name))]
        common: dict[str, Any] = {
            "label": str(model.verbose_name).capitalize(),
            "required": self.is_hub,
            "help_text": helps()[name],
        }
        if name == "others_see":
            sights = [(each, value_text(name, each)) for each in OthersSee.values]
            return forms.TypedChoiceField(
                choices=[*choices, *sights], empty_value=None, **common
            )
        if name in YES_OR_NO:
            both = [(str(each), value_text(name, each)) for each in (True, False)]
            return forms.TypedChoiceField(
                choices=[*choices, *both],
                coerce=lambda value: value == "True",
                empty_value=None,
                **common,
            )
        field = forms.IntegerField(widget=_RuleSelect, min_value=0, **common)
        widget: Any = field.widget
        widget.name = name
        numbers = [(str(each), value_text(name, each)) for each in CHOICES[name]]
        widget.choices = [*choices, *numbers]
        return field

    def _inherited(self, name: str) -> str:
        for policy in self.wider:
            if (value := getattr(policy, name)) is not None:
                said = {"value": value_text(name, value)}
                if policy.is_hub:
                    return _("As the hub: %(value)s") % said
                return _("As the organisation: %(value)s") % said
        return ""

    def rows(self) -> Iterator[tuple[BoundField, bool]]:
        """Yield each value with whether it is one's own."""
        for name in Policy.VALUES:
            yield self[name], self.initial[name] != ""

    def changes(self) -> dict[str, Any]:
        """Return what was changed; None for what is the wider policy's again."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _is_of(policy: Policy, of: Resource | Organisation | None) -> bool:
    if isinstance(of, Resource):
        return policy.resource_id == of.pk
    if of is not None:
        return policy.organisation_id == of.pk
    return policy.is_hub


def _value(value: Any) -> Any:
    """Return a value as its field compares it."""
    if value is None:
        return ""
    return str(value) if isinstance(value, bool) else value
