"""The notice to a host that an outside calendar cannot be read any more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from booking.models import OutsideCalendar
from booking.permissions import members_of
from labs.models import Membership, Resource, User
from notifications.models import Kind, Message
from notifications.notices import NOTICES_BY_KIND, Notice
from notifications.times import moment_text

#: Once or twice is a server's bad hour; the third time comes three hours later.
TOLD_AFTER = 3


def calendars_failing() -> QuerySet[OutsideCalendar]:
    """Return those whose hosts should know that they fail."""
    return (
        OutsideCalendar.objects.filter(failures__gte=TOLD_AFTER)
        .exclude(resource__listing=Resource.Listing.ARCHIVED)
        .select_related("resource__site", "resource__organisation")
        .order_by("pk")
    )


def managers_of(calendar: OutsideCalendar) -> QuerySet[User]:
    manager = Membership.Role.MANAGER
    of_host = members_of(calendar.resource.organisation_id, role=manager)
    return User.objects.filter(of_host, is_active=True)


def failure_cause(calendar: OutsideCalendar) -> str:
    """Return what names a calendar and since when it fails: told once each time."""
    since = calendar.failed_since
    return f"calendar-{calendar.pk}-{since.timestamp():.0f}" if since else ""


def _found(message: Message) -> OutsideCalendar | None:
    return calendars_failing().filter(pk=message.about_id).first()


def _is_true(message: Message) -> bool:
    calendar = _found(message)
    if calendar is None or failure_cause(calendar) != message.cause:
        return False
    return managers_of(calendar).filter(pk=message.person_id).exists()


def _context(message: Message, now: dt.datetime) -> dict[str, Any]:
    from notifications.texts import one_line  # which reads the notices

    calendar = _found(message)
    if calendar is None or calendar.failed_since is None:
        return {}
    resource = calendar.resource
    zone = resource.site.zone
    rows = (
        (_("Resource"), resource),
        (_("Calendar"), calendar),
        (_("Why"), calendar.error_text),
        (_("It fails since"), moment_text(calendar.failed_since, zone)),
        (_("Last read"), moment_text(calendar.read_at, zone)),
    )
    return {
        "what": one_line(resource),
        "calendar": one_line(calendar),
        "details": [f"{name}: {one_line(value)}" for name, value in rows],
        "link": f"{settings.BASE_URL}/desk/{resource.slug}/calendars/",
    }


NOTICES_BY_KIND[Kind.CALENDAR_FAILED] = Notice(_is_true, _context)
