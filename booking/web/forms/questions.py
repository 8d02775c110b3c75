"""What a host types to ask something of whoever reserves."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.models import Question
from booking.questions import Asked
from booking.web.forms.base import PageForm
from booking.web.forms.fields import LongText

LONGEST_LIST = 4000


class QuestionForm(PageForm):
    """One question; what can be chosen is a line each, in the same order."""

    name = forms.CharField(label=_("Question"), max_length=140)
    name_bg = forms.CharField(
        label=_("Question in Bulgarian"), max_length=140, required=False
    )
    kind = forms.ChoiceField(label=_("Answer"), choices=Question.Kind.choices)
    is_required = forms.BooleanField(label=_("Must be answered"), required=False)
    choices = LongText(
        label=_("What can be chosen"),
        max_length=LONGEST_LIST,
        required=False,
        help_text=_("One a line; only where the answer is one of a list."),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
    )
    choices_bg = LongText(
        label=_("The same in Bulgarian"),
        max_length=LONGEST_LIST,
        required=False,
        help_text=_("In the same order."),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "bg"}),
    )

    @classmethod
    def of(cls, asked: Asked | None, data: Any = None) -> QuestionForm:
        """Return the form of a question, or that of a new one."""
        if asked is None:
            return cls(data, auto_id="new-%s")
        initial = {
            name: getattr(asked, name)
            for name in ("name", "name_bg", "kind", "is_required")
        }
        for name, of in (("choices", "name"), ("choices_bg", "name_bg")):
            initial[name] = "\n".join(each[of] for each in asked.choices)
        return cls(data, initial=initial, auto_id=f"{asked.key}-%s")

    @property
    def kind_text(self) -> str:
        """What kind of answer it is, as it is saved."""
        return str(Question.Kind(self.initial["kind"]).label)

    def asked(self, key: str = "") -> Asked:
        """Return the question as it is typed; the key of one that is there stays."""
        given = self.cleaned_data
        both = zip_longest(
            _lines(given["choices"]), _lines(given["choices_bg"]), fillvalue=""
        )
        return Asked(
            key=key,
            kind=given["kind"],
            name=given["name"],
            name_bg=given["name_bg"],
            is_required=given["is_required"],
            choices=tuple({"name": name, "name_bg": bg} for name, bg in both),
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
