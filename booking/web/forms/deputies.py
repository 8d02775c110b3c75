from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.fields import DayField
from config import clock
from labs.models import User
from labs.selectors.organisations import organisation_list


class DeputyForm(PageForm):
    """Who decides for oneself, from when until when, for which side."""

    organisation = forms.ChoiceField(label=gettext_lazy("For"), required=False)
    deputy = forms.EmailField(
        label=gettext_lazy("Deputy (e-mail)"),
        max_length=254,
        widget=forms.EmailInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))

    def __init__(self, data: Any = None, *, actor: User) -> None:
        today = clock.today()
        super().__init__(data, initial={"starts_on": today, "ends_on": today})
        managed = organisation_list(user=actor).filter(pk__in=actor.managed_ids)
        sides = names_by_slug(managed)
        if actor.is_hub_staff:
            sides.insert(0, ("", _("hub staff")))
        choose(self, "organisation", sides)
        self.fields["organisation"].required = not actor.is_hub_staff

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = self.cleaned_data
        return {
            "organisation_slug": given["organisation"],
            "deputy_email": given["deputy"],
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
        }
