from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.fields import HoursField
from labs.models import Organisation

#: What is usually short enough to need nobody's look.
LENGTHS = (30, 60, 90, 120, 180, 240, 360, 480)


class ApprovalRuleForm(PageForm):
    """The conditions of a rule; those that are left empty are none."""

    own_organisation = forms.BooleanField(
        label=_("The host’s own people"), required=False
    )
    hours = HoursField(label=_("At most so long"), required=False)
    organisations = forms.MultipleChoiceField(
        label=_("These organisations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    for_all = forms.BooleanField(
        label=_("For all resources of the organisation"), required=False
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="rule-%s")
        length: Any = self.fields["hours"]
        length.offer(LENGTHS)
        length.widget.choices = [("", "—"), *length.widget.choices]
        known = Organisation.objects.filter(is_active=True).order_by("name", "pk")
        choose(self, "organisations", names_by_slug(known))

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        given = self.cleaned_data
        return {
            "own_organisation": given["own_organisation"],
            "at_most_minutes": given["hours"],
            "organisations": given["organisations"],
            "for_all": given["for_all"],
        }
