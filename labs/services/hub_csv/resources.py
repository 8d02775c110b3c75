from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labs.models import Organisation, QualificationType, Resource, Site, Unit
from labs.rules import Faults, Part, Shape, part_faults, shape_faults
from labs.selectors.resources import shape_map
from labs.services.csv_rows import Fault, Report, Row, listed, yes_or_no
from labs.services.hub_csv.columns import RESOURCES
from labs.services.hub_csv.plan import Plan, filled
from labs.services.units import unused_units

V = TypeVar("V")
#: Enough for any count; `int` takes its time over a million of them.
MOST_DIGITS = 9


@dataclass
class ResourcesPlan:
    """Resources, and the shapes that are to change: new ones and those that differ."""

    resources: Plan[Resource]
    organisations: Plan[Organisation]
    sites: Plan[Site]
    types: Plan[QualificationType]
    shapes: dict[str, Shape]
    requires: dict[str, list[str]]
    reshaped: dict[str, Shape] = field(default_factory=dict)
    required: dict[str, list[str]] = field(default_factory=dict)


def resources_plan(
    rows: Sequence[Row],
    organisations: Plan[Organisation],
    sites: Plan[Site],
    types: Plan[QualificationType],
    report: Report,
) -> ResourcesPlan:
    """Return what the rows make of resources and their units."""
    known = {
        resource.slug: resource
        for resource in Resource.objects.select_related(
            "organisation", "site"
        ).prefetch_related("required_qualifications")
    }
    requires = {
        slug: sorted(each.slug for each in resource.required_qualifications.all())
        for slug, resource in known.items()
    }
    missing = gettext_lazy("There is no resource “%(key)s”.")
    resources = Plan("resources", known, missing)
    shapes = shape_map()
    plan = ResourcesPlan(resources, organisations, sites, types, shapes, requires)
    # Parts before halls, wherever they stand in the file.
    for row in sorted(rows, key=lambda row: bool(row.cells.get("covers"))):
        _plan_row(row, plan, report)
    return plan


def _plan_row(row: Row, plan: ResourcesPlan, report: Report) -> None:
    slug = row.cells["slug"]
    before = plan.resources.known.get(slug)
    resource, faults = filled(before or Resource(), row, RESOURCES.fields)
    organisation = plan.organisations.find(row, "organisation", faults)
    site = plan.sites.find(row, "site", faults)
    shape = _shape(row, plan.shapes.get(slug), faults)
    if before is not None:
        faults += _moves(row, before, site, plan.shapes)
    if shape is not None and not faults:
        faults += _shape_faults(row, shape, plan)
    required = _required(row, plan, faults)
    if faults or organisation is None or site is None or shape is None:
        plan.resources.refuse(slug, faults, report)
        return
    resource.organisation, resource.site = organisation, site
    resource.is_pool = shape.is_pool
    reshaped = shape != plan.shapes.get(slug)
    if reshaped:
        plan.reshaped[slug] = plan.shapes[slug] = shape
    if required is not None:
        plan.required[slug] = required
    if reshaped or required is not None:
        # Its units or what it requires alone may differ: that is a change of it too.
        _accept_reshaped(plan.resources, slug, before, resource)
    else:
        plan.resources.accept(slug, before, resource)


def _accept_reshaped(
    resources: Plan[Resource], slug: str, before: Resource | None, after: Resource
) -> None:
    resources.known[slug] = after
    (resources.new if before is None else resources.changed).append(after)


def _shape(row: Row, before: Shape | None, faults: list[Fault]) -> Shape | None:
    """Return the shape a row asks for, with what it leaves out as it is."""
    units = _cell(row, "units", _number, faults)
    is_pool = _cell(row, "is_pool", yes_or_no, faults)
    covers = listed(row.cells.get("covers", ""))
    if before is not None:
        if "covers" not in row.cells:
            covers = list(before.covers)
        if units is None and not covers:
            units = before.units
        is_pool = before.is_pool if is_pool is None else is_pool
    shape = Shape.wanted(units, is_pool=bool(is_pool), covers=covers)
    # Parts have no order, so another one is no change.
    if before and sorted(shape.covers) == sorted(before.covers):
        return Shape(shape.units, shape.is_pool, before.covers)
    return shape


def _required(row: Row, plan: ResourcesPlan, faults: list[Fault]) -> list[str] | None:
    """Return what a row requires if that differs from what is required now."""
    if "qualifications" not in row.cells:
        return None
    named = sorted({*listed(row.cells["qualifications"])})
    for slug in named:
        if slug not in plan.types.known:
            text = _("There is no type of qualification “%(key)s”.")
            faults.append(row.fault("qualifications", text % {"key": slug}))
    return None if named == plan.requires.get(row.cells["slug"], []) else named


def _cell(
    row: Row, column: str, parse: Callable[[str], V], faults: list[Fault]
) -> V | None:
    cell = row.cells.get(column)
    if not cell:
        return None
    try:
        return parse(cell)
    except ValidationError as error:
        faults.append(row.fault(column, " ".join(error.messages)))
        return None


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS):
        raise ValidationError(_("Write a whole number."), code="invalid")
    return int(cell)


def _moves(
    row: Row, before: Resource, site: Site | None, shapes: dict[str, Shape]
) -> list[Fault]:
    """Return what is wrong with another owner or place than it has."""
    faults = []
    if row.cells["organisation"] != before.organisation.slug:
        text = _("A resource stays with its organisation.")
        faults.append(row.fault("organisation", text))
    if site is None or site.slug == before.site.slug:
        return faults
    if site.time_zone != before.site.time_zone:
        text = _("The other site has another time zone. Create a new resource there.")
        faults.append(row.fault("site", text))
    halls = {hall: shape.covers for hall, shape in shapes.items() if shape.covers}
    if before.slug in halls or any(before.slug in parts for parts in halls.values()):
        faults.append(row.fault("site", _("A hall and its parts stay together.")))
    return faults


def _shape_faults(row: Row, shape: Shape, plan: ResourcesPlan) -> list[Fault]:
    before = plan.shapes.get(row.cells["slug"])
    found: Faults = shape_faults(shape, before)
    if shape.covers and not found:
        refused = [slug for slug in shape.covers if slug in plan.resources.refused]
        text = _("The row of “%(key)s” cannot be used.")
        found["covers"] = [text % {"key": slug} for slug in refused] or part_faults(
            shape.covers,
            {slug: _part(plan, slug) for slug in shape.covers if slug in plan.shapes},
            organisation=row.cells["organisation"],
            site=row.cells["site"],
        )
    if before and not shape.covers and shape.units < before.units and not found:
        own = Unit.objects.filter(resources__slug=row.cells["slug"])
        free = unused_units(own).count()
        if before.units - shape.units > free:
            text = _("Only %(free)s of the units to be removed are not in use.")
            found["units"] = [text % {"free": free}]
    return [
        row.fault(column, text) for column, texts in found.items() for text in texts
    ]


def _part(plan: ResourcesPlan, slug: str) -> Part:
    part = plan.resources.known[slug]
    is_hall = bool(plan.shapes[slug].covers)
    return Part(part.organisation.slug, part.site.slug, is_hall)
