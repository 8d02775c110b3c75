"""Rules in words: each its own value, or the wider policy's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from booking.models import Policy
from booking.models.paths import Path, Undecided
from booking.models.policy import GRIDS_MINUTES, OthersSee
from booking.selectors.policies import policy_version
from booking.web.forms.base import PageForm
from booking.web.forms.fields import OpenSelect
from booking.words import DAY_MINUTES, hours_text, length_text
from labs.models import Organisation, Resource

HOUR = 60
SHORT = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360)
LENGTHS = (*SHORT, 480, 600, 720, 900, *(n * DAY_MINUTES for n in (1, 2, 3, 5, 7, 14)))
#: What each rule can be chosen to be; a value in between is kept and shown as well.
CHOICES: dict[str, Sequence[int]] = {
    "min_duration_minutes": LENGTHS,
    "max_duration_minutes": (*LENGTHS, 31 * DAY_MINUTES),
    "start_grid_minutes": GRIDS_MINUTES,
    "notice_minutes": (0, *SHORT, 480, 720, *(n * DAY_MINUTES for n in (1, 2, 3, 7))),
    "horizon_days": (7, 14, 30, 60, 90, 120, 180, 365, 540),
    "turnaround_minutes": (0, *SHORT, 480, 720, DAY_MINUTES),
    "min_gap_minutes": (0, *SHORT, 480, 720, *(n * DAY_MINUTES for n in (1, 2, 7, 14))),
    "most_active": (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20),
    "cancel_until_minutes": (
        *(0, 60, 120, 240, 360, 720),
        *(n * DAY_MINUTES for n in (1, 2, 3, 5, 7, 14)),
    ),
    "most_people": (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100),
    "approvals_needed": (2, 3, 4, 5),
    "decide_within_hours": (1, 2, 4, 8, 9, 16, 18, 24, 27, 36, 45, 48, 72, 120, 168),
    "no_show_after_minutes": (0, *SHORT),
}
#: Those that count things, not time.
COUNTED = {"horizon_days", "most_active", "most_people", "approvals_needed"}
#: Those whose values are words.
WORDED: dict[str, type[TextChoices]] = {
    "approval_path": Path,
    "when_undecided": Undecided,
    "others_see": OthersSee,
}


def groups() -> dict[str, tuple[str, ...]]:
    """Return the values as they are shown together, each group with its name."""
    return {
        _("Length and time"): (
            "min_duration_minutes",
            "max_duration_minutes",
            "start_grid_minutes",
            "turnaround_minutes",
        ),
        _("How early, how late"): (
            "notice_minutes",
            "horizon_days",
            "cancel_until_minutes",
        ),
        _("How much"): ("min_gap_minutes", "most_active", "most_people"),
        _("Approval"): (
            "approval_path",
            "approvals_needed",
            "decide_within_hours",
            "when_undecided",
        ),
        _("Who comes, who looks on"): (
            "no_show_after_minutes",
            "check_in_needs_code",
            "others_see",
        ),
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
        "min_gap_minutes": _("Between two reservations of one organisation here."),
        "most_active": _("So many one organisation may have here ahead of it."),
        "cancel_until_minutes": _("Before the start; whoever cancels later is late."),
        "most_people": _("So many people may come, of those that fit."),
        "approval_path": _("Who decides on each request, in what order."),
        "approvals_needed": _("So many, where several people decide."),
        "decide_within_hours": _("Working hours of the hub, for each who decides."),
        "when_undecided": _("What becomes of a request that nobody decided on."),
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


def value_text(name: str, value: Any) -> str:
    """Return a rule's value in words, such as 8 h or needs approval."""
    if name in WORDED or name == "check_in_needs_code":
        return _worded(name, value)
    number = int(value)
    if number == 0:
        none = {
            "most_active": _("no limit"),
            "most_people": _("as many as fit"),
            "no_show_after_minutes": pgettext("no-show after", "never"),
        }
        return none.get(name, _("none"))
    if name == "decide_within_hours":
        return hours_text(number * HOUR)
    if name not in COUNTED:
        return length_text(number)
    return _counted(name, number) % {"n": number}


def _counted(name: str, number: int) -> str:
    if name == "horizon_days":
        return ngettext("%(n)d day", "%(n)d days", number)
    if name == "most_active":
        return ngettext("%(n)d reservation", "%(n)d reservations", number)
    return ngettext("%(n)d person", "%(n)d people", number)


def _worded(name: str, value: Any) -> str:
    if name == "check_in_needs_code":
        return _("yes, by its code") if value else _("no, from anywhere")
    return (
        _others_text(value) if name == "others_see" else str(WORDED[name](value).label)
    )


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


def label_of(name: str) -> str:
    """Return what a value is called."""
    return str(Policy._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def value_field(name: str, empty: str | None) -> forms.Field:
    """Return the field of a value; `empty` says what holds without, None: nothing."""
    choices = [] if empty is None else [("", empty)]
    common: dict[str, Any] = {
        "label": label_of(name),
        "required": empty is None,
        "help_text": helps()[name],
    }
    if name in WORDED:
        words = [(each, value_text(name, each)) for each in WORDED[name].values]
        return forms.TypedChoiceField(
            choices=[*choices, *words], empty_value=None, **common
        )
    if name == "check_in_needs_code":
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


class PolicyForm(PageForm):
    """The values of a policy; an empty one is the wider policy's."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

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
        initial["seen"] = policy_version(own)
        super().__init__(data, initial=initial, auto_id="policy-%s")
        self.newest = initial["seen"]
        self.is_hub = of is None
        self.wider = [each for each in policies if each is not own]
        for name in Policy.VALUES:
            wider = None if self.is_hub else self._inherited(name)
            self.fields[name] = value_field(name, wider)

    def _inherited(self, name: str) -> str:
        for policy in self.wider:
            if (value := getattr(policy, name)) is not None:
                said = {"value": value_text(name, value)}
                if policy.is_hub:
                    return _("As the hub: %(value)s") % said
                return _("As the organisation: %(value)s") % said
        return ""

    def groups(self) -> Iterator[tuple[str, list[tuple[BoundField, bool]]]]:
        """Yield what is shown together: each value with whether it is one's own."""
        for title, names in groups().items():
            yield title, [(self[name], self.initial[name] != "") for name in names]

    def changes(self) -> dict[str, Any]:
        """Return what was changed; None for what is the wider policy's again."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in Policy.VALUES
        }


def _is_of(policy: Policy, of: Resource | Organisation | None) -> bool:
    if isinstance(of, Resource):
        return policy.resource_id == of.pk
    if of is not None:
        return policy.organisation_id == of.pk
    return policy.is_hub


def _value(value: Any) -> Any:
    """Return a value as its field compares it."""
    return "" if value is None else value
