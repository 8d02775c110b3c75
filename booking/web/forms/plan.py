"""A floor and its rooms as they are typed, in metres."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.forms.base import PageForm, choose, names_by_slug
from labs.drawing import Rectangle
from labs.models import FloorPlan, Resource, Room
from labs.models.plan import LONGEST_WALL

#: Rows that stand empty below the rooms that are there.
EMPTY_ROWS = 3
MOST_ROOMS = 200


def _metres(label: Any, least: float, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=least,
        max_value=LONGEST_WALL,
        decimal_places=2,
        max_digits=5,
        widget=forms.NumberInput(attrs={"step": "any"}),
        **options,
    )


class PlanForm(PageForm):
    """What a floor is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    name_bg = forms.CharField(
        label=gettext_lazy("Name in Bulgarian"), max_length=80, required=False
    )
    level = forms.IntegerField(
        label=gettext_lazy("Storey"),
        min_value=-20,
        max_value=200,
        help_text=gettext_lazy("0 for the ground floor, −1 for the cellar."),
    )
    width = _metres(gettext_lazy("Width, m"), 1)
    height = _metres(gettext_lazy("Depth, m"), 1)

    @classmethod
    def of(cls, plan: FloorPlan, data: Any = None) -> PlanForm:
        """Return the form of a floor, with its values."""
        initial = {name: getattr(plan, name) for name in cls.base_fields}
        return cls(data, initial=initial)


class RoomForm(forms.Form):
    """Where one resource is; a row without a resource is no room."""

    resource = forms.ChoiceField(label=gettext_lazy("Resource"), required=False)
    x = _metres(gettext_lazy("From the left, m"), 0, required=False)
    y = _metres(gettext_lazy("From the top, m"), 0, required=False)
    width = _metres(gettext_lazy("Width, m"), 0.5, required=False)
    height = _metres(gettext_lazy("Depth, m"), 0.5, required=False)

    def __init__(
        self, *args: Any, resources: Iterable[Resource], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        choose(self, "resource", [("", "–"), *names_by_slug(resources)])
        for field in self.fields.values():
            # The column's heading says it to the eye.
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("resource"):
            for name in Rectangle._fields:
                if name in given and given[name] is None:
                    self.add_error(name, _("This field is required."))
        return given


class _Rooms(BaseFormSet[RoomForm]):
    def clean(self) -> None:
        chosen = [slug for form in self.forms if (slug := _slug_of(form))]
        for slug in {each for each in chosen if chosen.count(each) > 1}:
            name = dict(self.forms[0].fields["resource"].choices)[slug]  # type: ignore[attr-defined]
            raise forms.ValidationError(_("%(room)s is there twice.") % {"room": name})


def _slug_of(form: RoomForm) -> str:
    slug: str = form.cleaned_data.get("resource", "") if form.is_valid() else ""
    return slug


def rooms_form(
    rooms: Iterable[Room], resources: Iterable[Resource], data: Any = None
) -> BaseFormSet[RoomForm]:
    """Return a row for each room, and some to add others in."""
    initial = [
        {"resource": room.resource.slug}
        | {name: getattr(room, name) for name in Rectangle._fields}
        for room in rooms
    ]
    made: Any = forms.formset_factory(
        RoomForm, formset=_Rooms, extra=EMPTY_ROWS, max_num=MOST_ROOMS
    )
    formset: BaseFormSet[RoomForm] = made(
        data,
        initial=initial,
        prefix="rooms",
        form_kwargs={"resources": list(resources)},
    )
    return formset


def places_of(formset: BaseFormSet[RoomForm]) -> dict[str, Rectangle]:
    """Return where each resource is, by its slug; the rows are valid."""
    rows = [form.cleaned_data for form in formset.forms if _slug_of(form)]
    return {
        row["resource"]: Rectangle(*(row[name] for name in Rectangle._fields))
        for row in rows
    }
