from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.forms import PageForm
from labs.models import Organisation, User
from labs.models.described import LONGEST_DESCRIPTION
from labs.services.organisations import BY_STAFF


class NewOrganisationForm(PageForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("What it is"), choices=Organisation.Kind.choices)


class ProfileForm(PageForm):
    """What an organisation says of itself; kind and domain for hub staff alone."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_bg = forms.CharField(
        label=_("Name in Bulgarian"), max_length=120, required=False
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=Organisation.Kind.choices)
    website = forms.URLField(
        label=_("Website"), required=False, assume_scheme="https", max_length=200
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    description_bg = forms.CharField(
        label=_("Description in Bulgarian"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email_domain = forms.CharField(
        label=_("Own e-mail domain"),
        required=False,
        max_length=120,
        help_text=_("Whoever has an address there joins at once, as a booker."),
    )

    @classmethod
    def of(
        cls, organisation: Organisation, actor: User, sent: Any = None
    ) -> ProfileForm:
        initial = {name: getattr(organisation, name) for name in cls.base_fields}
        form = cls(sent, initial=initial)
        if not actor.is_hub_staff:
            for name in BY_STAFF:
                del form.fields[name]
        return form
