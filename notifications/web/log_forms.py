from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.log import BOUNCED
from notifications.models import Kind, Message, State


class LogForm(forms.Form):
    """Which messages to list; a value that cannot be used lists none, and says so."""

    reservation = forms.CharField(
        label=gettext_lazy("Reservation"), max_length=8, required=False
    )
    person = forms.CharField(
        label=gettext_lazy("Person"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Part of the name or the e-mail."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, label_suffix="")
        # `from` is a word of Python's.
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
        any_ = ("", _("Any"))
        kinds: Any = self.fields["kind"]
        kinds.choices = [any_, *Kind.choices]
        states: Any = self.fields["state"]
        states.choices = [any_, *State.choices, (BOUNCED, _("Came back"))]

    def narrow(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        """Return those that were asked for; the reservation is narrowed by already."""
        if not self.is_valid():
            return messages.none()
        given = self.cleaned_data
        if who := given["person"]:
            words = Q(person__name__icontains=who) | Q(person__email__icontains=who)
            messages = messages.filter(words)
        if given["kind"]:
            messages = messages.filter(kind=given["kind"])
        if given["state"] == BOUNCED:
            messages = messages.filter(bounced_at__isnull=False)
        elif given["state"]:
            messages = messages.filter(state=given["state"])
        if first := given["from"]:
            messages = messages.filter(due_at__gte=_midnight(first))
        if last := given["to"]:
            messages = messages.filter(due_at__lt=_midnight(last, days=1))
        return messages


def _midnight(day: dt.date, days: int = 0) -> dt.datetime:
    start = dt.datetime.combine(day, dt.time(), ZoneInfo(settings.TIME_ZONE))
    return start + dt.timedelta(days=days)
