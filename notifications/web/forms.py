from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config import clock
from config.forms import PageForm
from notifications.models import EVENTS, Webhook
from notifications.models.webhook import URL_LENGTH


class WebhookForm(PageForm):
    """Where to, and of what."""

    url = forms.CharField(
        label=_("Address of your program"),
        max_length=URL_LENGTH,
        help_text=_("It begins with https:// and is reached from the open internet."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    events = forms.MultipleChoiceField(
        label=_("What it is told of"),
        choices=EVENTS,
        initial=[name for name, _label in EVENTS],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, webhook: Webhook, sent: Any = None) -> WebhookForm:
        return cls(sent, initial={"url": webhook.url, "events": webhook.events})


class ReplayForm(PageForm):
    """What is sent again, of what was planned in the last hours."""

    hours = forms.TypedChoiceField(
        label=_("Planned in the last"),
        coerce=int,
        choices=[
            (1, _("hour")),
            (24, _("24 hours")),
            (24 * 7, _("7 days")),
            (24 * 30, _("30 days")),
        ],
        initial=24,
    )
    arrived = forms.BooleanField(
        label=_("Also those that arrived"),
        required=False,
        help_text=_("Your program knows them by their id."),
    )

    def values(self) -> dict[str, Any]:
        """Return what the service takes; the form is valid."""
        since = clock.now() - dt.timedelta(hours=self.cleaned_data["hours"])
        return {"since": since, "only_given_up": not self.cleaned_data["arrived"]}
