"""What a request's way to its decision depends on: rules, working hours, deputies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from booking.approval_rules import Request, Terms, approving
from booking.models import ApprovalRule, History, Reservation
from booking.models.availability import HOLIDAYS
from booking.working_time import WorkingTime
from config import clock
from labs.models import Resource

#: What a new rule is tried on.
TRIED_ON = dt.timedelta(days=90)
#: The clock never runs longer: nothing can be reserved further ahead.
AHEAD = dt.timedelta(days=600)

# One statement for what is asked while others wait for the lock.
WAY = """
SELECT
    ARRAY (SELECT ARRAY[weekday, opens, closes] FROM booking_workinghours),
    ARRAY (
        SELECT (e.start AT TIME ZONE %(zone)s)::date
        FROM schedule_event e
        JOIN schedule_calendar c ON c.id = e.calendar_id
        WHERE c.slug = %(holidays)s AND e.rule_id IS NULL
            AND e.start > %(now)s - interval '40 days' AND e.start < %(until)s
    ),
    (
        SELECT json_agg(json_build_array(
            a.id, a.own_organisation, a.at_most_minutes,
            ARRAY (
                SELECT o.organisation_id FROM booking_approvalrule_organisations o
                WHERE o.approvalrule_id = a.id
            )) ORDER BY a.id)
        FROM booking_approvalrule a
        JOIN labs_resource r ON r.id = %(resource)s
        WHERE a.resource_id = r.id OR a.organisation_id = r.organisation_id
    )
"""


@dataclass(frozen=True, slots=True)
class Way:
    """The hub's working time, and the rules that may approve a resource's requests."""

    time: WorkingTime
    rules: tuple[Terms, ...] = ()

    def rule_for(self, request: Request) -> Terms | None:
        return approving(self.rules, request)


def way_of(resource_id: int | None, now: dt.datetime) -> Way:
    """Return it for a resource; without one just the working time. One query."""
    params = {
        "zone": settings.TIME_ZONE,
        "holidays": HOLIDAYS,
        "now": now,
        "until": now + AHEAD,
        "resource": resource_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(WAY, params)
        week, holidays, rules = cursor.fetchone()
    time = WorkingTime(
        ZoneInfo(settings.TIME_ZONE),
        {weekday: (opens, closes) for weekday, opens, closes in week},
        frozenset(holidays),
    )
    return Way(
        time,
        tuple(
            Terms(own, minutes, frozenset(organisations), pk)
            for pk, own, minutes, organisations in rules or ()
        ),
    )


def rules_of(resource: Resource) -> list[ApprovalRule]:
    """Return the rules that hold for a resource's requests; two queries."""
    theirs = Q(resource=resource) | Q(organisation=resource.organisation_id)
    rows = ApprovalRule.objects.filter(theirs).select_related("organisation")
    return list(rows.prefetch_related("organisations"))


def terms_of(rule: ApprovalRule) -> Terms:
    return Terms(
        rule.own_organisation,
        rule.at_most_minutes,
        frozenset(each.pk for each in rule.organisations.all()),
        rule.pk,
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done: the requests, and those it would have approved."""

    requests: int
    approved: list[Reservation]


def rule_try(resource: Resource, terms: Terms, *, for_all: bool) -> Trial:
    """Try a rule on the requests of the last 90 days; one query."""
    asked = History.objects.filter(
        reservation=OuterRef("pk"), action=History.Action.REQUESTED
    )
    rows = Reservation.objects.filter(
        Exists(asked), created_at__gte=clock.now() - TRIED_ON
    )
    if for_all:
        rows = rows.filter(resource__organisation=resource.organisation_id)
    else:
        rows = rows.filter(resource=resource)
    found = list(
        rows.select_related("resource__site", "organisation").order_by(
            "-starts_at", "pk"
        )
    )
    would = [each for each in found if approving([terms], request_of(each)) is not None]
    return Trial(len(found), would)


def request_of(reservation: Reservation) -> Request:
    return Request(
        reservation.resource.organisation_id,
        reservation.organisation_id,
        reservation.starts_at,
        reservation.ends_at,
    )


def asked_and_answered(ids: Iterable[int]) -> dict[int, list[History]]:
    """Return what was asked and answered about reservations, by id; one query."""
    said: dict[int, list[History]] = {}
    rows = History.objects.filter(
        reservation__in=list(ids),
        action__in=[History.Action.ASKED, History.Action.ANSWERED],
    )
    for row in rows.select_related("actor").order_by("at", "pk"):
        said.setdefault(row.reservation_id, []).append(row)
    return said
