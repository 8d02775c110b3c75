from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from booking.models import OutsideCalendar
from config import clock
from labs.models import Resource


def outside_calendars_of(resource: Resource) -> QuerySet[OutsideCalendar]:
    """Return a resource's, each with `ahead`: how many of its closures are not over."""
    return resource.outside_calendars.annotate(
        ahead=Count("closures", filter=Q(closures__event__end__gt=clock.now()))
    )
