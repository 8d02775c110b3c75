from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.finding import MOST_PEOPLE
from labs.models import Organisation, Resource, Site
from labs.selectors.resources import has_words, with_tag_text


class CatalogueForm(PageForm):
    """What of the catalogue to show; every field may stay empty."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"), required=False)
    tag = forms.CharField(
        label=gettext_lazy("Good for"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "tags", "autocomplete": "off"}),
    )
    people = forms.IntegerField(
        label=gettext_lazy("People"),
        min_value=1,
        max_value=MOST_PEOPLE,
        required=False,
    )

    def __init__(
        self,
        data: Any,
        *,
        sites: Sequence[Site],
        organisations: Sequence[Organisation],
    ) -> None:
        super().__init__(data)
        any_one = ("", _("Any"))
        choose(self, "kind", [any_one, *Resource.Kind.choices])
        choose(self, "site", [any_one, *names_by_slug(sites)])
        choose(self, "organisation", [any_one, *names_by_slug(organisations)])

    def conditions(self) -> dict[str, Q]:
        """Return what each field that is filled in asks of a resource."""
        given = self.cleaned_data
        wanted = {
            "q": has_words(given["q"]),
            "kind": Q(kind=given["kind"]),
            "site": Q(site__slug=given["site"]),
            "organisation": Q(organisation__slug=given["organisation"]),
            "tag": Q(tags__contains=[given["tag"].strip().lower()]),
            "people": Q(people__gte=given["people"]),
        }
        return {name: wanted[name] for name in wanted if given[name]}

    def resources(self) -> QuerySet[Resource]:
        """Return the published resources that the filters leave, by name."""
        return _published().filter(_all(self.conditions()))

    def looser(self) -> list[tuple[str, str, int]]:
        """Return each filter whose loss would show something; one query.

        As its field's name, what it is called, and how many resources that would be.
        """
        wanted = self.conditions()
        counts = {
            name: Count(
                "pk",
                filter=_all(
                    {other: wanted[other] for other in wanted if other != name}
                ),
            )
            for name in wanted
        }
        found = _published().aggregate(**{f"without_{n}": c for n, c in counts.items()})
        return [
            (name, str(self[name].label), found[f"without_{name}"])
            for name in wanted
            if found[f"without_{name}"]
        ]


def _published() -> QuerySet[Resource]:
    return with_tag_text(Resource.objects.published())


def _all(conditions: dict[str, Q]) -> Q:
    # An empty filter of a Count would be none at all; one that holds is what is meant.
    return reduce(and_, conditions.values(), Q(pk__isnull=False))
