from __future__ import annotations

import datetime as dt
from typing import IO

from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from config import clock
from config.errors import Missing
from labs.models import Organisation, Qualification, QualificationType, Resource, User
from labs.models.qualification import EXPIRES_SOON, QualificationQuerySet

#: One after the other they hold together: a renewal begins where the last one ends.
HELD = """
SELECT type_id FROM labs_qualification
WHERE person_id = %s AND revoked_at IS NULL
GROUP BY type_id
HAVING range_agg(daterange(valid_from, valid_until, '[]'))
    @> daterange(%s, %s, '[]')
"""


def qualification_types() -> QuerySet[QualificationType]:
    """Return what can be granted in the hub, by name, with who owns it."""
    rows = QualificationType.objects.select_related("organisation")
    return rows.filter(Q(organisation=None) | Q(organisation__is_active=True))


def grantable_by(user: User) -> QuerySet[QualificationType]:
    """Return the types that this person grants: their organisations'; staff all."""
    types = qualification_types()
    if user.is_hub_staff:
        return types
    return types.filter(organisation_id__in=user.managed_ids)


def requirable_by(resource: Resource) -> QuerySet[QualificationType]:
    """Return what a resource can require: the hub's, its host's, what it has."""
    has = Q(resources=resource) if resource.pk else Q()
    own = Q(organisation=resource.organisation_id)
    rows = QualificationType.objects.filter(Q(organisation=None) | own | has)
    required = Resource.required_qualifications.through.objects.filter(
        resource=resource.pk, qualificationtype=OuterRef("pk")
    )
    return rows.distinct().annotate(is_required=Exists(required))


def qualification_list(*, user: User) -> QualificationQuerySet:
    """Return what this person may see of anybody, the newest first; one query."""
    rows: QualificationQuerySet = Qualification.objects.visible_to(user)
    return rows.select_related("person", "type__organisation", "granted_by")


def qualification_get(user: User, pk: int) -> Qualification:
    """Return one that this person may see; raises Missing (404)."""
    found = qualification_list(user=user).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def qualifications_of_types(
    user: User, organisation: Organisation | None
) -> QualificationQuerySet:
    """Return what was granted of a host's types, for hub staff (None) of all."""
    rows = qualification_list(user=user)
    if organisation is not None:
        rows = rows.filter(type__organisation=organisation)
    return rows


def expiring_soon(rows: QualificationQuerySet) -> QualificationQuerySet:
    """Return those of the rows that expire soon and are not renewed, soonest first."""
    today = clock.today()
    renewed = Qualification.objects.standing().filter(
        Q(valid_until=None) | Q(valid_until__gt=OuterRef("valid_until")),
        person=OuterRef("person"),
        type=OuterRef("type"),
    )
    near = rows.standing().filter(
        ~Exists(renewed), valid_until__range=(today, today + EXPIRES_SOON)
    )
    return near.order_by("valid_until", "pk")


def held_types(user: User, first: dt.date, last: dt.date) -> RawSQL:
    """Return the ids of the types that a person has on each of the days; a subquery."""
    params = [user.pk, first, max(first, last)]
    return RawSQL(HELD, params)  # noqa: S611 - our constant


def with_needs(
    resources: QuerySet[Resource], user: User, first: dt.date, last: dt.date
) -> QuerySet[Resource]:
    """Add `needs` to each: what it requires, and whether the person has it then."""
    types = QualificationType.objects.filter(resources=OuterRef("pk"))
    held = Q(pk__in=held_types(user, first, last))
    shown = JSONObject(name="name", name_bg="name_bg", is_held=held)
    return resources.annotate(needs=ArraySubquery(types.values(need=shown)))


def lacks(user: User, first: dt.date, last: dt.date) -> Exists:
    """Return the condition that a resource requires what the person does not have."""
    rows = Resource.required_qualifications.through.objects
    return Exists(
        rows.filter(resource_id=OuterRef("pk")).exclude(
            qualificationtype_id__in=held_types(user, first, last)
        )
    )


def proof_open(user: User, pk: int) -> tuple[Qualification, IO[bytes]]:
    """Return the file that proves it; raises Missing (404) where none is to be seen."""
    found = qualification_get(user, pk)
    if not found.proof.name:
        raise Missing
    try:
        return found, default_storage.open(found.proof.name)
    except FileNotFoundError as error:
        raise Missing from error
