"""Writes what was agreed in the example hub: a programme, agreements, quotas."""

from __future__ import annotations

import datetime as dt
from typing import Any

from booking.demo import data
from booking.demo.places import Hub
from booking.models import Agreement, Programme
from booking.services.agreements import agreement_add, programme_save
from booking.services.quotas import peak_hours_add, quota_add
from labs.models import Organisation


def agreements_make(hub: Hub, today: dt.date) -> None:
    """Write it all through the services, once the weeks are filled."""
    words, staff = data.read("agreements"), hub.staff[0]
    organisations = Organisation.objects.in_bulk(field_name="slug")
    row = dict(words["programme"])
    first, last = _days(row, today)
    members = [organisations[slug] for slug in row.pop("organisations")]
    programme = programme_save(
        actor=staff,
        values=row | {"starts_on": first, "ends_on": last, "organisations": members},
    )
    for each in words["agreement"]:
        given = _agreement(dict(each), organisations, programme, today)
        agreement_add(actor=staff, values=given)
    for each in words["quota"]:
        values = dict(each)
        of = organisations[values.pop("organisation")]
        quota_add(actor=staff, of=of, values=values)
    for each in words["peak"]:
        values = dict(each)
        of = organisations[values.pop("organisation")]
        peak_hours_add(actor=staff, of=of, **values)


def _days(row: dict[str, Any], today: dt.date) -> list[dt.date]:
    days = (row.pop("from"), row.pop("until"))
    return [today + dt.timedelta(days=ahead) for ahead in days]


def _agreement(
    row: dict[str, Any],
    organisations: dict[str, Organisation],
    programme: Programme,
    today: dt.date,
) -> dict[str, Any]:
    first, last = _days(row, today)
    row |= row.pop("values") | {"valid_from": first, "valid_until": last}
    row["host"] = organisations[row["host"]]
    if row.pop("programme", False):
        row["programme"] = programme
    else:
        row["organisation"] = organisations[row["organisation"]]
    if row.get("tag"):
        row["covers"] = Agreement.Covers.TAG
    return row
