"""Agreements as the two sides see them, and programmes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from booking.models import Agreement, Programme
from labs.models import Organisation, Resource, User

COVERED = """
SELECT resource_id FROM booking_agreementcovers WHERE agreement_id = %s
"""


def agreements_visible_to(user: User) -> QuerySet[Agreement]:
    """Return those that one's organisations gave or have; hub staff see all."""
    rows = Agreement.objects.select_related("host", "organisation", "programme")
    if user.is_hub_staff:
        return rows
    ours = list(user.roles)
    seen = rows.filter(
        Q(host_id__in=user.managed_ids)
        | Q(organisation_id__in=ours)
        | Q(programme__organisations__in=ours)
    )
    return seen.distinct()


def agreements_of_guest(guest: Organisation, day: dt.date) -> QuerySet[Agreement]:
    """Return what is agreed with it or with its programmes, and is not over."""
    theirs = Q(organisation=guest) | Q(
        programme__organisations=guest, programme__ends_on__gte=day
    )
    rows = Agreement.objects.select_related("host", "organisation", "programme")
    still = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return rows.filter(theirs, still).distinct()


def resources_covered(agreement: Agreement) -> QuerySet[Resource]:
    """Return the resources that it covers, by name."""
    ids: Any = RawSQL(COVERED, [agreement.pk])  # noqa: S611 - our constant
    rows = Resource.objects.filter(pk__in=ids).select_related("organisation")
    return rows.order_by("name", "pk")


def guests_of(agreement: Agreement) -> list[Organisation]:
    """Return the organisations that it is for."""
    if agreement.programme is not None:
        return list(agreement.programme.organisations.order_by("name", "pk"))
    return [agreement.organisation] if agreement.organisation else []


def programmes() -> QuerySet[Programme]:
    """Return all, the newest first, with their organisations."""
    return Programme.objects.prefetch_related("organisations")
