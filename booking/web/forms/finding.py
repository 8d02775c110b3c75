from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.expander import from_wall, to_wall
from booking.selectors.choosing import Choices
from booking.selectors.facts import Wish
from booking.selectors.favourites import with_favourites
from booking.selectors.finding import Search, has_room_for
from booking.web.forms.base import WhenForm, choose, names_by_slug
from booking.web.forms.fields import DayField
from booking.web.links import hours_value
from booking.web.wall import minutes_of, next_full_hour
from booking.weekly import format_clock
from labs.models import Resource, User
from labs.selectors.qualifications import lacks, with_needs
from labs.selectors.resources import has_words, with_tag_text

#: What is searched for until the person says otherwise.
USUAL_MINUTES = 120
#: How far ahead the first free slots are looked for.
SEARCH = dt.timedelta(days=14)
HOUR_MINUTES = 60
MOST_PEOPLE = 10_000
#: What a person changes in small steps: they make no page to go back to.
TYPED = frozenset({"people", "q"})


class FindForm(WhenForm):
    """What to look for; with a site by its clock, else by the hub's."""

    people = forms.IntegerField(
        label=gettext_lazy("People"), min_value=1, max_value=MOST_PEOPLE
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    site = forms.ChoiceField(label=gettext_lazy("Site"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"), required=False)
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    q = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    favourites = forms.BooleanField(
        label=gettext_lazy("Only favourites"), required=False
    )
    at_once = forms.BooleanField(
        label=gettext_lazy("No approval needed"), required=False
    )
    qualified = forms.BooleanField(
        label=gettext_lazy("Only what I may use"), required=False
    )

    def __init__(
        self,
        data: dict[str, Any],
        *,
        viewer: User,
        choices: Choices,
        now: dt.datetime,
    ) -> None:
        self.viewer = viewer
        self.sites = choices.sites
        chosen = self.sites.get(data.get("site", ""))
        zone = chosen.zone if chosen else ZoneInfo(settings.TIME_ZONE)
        super().__init__(data, zone=zone)
        cast(DayField, self.fields["day"]).offer(to_wall(now, zone).date())
        any_ = ("", _("Any"))
        choose(self, "kind", [any_, *Resource.Kind.choices])
        choose(self, "site", [any_, *names_by_slug(self.sites.values())])
        choose(self, "organisation", [any_, *names_by_slug(choices.organisations)])
        choose(self, "tag", [any_, *((tag, tag) for tag in choices.tags)])

    @staticmethod
    def usual(now: dt.datetime, start: dt.datetime | None = None) -> dict[str, str]:
        """Return what stands there at first: two hours from the next full hour.

        Or from `start`, if that is known better.
        """
        zone = ZoneInfo(settings.TIME_ZONE)
        wall = to_wall(start, zone) if start else next_full_hour(now, zone)
        return {
            "day": wall.date().isoformat(),
            "from": format_clock(minutes_of(wall)),
            "hours": hours_value(USUAL_MINUTES),
            "people": "1",
        }

    def filters(self) -> dict[str, Q]:
        """Return what stands in the way beside time and people; the form is valid."""
        given = self.cleaned_data
        conditions = {
            "kind": Q(kind=given["kind"]),
            "site": Q(site__slug=given["site"]),
            "organisation": Q(organisation__slug=given["organisation"]),
            "tag": Q(tags__contains=[given["tag"]]),
            "q": has_words(given["q"]),
            "favourites": Q(is_favourite=True),
            "at_once": Q(effective_policy__needs_approval=False),
            "qualified": ~Q(lacks(self.viewer, *self.days())),
        }
        return {name: each for name, each in conditions.items() if given[name]}

    def filters_in_words(self) -> list[str]:
        """Return what the filters ask for, as a person reads it."""
        given = self.cleaned_data
        chosen = []
        for name in self.filters():
            field = self.fields[name]
            names = dict(getattr(field, "choices", ()))
            is_tick = isinstance(field, forms.BooleanField)
            chosen.append(
                str(field.label if is_tick else names.get(given[name], given[name]))
            )
        return chosen

    def cleared_url(self) -> str:
        """Return the address of this search with time and people alone."""
        return self.url(**dict.fromkeys(self.filters(), ""))

    def everything(self, viewer: User) -> QuerySet[Resource]:
        """Return all that the viewer may see, ready to be filtered."""
        visible = with_favourites(Resource.objects.visible_to(viewer), viewer)
        return with_tag_text(visible)

    def days(self) -> tuple[dt.date, dt.date]:
        """Return the first and the last day that is asked for, by the form's clock."""
        wish = self.wish()
        last = to_wall(wish.ends_at - dt.timedelta(microseconds=1), self.zone)
        return to_wall(wish.starts_at, self.zone).date(), last.date()

    def resources(self, viewer: User) -> QuerySet[Resource]:
        """Return what the viewer may see and the filters leave."""
        people = self.cleaned_data["people"]
        found = self.everything(viewer).filter(has_room_for(people))
        found = found.filter(*self.filters().values())
        return with_needs(found, viewer, *self.days())

    def search(self, now: dt.datetime) -> Search:
        """Return where to look for the first free slots, from the wanted time on."""
        given = self.cleaned_data
        start = max(given["starts_at"], now)
        return Search(start, start + SEARCH, given["hours"])

    def search_that_day(self, now: dt.datetime) -> Search | None:
        """Return the wanted day as far as it is to come, if it is."""
        given = self.cleaned_data
        midnight = dt.datetime.combine(given["day"], dt.time())
        start = max(from_wall(midnight, self.zone), now)
        end = from_wall(midnight + dt.timedelta(days=1), self.zone)
        end = max(end, given["ends_at"])
        return Search(start, end, given["hours"]) if start < end else None

    def shorter(self) -> Wish:
        """Return the wish one hour shorter, or half as long where it is short."""
        wish, minutes = self.wish(), self.shorter_minutes()
        return Wish(
            wish.starts_at,
            wish.starts_at + dt.timedelta(minutes=minutes),
            wish.people,
        )

    def shorter_minutes(self) -> int:
        minutes: int = self.cleaned_data["hours"]
        less = minutes - HOUR_MINUTES
        return less if less > 0 else max(minutes // 2, 1)

    def url(self, **changes: Any) -> str:
        """Return the address of this search, with some of it changed or taken away."""
        given = {name: self.data.get(name, "") for name in self.fields} | changes
        known = {name: str(value) for name, value in given.items() if value}
        return f"{reverse('find')}?{urlencode(known)}"

    def is_typing_since(self, shown: Mapping[str, str]) -> bool:
        """Whether only what is typed letter by letter differs from what was shown."""
        changed = {
            name
            for name in self.fields
            if self.data.get(name, "") != shown.get(name, "")
        }
        return changed <= TYPED
