from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.fields import DayField
from config.serializers import YEARS
from labs.models import Organisation, Resource, Site


class DateForm(PageForm):
    date = DayField(label=gettext_lazy("Day"))


class TimelineForm(DateForm):
    """Which day or week, and which resources."""

    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"), required=False)
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: dict[str, Any],
        *,
        sites: Sequence[Site],
        organisations: Sequence[Organisation],
    ) -> None:
        super().__init__(data)
        choose(self, "site", [("", _("Any")), *names_by_slug(sites)])
        choose(self, "kind", [("", _("Any")), *Resource.Kind.choices])
        choose(self, "organisation", [("", _("Any")), *names_by_slug(organisations)])

    def filtered(self, resources: QuerySet[Resource]) -> QuerySet[Resource]:
        """Return those that the filters leave."""
        given = self.cleaned_data
        wanted = {
            "site__slug": given["site"],
            "kind": given["kind"],
            "organisation__slug": given["organisation"],
        }
        return resources.filter(**{name: to for name, to in wanted.items() if to})


class InstantField(forms.CharField):
    """An instant as ISO 8601 with an offset."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            instant = dt.datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or instant.year not in YEARS:
            raise ValidationError(_("Give a time with its offset."))
        return instant


class MoveOnTimelineForm(PageForm):
    """Where a reservation was dragged to; `version` is what the person looked at."""

    reference = forms.SlugField()
    version = forms.IntegerField(min_value=1)
    starts_at = InstantField()
    ends_at = InstantField()
    back = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        is_whole = given.keys() >= {"starts_at", "ends_at"}
        if is_whole and given["ends_at"] <= given["starts_at"]:
            self.add_error("ends_at", _("The end must come after the start."))
        return given
