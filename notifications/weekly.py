"""The weekly digest of who hosts and of hub staff: a week in figures."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.expander import from_wall, to_wall
from booking.models import Reservation
from booking.models.reservation import COUNTING, Status
from booking.words import plain_date_text
from labs.models import Membership, Resource, User
from notifications.models import Message

WEEK, HOUR = dt.timedelta(days=7), dt.timedelta(hours=1)


def readers() -> QuerySet[User]:
    """Return hub staff, and the managers of organisations that have resources."""
    hosts = Resource.objects.filter(organisation=OuterRef("organisation"))
    manages = Membership.objects.filter(
        Exists(hosts),
        user=OuterRef("pk"),
        organisation__is_active=True,
        role=Membership.Role.MANAGER,
    )
    return User.objects.filter(
        Q(is_hub_staff=True) | Exists(manages), is_active=True
    ).order_by("pk")


def is_reader(message: Message) -> bool:
    return readers().filter(pk=message.person_id).exists()


def week_context(message: Message, _now: dt.datetime) -> dict[str, Any]:
    """Return the week that was and the one that comes, of one's own resources."""
    zone, person = ZoneInfo(settings.TIME_ZONE), message.person
    today = to_wall(message.due_at, zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    begins = from_wall(dt.datetime.combine(monday, dt.time()), zone)
    rows = Reservation.objects.sent()
    if not person.is_hub_staff:
        rows = rows.filter(resource__organisation__in=person.managed_ids)
    last = Q(starts_at__gte=begins - WEEK, starts_at__lt=begins)
    coming = Q(starts_at__gte=begins, starts_at__lt=begins + WEEK)
    counted = Q(status__in=COUNTING)
    hours = Sum(F("ends_at") - F("starts_at"), filter=last & counted)
    found = rows.filter(last | coming | Q(status=Status.PENDING)).aggregate(
        last=Count("pk", filter=last & counted),
        hours=Coalesce(hours, dt.timedelta(), output_field=DurationField()),
        missed=Count("pk", filter=last & Q(status=Status.NO_SHOW)),
        coming=Count("pk", filter=coming & counted),
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
    )
    return {
        "when": plain_date_text(monday),
        "waiting": found["waiting"],
        "details": [
            (_("Last week"), _used(found["last"], round(found["hours"] / HOUR))),
            (_("Did not come"), str(found["missed"])),
            (_("This week"), _reservations(found["coming"])),
            (_("Waiting for a decision"), str(found["waiting"])),
        ],
        "link": settings.BASE_URL + reverse("approvals"),
    }


def _reservations(n: int) -> str:
    return ngettext("%(n)d reservation", "%(n)d reservations", n) % {"n": n}


def _used(n: int, hours: int) -> str:
    return _("%(reservations)s, %(hours)s h") % {
        "reservations": _reservations(n),
        "hours": hours,
    }
