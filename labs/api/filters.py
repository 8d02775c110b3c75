from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters

from config.errors import Invalid
from labs.models import Organisation, Resource, Site
from labs.selectors.organisations import organisation_list
from labs.selectors.resources import has_words, with_tag_text

#: An address with anything else in it (such as a NUL byte) is of nothing we have.
SLUG = "[-a-zA-Z0-9_]+"
#: What the paginator reads.
PAGING = frozenset({"page", "page_size"})


class StrictFilterSet(filters.FilterSet):  # type: ignore[misc]
    """Refuses a parameter that nobody knows: ignored, it would find too much."""

    def is_valid(self) -> bool:
        if unknown := set(self.data) - set(self.filters) - PAGING:
            text = _("This parameter is not known.")
            raise Invalid({name: [text] for name in sorted(unknown)})
        return bool(super().is_valid())


class WholeNumberFilter(filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField


def organisations_of(request: HttpRequest | None) -> QuerySet[Organisation]:
    # While the schema is made there is no request.
    if request is None:
        return Organisation.objects.none()
    return organisation_list(user=request.user)


class ResourceFilter(StrictFilterSet):
    kind = filters.ChoiceFilter(choices=Resource.Kind.choices)
    listing = filters.ChoiceFilter(choices=Resource.Listing.choices)
    site = filters.ModelChoiceFilter(
        queryset=Site.objects.all(), to_field_name="slug", help_text="Slug."
    )
    organisation = filters.ModelChoiceFilter(
        queryset=organisations_of, to_field_name="slug", help_text="Slug."
    )
    people = WholeNumberFilter(
        "people", "gte", min_value=1, max_value=10_000, help_text="At least so many."
    )
    tag = filters.CharFilter(method="filter_tag", max_length=40)
    q = filters.CharFilter(
        method="filter_words",
        max_length=100,
        help_text="Words, all of which are in name, description or tags.",
    )

    class Meta:
        model = Resource
        fields: tuple[str, ...] = ()

    def filter_tag(
        self, resources: QuerySet[Resource], name: str, tag: str
    ) -> QuerySet[Resource]:
        return resources.filter(tags__contains=[tag.lower()])

    def filter_words(
        self, resources: QuerySet[Resource], name: str, text: str
    ) -> QuerySet[Resource]:
        return with_tag_text(resources).filter(has_words(text))
