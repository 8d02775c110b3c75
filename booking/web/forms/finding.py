from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.selectors.finding import Search
from booking.web.forms.base import WhenForm, choose, names_by_slug
from booking.web.links import hours_value
from booking.web.wall import minutes_of, next_full_hour
from booking.weekly import format_clock
from labs.models import Resource, Site, User

#: What is searched for until the person says otherwise.
USUAL_MINUTES = 120
#: How far ahead the first free slots are looked for.
SEARCH = dt.timedelta(days=14)
MOST_PEOPLE = 10_000


class FindForm(WhenForm):
    """What to look for; with a site by its clock, else by the hub's."""

    people = forms.IntegerField(
        label=gettext_lazy("People"), min_value=1, max_value=MOST_PEOPLE
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)

    def __init__(self, data: dict[str, Any], *, sites: Sequence[Site]) -> None:
        self.sites = {site.slug: site for site in sites}
        chosen = self.sites.get(data.get("site", ""))
        zone = chosen.zone if chosen else ZoneInfo(settings.TIME_ZONE)
        super().__init__(data, zone=zone)
        choose(self, "kind", [("", _("Any")), *Resource.Kind.choices])
        choose(self, "site", [("", _("Any")), *names_by_slug(sites)])

    @staticmethod
    def usual(now: dt.datetime) -> dict[str, str]:
        """Return what stands there at first: two hours from the next full hour."""
        start = next_full_hour(now, ZoneInfo(settings.TIME_ZONE))
        return {
            "day": start.date().isoformat(),
            "from": format_clock(minutes_of(start)),
            "hours": hours_value(USUAL_MINUTES),
            "people": "1",
        }

    def resources(self, viewer: User) -> QuerySet[Resource]:
        """Return what the viewer may see and the filters leave."""
        given = self.cleaned_data
        wanted = {"people__gte": given["people"]}
        if given["kind"]:
            wanted["kind"] = given["kind"]
        if given["site"]:
            wanted["site__slug"] = given["site"]
        return Resource.objects.visible_to(viewer).filter(**wanted)

    def search(self, now: dt.datetime) -> Search:
        """Return where to look for the first free slots, from the wanted time on."""
        given = self.cleaned_data
        start = max(given["starts_at"], now)
        return Search(start, start + SEARCH, given["hours"])
