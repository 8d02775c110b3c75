from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.forms import PageForm
from labs.models import Membership, Organisation
from labs.models.joining import LONGEST_REASON
from labs.validators import validate_one_line


class JoinFields(forms.Form):
    """Which organisation, one that is here or a new one, and why."""

    organisation = forms.ChoiceField(
        label=gettext_lazy("Your organisation"), required=False
    )
    new_name = forms.CharField(
        label=gettext_lazy("Name of the new organisation"),
        max_length=120,
        required=False,
        validators=[validate_one_line],
    )
    new_kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        required=False,
        choices=[("", "–"), *Organisation.Kind.choices],
    )
    new_website = forms.URLField(
        label=gettext_lazy("Its website"),
        required=False,
        assume_scheme="https",
        max_length=200,
    )
    reason = forms.CharField(
        label=gettext_lazy("What brings you here"),
        help_text=gettext_lazy("One sentence is enough; the hub’s staff read it."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows: QuerySet[Organisation] = Organisation.objects.filter(is_active=True)
        field = cast(forms.ChoiceField, self.fields["organisation"])
        field.choices = [
            ("", _("A new one, which is not in this list")),
            *((row.slug, row.local_name) for row in rows),
        ]

    def clean(self) -> dict[str, Any]:
        """Need the name and kind of an organisation that is not here yet."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        known = given.get("organisation") or "organisation" in self.errors
        if known or "organisation" not in self.fields:
            return given
        if not given.get("new_name") and "new_name" not in self.errors:
            text = _("Choose an organisation above, or name the new one.")
            self.add_error("new_name", text)
        elif not given.get("new_kind") and "new_kind" not in self.errors:
            self.add_error("new_kind", _("Say what it is."))
        return given

    def whither(self) -> dict[str, Any]:
        """Return what the service takes; the form is valid."""
        names = ("organisation", "new_name", "new_kind", "new_website", "reason")
        return {name: self.cleaned_data[name] for name in names}


class JoinForm(JoinFields, PageForm):
    """Asks to join, from within."""


class DeclineForm(PageForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class InviteForm(PageForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.BOOKER,
    )
