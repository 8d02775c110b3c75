from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models.reservation import Status
from booking.web.forms.base import choose, names_by_slug
from labs.models import Resource

SENT = [choice for choice in Status.choices if choice[0] != Status.HELD]


class ListForm(forms.Form):
    """Which reservations to list; a value that is none of them lists them all."""

    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    resource = forms.ChoiceField(label=gettext_lazy("Resource"), required=False)

    def __init__(self, data: Any, *, resources: Iterable[Resource]) -> None:
        super().__init__(data, label_suffix="")
        choose(self, "status", [("", _("Any")), *SENT])
        choose(self, "resource", [("", _("Any")), *names_by_slug(resources)])

    def wanted(self) -> dict[str, str]:
        """Return the filters of a queryset that were given."""
        self.full_clean()
        names = {"status": "status", "resource": "resource__slug"}
        given = self.cleaned_data
        return {names[name]: given[name] for name in names if given.get(name)}
