from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.models.outside_calendar import LONGEST_URL
from booking.outside_errors import Unreadable
from booking.web.forms.base import PageForm
from config.errors import DomainError
from config.outbound import NoAnswer


class OutsideCalendarForm(PageForm):
    # Not a URLField: `webcal:` is welcome, and the guard says better what is wrong.
    url = forms.CharField(
        label=_("Address of the calendar"),
        max_length=LONGEST_URL,
        help_text=_(
            "As your calendar gives it for subscribing: it begins with https:// or "
            "webcal:// and often ends with .ics."
        ),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def texts_of(self, refusal: DomainError) -> Iterator[tuple[str, StrOrPromise]]:
        if isinstance(refusal, (NoAnswer, Unreadable)):
            yield "url", refusal.detail
        else:
            yield from super().texts_of(refusal)
