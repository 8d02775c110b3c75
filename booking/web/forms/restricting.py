"""What a host types to keep hours for some."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Programme
from booking.web.forms.base import PageForm, choose
from booking.web.forms.fields import ClockField
from booking.weekly import DAYS
from booking.words import weekday_names
from labs.models import Organisation, QualificationType


class RestrictedHoursForm(PageForm):
    """Days, from when, until when, and who may come: any of those named."""

    names: ClassVar[dict[str, str]] = {"starts": "from", "ends": "to"}

    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days"), widget=forms.CheckboxSelectMultiple
    )
    for_host = forms.BooleanField(
        label=gettext_lazy("The host’s own people"), required=False
    )
    organisations = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Organisations"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    programmes = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Programmes"),
        queryset=Programme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    qualifications = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Whoever is qualified"),
        queryset=QualificationType.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, host_id: int) -> None:
        usual = {"days": DAYS[:5], "from": "18:00", "to": "22:00", "for_host": True}
        super().__init__(data, initial=usual)
        choose(self, "days", zip(DAYS, weekday_names(), strict=True))
        self.fields["from"] = ClockField(label=_("From"))
        self.fields["to"] = ClockField(label=_("To"), first=15, last=1440)
        self.order_fields(["days", "from", "to"])
        others = Organisation.objects.filter(is_active=True).exclude(pk=host_id)
        known: dict[str, Any] = {
            "organisations": others.order_by("name", "pk"),
            "programmes": Programme.objects.all(),
            "qualifications": QualificationType.objects.all(),
        }
        for name, rows in known.items():
            field: Any = self.fields[name]
            field.queryset = rows
            field.choices = [(each.pk, each.local_name) for each in rows]
            if not field.choices:
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["starts"], given["ends"] = given.pop("from"), given.pop("to")
        return given
