"""What a host wants of whoever reserves: its terms accepted, its questions answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from booking.models import Terms
from booking.questions import LARGEST_NUMBER, LONGEST_TEXT, Asked, local
from booking.selectors.questions import answer_files_of
from booking.services.answer_files import answer_file_add
from booking.web.forms.fields import LongText
from config.errors import Invalid
from labs.models import User

ACCEPTED = "application/pdf,image/jpeg,image/png,image/webp"


class SentFile(forms.FileInput):
    """A file to be sent, and the one that was: an error loses neither.

    Its value is the id that the file got when it arrived.
    """

    template_name = "booking/sent_file.html"
    #: What the sent files are called, by their ids.
    called: Mapping[str, str] = {}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(f"{name}-sent", "")

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-sent" not in data

    def format_value(self, value: Any) -> Any:
        return value if value in self.called else ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        sent = self.format_value(value)
        if sent and attrs:
            attrs.pop("required", None)
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if sent:
            context["widget"] |= {"sent": sent, "called": self.called[sent]}
            context["widget"]["attrs"].pop("required", None)
        return context


@dataclass
class Asking:
    """What the host of one resource wants, and where a form says it.

    `mark` tells the fields of several resources in one form apart.
    """

    terms: Terms | None = None
    accepted_at: dt.datetime | None = None
    questions: Iterable[Asked] = ()
    mark: str = ""
    called: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def name_of(self, asked: Asked) -> str:
        return f"answer{self.mark}-{asked.key}"

    @property
    def names(self) -> list[str]:
        """The fields in which the questions are answered."""
        return [self.name_of(each) for each in self.questions]

    @property
    def wants_files(self) -> bool:
        return any(each.kind == "file" for each in self.questions)

    def sent(self, actor: User, request: HttpRequest, typed: QueryDict) -> QueryDict:
        """Return what was sent, with its files taken in.

        Whoever accepted older terms has not accepted these.
        """
        typed = typed.copy()
        terms = f"terms{self.mark}"
        if self.terms is not None and typed.get(terms) != str(self.terms.pk):
            typed.pop(f"accept_{terms}", None)
            typed[terms] = str(self.terms.pk)
        files = [self.name_of(each) for each in self.questions if each.kind == "file"]
        for name in files:
            if (file := request.FILES.get(name)) is None:
                continue
            given: Any = {"file": file.file, "size": file.size, "name": file.name}
            try:
                made = answer_file_add(actor=actor, **given)
            except Invalid as refusal:
                self.faults[name] = refusal.extra["fields"]["file"]
            else:
                typed[f"{name}-sent"] = str(made.pk)
        ids = [text for name in files if (text := typed.get(f"{name}-sent"))]
        if ids:
            there = answer_files_of(actor, ids)
            self.called = {pk: each.name for pk, each in there.items()}
        return typed

    def add_to(self, form: forms.Form) -> None:
        """Give a form the fields for it."""
        if self.terms is not None and self.accepted_at is None:
            self._add_terms(form, self.terms)
        for each in self.questions:
            name = self.name_of(each)
            form.fields[name] = made = _field(each)
            if isinstance(made.widget, SentFile):
                made.widget.called = self.called
                form.initial.setdefault(name, form.initial.get(f"{name}-sent", ""))

    def _add_terms(self, form: forms.Form, terms: Terms) -> None:
        name = f"terms{self.mark}"
        form.fields[name] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        form.initial[name] = terms.pk
        label = _("I accept version %(n)d of the terms of use of %(name)s") % {
            "n": terms.version,
            "name": getattr(terms.owner, "local_name", ""),
        }
        # Not required of the form: the rule says so, and which version it is.
        form.fields[f"accept_{name}"] = forms.BooleanField(
            label=label,
            required=False,
            widget=forms.CheckboxInput(attrs={"required": True}),
        )

    def tell_faults(self, form: forms.Form) -> None:
        """Say at the fields what was wrong with their files."""
        for name, texts in self.faults.items():
            form.errors.pop(name, None)
            for text in texts:
                form.add_error(name, text)

    def accepts(self, form: forms.Form) -> int | None:
        given = form.cleaned_data
        accepted = given.get(f"accept_terms{self.mark}")
        return given.get(f"terms{self.mark}") if accepted else None

    def answers(self, form: forms.Form) -> dict[str, Any]:
        """Return the answers as the rules take them."""
        found = {}
        for each in self.questions:
            value = form.cleaned_data.get(self.name_of(each))
            if value in (None, ""):
                continue
            if each.kind == "file":
                value = {"file": value}
            elif each.kind == "number":
                value = int(value) if value == int(value) else float(value)
            found[each.key] = value
        return found

    def questions_in(self, form: forms.Form) -> list[forms.BoundField]:
        return [form[name] for name in self.names]

    def terms_in(self, form: forms.Form) -> list[forms.BoundField]:
        names = (f"terms{self.mark}", f"accept_terms{self.mark}")
        return [form[name] for name in names if name in form.fields]


def _field(asked: Asked) -> Any:
    known: dict[str, Any] = {
        "label": asked.local_name,
        "required": asked.is_required,
    }
    return FIELDS[asked.kind](asked, known)


def _number_field(asked: Asked, known: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(
        min_value=-LARGEST_NUMBER,
        max_value=LARGEST_NUMBER,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any"}),
        **known,
    )


def _choice_field(asked: Asked, known: dict[str, Any]) -> forms.Field:
    named = [(each["name"], local(each)) for each in asked.choices]
    return forms.ChoiceField(choices=[("", "—"), *named], **known)


def _yes_no_field(asked: Asked, known: dict[str, Any]) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda text: text == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        **known,
    )


def _file_field(asked: Asked, known: dict[str, Any]) -> forms.Field:
    return forms.CharField(
        help_text=_("PDF, JPEG, PNG or WebP, at most 8 MB."),
        widget=SentFile(attrs={"accept": ACCEPTED}),
        **known,
    )


def _text_field(asked: Asked, known: dict[str, Any]) -> forms.Field:
    return LongText(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        **known,
    )


FIELDS = {
    "text": _text_field,
    "choice": _choice_field,
    "number": _number_field,
    "yes_no": _yes_no_field,
    "file": _file_field,
}
