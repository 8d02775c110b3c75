from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.forms import PageForm
from labs.models import QualificationType
from labs.models.described import LONGEST_DESCRIPTION
from labs.models.qualification import LONGEST_MONTHS


def _date(label: Any, help_text: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class GrantForm(PageForm):
    """Who is granted what, until when."""

    type = forms.ChoiceField(label=_("Qualification"))
    email = forms.EmailField(
        label=_("E-mail of the person"),
        help_text=_("The very address they sign in with."),
    )
    valid_from = _date(_("Valid from"), _("Empty: from today."))
    valid_until = _date(_("Valid until"), _("Empty: as long as its type says."))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    proof = forms.FileField(
        label=_("Proof"),
        required=False,
        help_text=_("PDF, JPEG, PNG or WebP, at most 8 MB."),
        widget=forms.FileInput(
            attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}
        ),
    )

    @classmethod
    def of(
        cls, types: list[QualificationType], data: Any = None, files: Any = None
    ) -> GrantForm:
        form = cls(data, files, auto_id="grant-%s")
        field: Any = form.fields["type"]
        field.choices = [(each.slug, each.local_name) for each in types]
        return form

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = dict(self.cleaned_data)
        given["type_slug"], file = given.pop("type"), given.pop("proof")
        return given | {"proof": file or None, "proof_size": file.size if file else 0}


class TypeForm(PageForm):
    """What a type of qualification says of itself."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_bg = forms.CharField(
        label=_("Name in Bulgarian"), max_length=120, required=False
    )
    validity_months = forms.IntegerField(
        label=_("Months it is valid"),
        min_value=1,
        max_value=LONGEST_MONTHS,
        required=False,
        help_text=_("Empty where it does not expire."),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it is about, and how one gets it."),
    )
    description_bg = forms.CharField(
        label=_("Description in Bulgarian"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @classmethod
    def of(cls, shown: QualificationType | None, data: Any = None) -> TypeForm:
        if shown is None:
            return cls(data, auto_id="new-%s")
        initial = {name: getattr(shown, name) for name in cls.base_fields}
        return cls(data, initial=initial, auto_id=f"type-{shown.pk}-%s")
