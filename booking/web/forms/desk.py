"""What a host types about what a resource is."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.fields import LongText
from labs.models import Organisation, Resource, Site, User
from labs.models.described import LONGEST_DESCRIPTION
from labs.rules import MOST_UNITS
from labs.selectors.organisations import organisation_list
from labs.selectors.qualifications import requirable_by
from labs.selectors.resources import details_version

#: A small number in JSON and SQL alike; what really fits is the service's to say.
MOST_PEOPLE = 10_000
#: As many parts are offered for a hall; more would be no list to choose from.
MOST_OFFERED = 200
SINGLE, POOL, HALL = "single", "pool", "hall"


def hosts_of(actor: User) -> list[Organisation]:
    """Return the organisations that this person may add resources to, by name."""
    active = organisation_list(user=actor).filter(is_active=True)
    if not actor.is_hub_staff:
        active = active.filter(pk__in=actor.managed_ids)
    return list(active)


def _parts(actor: User, **of: Any) -> list[Resource]:
    """Return what can be parts of a hall: resources with units of their own."""
    own = Resource.objects.manageable_by(actor).filter(parts=None, **of)
    return list(own.select_related("site")[:MOST_OFFERED])


class DetailsForm(PageForm):
    """What a resource is, and how it is divided."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_bg = forms.CharField(
        label=gettext_lazy("Name in Bulgarian"), max_length=120, required=False
    )
    description = LongText(
        label=gettext_lazy("Description"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )
    description_bg = LongText(
        label=gettext_lazy("Description in Bulgarian"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Resource.Kind.choices)
    site = forms.ChoiceField(label=gettext_lazy("Site"))
    people = forms.IntegerField(
        label=gettext_lazy("People"),
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=gettext_lazy("How many people fit."),
    )
    tags = forms.MultipleChoiceField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What is unticked is taken off."),
    )
    more_tags = forms.CharField(
        label=gettext_lazy("More tags"),
        max_length=400,
        required=False,
        widget=forms.TextInput(attrs={"list": "known-tags"}),
        help_text=gettext_lazy("Small Latin letters, with commas between them."),
    )
    shape = forms.ChoiceField(
        label=gettext_lazy("How it is reserved"), widget=forms.RadioSelect
    )
    units = forms.IntegerField(
        label=gettext_lazy("Units"),
        min_value=1,
        max_value=MOST_UNITS,
        required=False,
        help_text=gettext_lazy("Those in use cannot be taken away."),
    )
    covers = forms.MultipleChoiceField(
        label=gettext_lazy("Parts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whoever reserves the hall has all of them."),
    )
    qualifications = forms.MultipleChoiceField(
        label=gettext_lazy("Required qualifications"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whoever comes has all of them on the day."),
    )
    #: In the order of the page: side by side, one below the other, how it is divided.
    pairs = (("name", "name_bg"), ("description", "description_bg"))
    facts = ("kind", "site", "people")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "site", names_by_slug(Site.objects.all()))

    @classmethod
    def of(cls, resource: Resource, actor: User, data: Any = None) -> DetailsForm:
        """Return the form of a resource that is there, with its values."""
        covers = [part.slug for part in resource.parts.all()]
        shape = HALL if covers else POOL if resource.is_pool else SINGLE
        initial = {name: getattr(resource, name, None) for name in cls.base_fields}
        initial |= {"site": resource.site.slug, "shape": shape, "covers": covers}
        version = initial["seen"] = details_version(resource)
        initial["units"] = max(resource.coverage.count(), 1)
        form = cls(data, initial=initial, auto_id="details-%s")
        form.newest = version
        choose(form, "tags", [(tag, tag) for tag in resource.tags])
        form.fields["tags"].initial = resource.tags
        if not resource.tags:
            del form.fields["tags"]
        types = list(requirable_by(resource))
        choose(form, "qualifications", names_by_slug(types))
        required = [each.slug for each in types if each.is_required]  # type: ignore[attr-defined]
        form.fields["qualifications"].initial = required
        if not types:
            del form.fields["qualifications"]
        form.offer_shapes([HALL] if covers else [SINGLE, POOL])
        if covers:
            del form.fields["units"]
            own = _parts(actor, organisation=resource.organisation, site=resource.site)
            choose(form, "covers", names_by_slug(own))
        else:
            del form.fields["covers"]
        return form

    def offer_shapes(self, shapes: list[str]) -> None:
        texts = {
            SINGLE: _("As a whole, by one at a time"),
            POOL: _("As a pool: a reservation takes some of its units"),
            HALL: _("As a divisible hall: it consists of other resources"),
        }
        choose(self, "shape", [(shape, texts[shape]) for shape in shapes])

    def groups(self) -> dict[str, list[Any]]:
        """Return the fields as the page shows them."""
        there = {each.name: each for each in self.visible_fields()}
        two = [name for pair in self.pairs for name in pair if name in there]
        tags = ("tags", "more_tags", "qualifications")
        last = (*tags, "shape", "units", "covers")
        return {
            "pairs": [there[name] for name in two],
            "facts": [there[name] for name in there if name not in {*two, *last}],
            "tags": [there[name] for name in tags if name in there],
            "shape": [there[name] for name in last[3:] if name in there],
        }

    def clean_more_tags(self) -> list[str]:
        given = self.cleaned_data["more_tags"].lower().split(",")
        return [tag for each in given if (tag := re.sub(r"[\s_-]+", "-", each.strip()))]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for shape, field, text in (
            (POOL, "units", _("How many are there?")),
            (HALL, "covers", _("Choose the parts of the hall.")),
        ):
            said = given.get(field) or field in self.errors
            if given.get("shape") == shape and not said:
                self.add_error(field, text)
        return given

    def changes(self) -> dict[str, Any]:
        """Return what the services take."""
        given = {**self.cleaned_data, "seen": self.cleaned_data["seen"] or None}
        given["site_slug"] = given.pop("site")
        tags = [*given.pop("tags", []), *given.pop("more_tags", [])]
        shape, units = given.pop("shape"), given.pop("units", None)
        covers = given.pop("covers", [])
        given |= {
            SINGLE: {"units": 1, "is_pool": False},
            POOL: {"units": units, "is_pool": True},
            HALL: {"covers": covers},
        }[shape]
        return given | {"tags": list(dict.fromkeys(tags))}


class NewResourceForm(DetailsForm):
    """What a new resource needs; the rest comes later."""

    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        initial = {"people": 1, "units": 2, "shape": SINGLE, "kind": "laboratory"}
        super().__init__(*args, initial=initial, **options)
        self.hosts = hosts_of(actor)
        choose(self, "organisation", names_by_slug(self.hosts))
        for name in (
            *("description", "description_bg"),
            *("tags", "more_tags", "qualifications"),
        ):
            del self.fields[name]
        if len(self.hosts) == 1:
            del self.fields["organisation"]
        parts = _parts(actor)
        named = [(p.slug, f"{p.local_name} ({p.site.local_name})") for p in parts]
        choose(self, "covers", named)
        self.offer_shapes([SINGLE, POOL, *([HALL] if len(named) > 1 else [])])
        if len(named) < 2:
            del self.fields["covers"]

    def changes(self) -> dict[str, Any]:
        given = super().changes()
        del given["seen"]
        only = self.hosts[0].slug if self.hosts else ""
        given["organisation_slug"] = given.pop("organisation", only)
        return given


class PhotoForm(PageForm):
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 8 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
