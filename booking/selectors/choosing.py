"""What there is to choose from where something is looked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count

from booking.models import OpenPeriod
from booking.periods import Period
from labs.models import Organisation, Resource, Site, User

#: A time is usual where half of what is open at the busiest hour is: not at night,
#: though a few are always open.
USUAL_PART = 2
HOUR = dt.timedelta(hours=1)
#: No pause of a hub is longer, but for the holidays.
AHEAD_HOURS = 7 * 24


@dataclass
class Choices:
    """Sites by slug, organisations and tags of what the viewer can find.

    Sites and organisations have only what a choice shows: slug, names and zone.
    """

    sites: dict[str, Site]
    organisations: list[Organisation]
    tags: list[str]

    @property
    def is_empty(self) -> bool:
        return not self.sites


def choices_for(viewer: User) -> Choices:
    """Return what the published resources can be filtered by; one query."""
    rows = (
        Resource.objects.visible_to(viewer)
        .published()
        .values_list(
            "site__slug",
            "site__name",
            "site__name_bg",
            "site__time_zone",
            "organisation__slug",
            "organisation__name",
            "organisation__name_bg",
            "tags",
        )
    )
    sites: dict[str, Site] = {}
    hosts: dict[str, Organisation] = {}
    tags: set[str] = set()
    for site, name, name_bg, zone, host, host_name, host_name_bg, tagged in rows:
        if site not in sites:
            sites[site] = Site(slug=site, name=name, name_bg=name_bg, time_zone=zone)
        if host not in hosts:
            hosts[host] = Organisation(slug=host, name=host_name, name_bg=host_name_bg)
        tags.update(tagged)
    return Choices(
        dict(sorted(sites.items(), key=lambda item: item[1].local_name)),
        sorted(hosts.values(), key=lambda host: host.local_name),
        sorted(tags),
    )


def usual_hour(first: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """Return the first full hour at which so long a time is usually open; one query.

    `first` is the hour to begin with; it is also the answer where nothing is open in
    the week that follows.
    """
    last = first + AHEAD_HOURS * HOUR
    spans = (
        OpenPeriod.objects.filter(
            resource__listing=Resource.Listing.PUBLISHED,
            during__overlap=DateTimeTZRange(first, last),
        )
        .values_list("during")
        .annotate(number=Count("pk"))
    )
    counted = [(Period(each.lower, each.upper), number) for each, number in spans]
    opened = open_by_hour(counted, first, length)
    most = max(opened)
    for number, there in enumerate(opened):
        if there and there * USUAL_PART >= most:
            return first + number * HOUR
    return first


def open_by_hour(
    spans: list[tuple[Period, int]], first: dt.datetime, length: dt.timedelta
) -> list[int]:
    """Return how many are open from each full hour on for so long; pure."""
    changes = [0] * (AHEAD_HOURS + 1)
    for span, number in spans:
        start = max(-(-(span.start - first) // HOUR), 0)
        end = min((span.end - length - first) // HOUR, AHEAD_HOURS - 1)
        if start <= end:
            changes[start] += number
            changes[end + 1] -= number
    opened, there = [], 0
    for change in changes[:-1]:
        there += change
        opened.append(there)
    return opened
