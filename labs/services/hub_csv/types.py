from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from labs.models import Organisation, QualificationType
from labs.services.csv_rows import Report, Row, refuse_repeated
from labs.services.hub_csv.columns import QUALIFICATION_TYPES
from labs.services.hub_csv.plan import Plan, filled


def types_plan(
    rows: Sequence[Row], organisations: Plan[Organisation], report: Report
) -> Plan[QualificationType]:
    """Return what the rows make of types of qualification; no organisation: the hub."""
    known = {
        each.slug: each
        for each in QualificationType.objects.select_related("organisation")
    }
    plan = Plan("qualification types", known)
    for row in refuse_repeated(rows, lambda row: row.cells["slug"], "slug", report):
        slug = row.cells["slug"]
        before = known.get(slug)
        after, faults = filled(
            before or QualificationType(), row, QUALIFICATION_TYPES.fields
        )
        if row.cells.get("organisation"):
            after.organisation = organisations.find(row, "organisation", faults)
        elif before is None or "organisation" in row.cells:
            after.organisation = None
        if before is not None and after.organisation != before.organisation:
            text = _("A type of qualification stays with who owns it.")
            faults.append(row.fault("organisation", text))
        if faults:
            plan.refuse(slug, faults, report)
        else:
            plan.accept(slug, before, after)
    return plan
