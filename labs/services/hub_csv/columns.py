"""Which file has which columns, and the field that each one fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_DESCRIBED = {
    "slug": "slug",
    "name": "name",
    "name_bg": "name_bg",
    "description": "description",
    "description_bg": "description_bg",
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A file; `fields` maps columns to fields, `others` need more than copying."""

    file: str
    required: frozenset[str]
    fields: Mapping[str, str]
    others: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.fields, *self.others)


ORGANISATIONS = Sheet(
    "organisations.csv",
    frozenset({"slug", "name", "kind"}),
    {**_DESCRIBED, "kind": "kind", "website": "website", "active": "is_active"},
)
SITES = Sheet(
    "sites.csv",
    frozenset({"slug", "name", "address", "time_zone"}),
    {
        **_DESCRIBED,
        "address": "address",
        "time_zone": "time_zone",
        "access_notes": "access_notes",
        "latitude": "latitude",
        "longitude": "longitude",
    },
)
#: One row per membership; who has none has one row with organisation and role empty.
PEOPLE = Sheet(
    "people.csv",
    frozenset({"email", "name", "organisation", "role"}),
    {
        "email": "email",
        "name": "name",
        "language": "language",
        "time_zone": "time_zone",
        "hub_staff": "is_hub_staff",
        "active": "is_active",
    },
    ("organisation", "role"),
)
QUALIFICATION_TYPES = Sheet(
    "qualification_types.csv",
    frozenset({"slug", "name"}),
    {**_DESCRIBED, "validity_months": "validity_months"},
    ("organisation",),
)
RESOURCES = Sheet(
    "resources.csv",
    frozenset({"slug", "organisation", "site", "kind", "name"}),
    {
        **_DESCRIBED,
        "kind": "kind",
        "people": "people",
        "tags": "tags",
        "listing": "listing",
    },
    ("organisation", "site", "units", "is_pool", "covers", "qualifications"),
)
SHEETS = (ORGANISATIONS, SITES, PEOPLE, QUALIFICATION_TYPES, RESOURCES)
