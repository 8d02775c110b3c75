from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from django.db import models

from labs.models import Organisation, QualificationType, Resource, Site, User
from labs.selectors.resources import shape_map
from labs.services.csv_rows import write_rows
from labs.services.hub_csv.columns import (
    ORGANISATIONS,
    PEOPLE,
    QUALIFICATION_TYPES,
    RESOURCES,
    SITES,
    Sheet,
)


def hub_export(folder: Path) -> dict[str, int]:
    """Write the hub into a folder, as `hub_import` reads it; return rows per file.

    Files of these names that are there already are replaced. Passwords, tokens, photos
    and who has which qualification stay here. Ten queries. Raises OSError as `open`
    does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        ORGANISATIONS: _described(Organisation.objects.order_by("slug"), ORGANISATIONS),
        SITES: _described(Site.objects.order_by("slug"), SITES),
        PEOPLE: _people(),
        QUALIFICATION_TYPES: _qualification_types(),
        RESOURCES: _resources(),
    }
    return {
        sheet.file: write_rows(folder / sheet.file, sheet.columns, rows)
        for sheet, rows in contents.items()
    }


def _values(thing: models.Model, sheet: Sheet) -> tuple[object, ...]:
    return attrgetter(*sheet.fields.values())(thing)


def _described(
    things: models.QuerySet[Organisation] | models.QuerySet[Site], sheet: Sheet
) -> Iterator[tuple[object, ...]]:
    for thing in things:
        yield _values(thing, sheet)


def _people() -> Iterator[tuple[object, ...]]:
    people = User.objects.order_by("email")
    for person in people.prefetch_related("memberships__organisation"):
        rows = sorted(
            (each.organisation.slug, each.role) for each in person.memberships.all()
        )
        for organisation, role in rows or [("", "")]:
            yield (*_values(person, PEOPLE), organisation, role)


def _qualification_types() -> Iterator[tuple[object, ...]]:
    types = QualificationType.objects.order_by("slug").select_related("organisation")
    for each in types:
        owner = each.organisation.slug if each.organisation else ""
        yield (*_values(each, QUALIFICATION_TYPES), owner)


def _resources() -> Iterator[tuple[object, ...]]:
    shapes = shape_map()
    resources = Resource.objects.order_by("slug").prefetch_related(
        "required_qualifications"
    )
    for resource in resources.select_related("organisation", "site"):
        shape = shapes[resource.slug]
        yield (
            *_values(resource, RESOURCES),
            resource.organisation.slug,
            resource.site.slug,
            shape.units or "",
            shape.is_pool,
            shape.covers,
            sorted(each.slug for each in resource.required_qualifications.all()),
        )
