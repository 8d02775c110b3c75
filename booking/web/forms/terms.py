from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.models import Terms
from booking.models.terms import LONGEST_TERMS
from booking.web.forms.base import PageForm
from booking.web.forms.fields import LongText


class TermsForm(PageForm):
    """The next version; it begins with what the last one says."""

    text = LongText(
        label=_("In English"),
        max_length=LONGEST_TERMS,
        required=False,
        help_text=_("Leave both empty to ask for nothing any more."),
        widget=forms.Textarea(attrs={"rows": 10, "lang": "en"}),
    )
    text_bg = LongText(
        label=_("In Bulgarian"),
        max_length=LONGEST_TERMS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "lang": "bg"}),
    )

    @classmethod
    def of(cls, data: Any, versions: list[Terms]) -> TermsForm:
        last = versions[0] if versions else None
        said = {"text": last.text, "text_bg": last.text_bg} if last else {}
        return cls(data, initial=said)
