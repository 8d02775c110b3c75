"""Writes what resources of the example hub require, and who was granted it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from booking.demo import data
from config import clock
from labs.models import (
    Membership,
    Organisation,
    Qualification,
    QualificationType,
    Resource,
    User,
)
from labs.services.qualifications import last_day

#: How long ago everybody was trained.
TRAINED = dt.timedelta(days=120)


def qualifications_grant() -> int:
    """Write types and grants; in the caller's transaction. Returns how many grants."""
    words = data.read("qualifications")
    types = {row["slug"]: _type(dict(row)) for row in words["type"]}
    told = [_granted(types[row["type"]], row) for row in words["grant"]]
    known = {(each.type_id, each.person_id) for each in told}
    trained = [
        _grant(types[row["slug"]], person, clock.today() - TRAINED)
        for row in words["type"]
        if "everybody" in row
        for person in _who_use(row["everybody"])
        if (types[row["slug"]].pk, person.pk) not in known
    ]
    return len(Qualification.objects.bulk_create([*told, *trained]))


def _type(row: dict[str, Any]) -> QualificationType:
    required_by = row.pop("resources", [])
    row.pop("everybody", None)
    owner = Organisation.objects.get(slug=row.pop("organisation"))
    made = QualificationType.objects.create(organisation=owner, **row)
    made.resources.set(Resource.objects.filter(slug__in=required_by))
    return made


def _who_use(theme: str) -> list[User]:
    slugs = [slug for slug, themes in data.uses().items() if theme in themes]
    members = Membership.objects.filter(organisation__slug__in=slugs)
    return list(User.objects.filter(memberships__in=members).distinct().order_by("pk"))


def _granted(of: QualificationType, row: dict[str, Any]) -> Qualification:
    today, person = clock.today(), User.objects.get(email=row["person"])
    made = _grant(of, person, today + dt.timedelta(days=row["from"]))
    if "until" in row:
        made.valid_until = today + dt.timedelta(days=row["until"])
    if "by" in row:
        made.granted_by = User.objects.get(email=row["by"])
    made.note = row.get("note", "")
    return made


def _grant(of: QualificationType, person: User, first: dt.date) -> Qualification:
    managers = Membership.objects.filter(
        organisation=of.organisation, role=Membership.Role.MANAGER
    )
    return Qualification(
        type=of,
        person=person,
        granted_by=managers.order_by("pk")[0].user,
        granted_at=clock.now() - (clock.today() - first),
        valid_from=first,
        valid_until=last_day(first, of.validity_months),
    )
