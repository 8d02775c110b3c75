from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.forms import PageForm
from labs.models import ApiToken, User


class PersonForm(PageForm):
    """What a person says of themselves."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of pages and mails"),
        choices=User.Language.choices,
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Your time zone"),
        required=False,
        help_text=gettext_lazy(
            "Shown beside the site’s time where the two differ. Sites keep their own."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        zones = sorted(zoneinfo.available_timezones())
        cast(forms.ChoiceField, self.fields["time_zone"]).choices = [
            ("", _("The same as the site’s")),
            *((zone, zone.replace("_", " ")) for zone in zones if "/" in zone),
        ]

    @classmethod
    def of(cls, person: User, sent: Any = None) -> PersonForm:
        initial = {name: getattr(person, name) for name in cls.base_fields}
        return cls(sent, initial=initial)


class TokenForm(PageForm):
    """A token for a program; with a prefix, as a page has more than one name."""

    prefix = "token"

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("It may"), choices=ApiToken.Scope.choices
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        initial=90,
        choices=[
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("a year")),
            (0, gettext_lazy("until it is ended")),
        ],
    )

    def values(self) -> dict[str, Any]:
        """Return what the service takes; the form is valid."""
        given = self.cleaned_data
        valid_for = dt.timedelta(days=given["days"]) if given["days"] else None
        return {
            "name": given["name"],
            "scope": given["scope"],
            "valid_for": valid_for,
        }
