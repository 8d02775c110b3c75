from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Missing
from labs.models import (
    Coverage,
    Membership,
    Organisation,
    QualificationType,
    Resource,
    Site,
    Unit,
    User,
)
from labs.services.csv_rows import Report, Row, read_rows, refuse_repeated
from labs.services.hub_csv.columns import (
    ORGANISATIONS,
    PEOPLE,
    RESOURCES,
    SHEETS,
    SITES,
    Sheet,
)
from labs.services.hub_csv.columns import QUALIFICATION_TYPES as TYPES
from labs.services.hub_csv.people import people_plan
from labs.services.hub_csv.plan import M, Plan, filled
from labs.services.hub_csv.resources import ResourcesPlan, resources_plan
from labs.services.hub_csv.types import types_plan
from labs.services.units import (
    hall_set_parts,
    lock_resources,
    unit_names,
    units_resize,
)


@transaction.atomic(durable=True)
def hub_import(
    folder: Path, *, skip_bad: bool = False, dry_run: bool = False
) -> Report:
    """Bring the hub to what the files in a folder say; return what was found and done.

    All rows are checked before any is written, and one bad row keeps all from being
    written, unless `skip_bad`. Files that are not there are left out; raises Missing
    where there is none, and OSError as `open` does.
    """
    if not any((folder / sheet.file).exists() for sheet in SHEETS):
        names = ", ".join(sheet.file for sheet in SHEETS)
        text = _("There is none of %(names)s in this folder.")
        raise Missing(text % {"names": names})
    report = Report()
    organisations = _described(
        folder, ORGANISATIONS, _organisations(), Organisation, report
    )
    sites = _described(folder, SITES, _sites(), Site, report)
    rows = _rows(folder, PEOPLE, report)
    people, memberships = people_plan(rows, organisations, report)
    types = types_plan(_rows(folder, TYPES, report), organisations, report)
    rows = refuse_repeated(
        _rows(folder, RESOURCES, report), lambda row: row.cells["slug"], "slug", report
    )
    resources = resources_plan(rows, organisations, sites, types, report)
    for plan in (organisations, sites, people, memberships, types, resources.resources):
        plan.tell(report)
    if not dry_run and (skip_bad or not report.faults):
        organisations.write(Organisation.objects, _fields(ORGANISATIONS))
        sites.write(Site.objects, _fields(SITES))
        people.write(User.objects, _fields(PEOPLE))
        memberships.write(Membership.objects, ["role"])
        types.write(QualificationType.objects, [*_fields(TYPES), "organisation"])
        _write_resources(resources)
    return report


def _rows(folder: Path, sheet: Sheet, report: Report) -> list[Row]:
    path = folder / sheet.file
    if not path.exists():
        return []
    return read_rows(path, report, required=sheet.required, optional=sheet.columns)


def _fields(sheet: Sheet) -> list[str]:
    return [*sheet.fields.values()]


def _organisations() -> Plan[Organisation]:
    known = {each.slug: each for each in Organisation.objects.all()}
    missing = gettext_lazy("There is no organisation “%(key)s”.")
    return Plan("organisations", known, missing)


def _sites() -> Plan[Site]:
    known = {each.slug: each for each in Site.objects.all()}
    return Plan("sites", known, gettext_lazy("There is no site “%(key)s”."))


def _described(
    folder: Path, sheet: Sheet, plan: Plan[M], model: type[M], report: Report
) -> Plan[M]:
    """Plan a file whose rows refer to nothing else; the key is the slug."""
    rows = _rows(folder, sheet, report)
    for row in refuse_repeated(rows, lambda row: row.cells["slug"], "slug", report):
        slug = row.cells["slug"]
        before = plan.known.get(slug)
        after, faults = filled(before or model(), row, sheet.fields)
        if faults:
            plan.refuse(slug, faults, report)
        else:
            plan.accept(slug, before, after)
    return plan


def _write_resources(plan: ResourcesPlan) -> None:
    resources = plan.resources
    # All at once, in everybody's order: row by row we would meet who edits a hall.
    lock_resources(known for known in resources.known.values() if known.pk)
    fields = [*_fields(RESOURCES), "organisation", "site", "is_pool"]
    resources.write(Resource.objects, fields)
    new = {resource.slug for resource in resources.new}
    _give_units([r for r in resources.new if not plan.reshaped[r.slug].covers], plan)
    for slug, shape in plan.reshaped.items():
        resource = resources.known[slug]
        if shape.covers:
            parts = [resources.known[part] for part in shape.covers]
            hall_set_parts(resource, parts)
        elif slug not in new:
            units_resize(resource, shape.units)
    _require(plan)


def _require(plan: ResourcesPlan) -> None:
    """Write what the resources require, all at once."""
    link = Resource.required_qualifications.through
    changed = [plan.resources.known[slug] for slug in plan.required]
    link.objects.filter(resource__in=changed).delete()
    link.objects.bulk_create(
        link(
            resource_id=plan.resources.known[slug].pk,
            qualificationtype_id=plan.types.known[each].pk,
        )
        for slug, required in plan.required.items()
        for each in required
    )


def _give_units(resources: list[Resource], plan: ResourcesPlan) -> None:
    """Make the units of new labs and pools, all at once."""
    owners = [
        (resource, Unit(name=name))
        for resource in resources
        for name in unit_names(resource, plan.reshaped[resource.slug].units)
    ]
    Unit.objects.bulk_create([unit for _owner, unit in owners])
    Coverage.objects.bulk_create(
        [Coverage(resource=owner, unit=unit) for owner, unit in owners]
    )
