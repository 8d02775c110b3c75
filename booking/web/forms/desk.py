"""What a host types about a resource: what it is, its rules, hours and closures."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import AvailabilityRule, EffectivePolicy
from booking.models.policy import LONGEST_DAYS, LONGEST_TURNAROUND_MINUTES
from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.fields import ClockField, DayField, LongText
from booking.web.wall import SkippedTime, moment_of
from booking.words import DAY_MINUTES
from labs.models import Organisation, Resource, Site, User
from labs.models.described import LONGEST_DESCRIPTION
from labs.rules import MOST_UNITS
from labs.selectors.organisations import organisation_list

#: A small number in JSON and SQL alike; what really fits is the service's to say.
MOST_PEOPLE = 10_000


def hosts_of(actor: User) -> list[Organisation]:
    """Return the organisations that this person may add resources to, by name."""
    active = organisation_list(user=actor).filter(is_active=True)
    if not actor.is_hub_staff:
        active = active.filter(pk__in=actor.managed_ids)
    return list(active)


class DetailsForm(PageForm):
    """What a resource is; `units` of a pool only, for others have just their own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_bg = forms.CharField(
        label=gettext_lazy("Name in Bulgarian"), max_length=120, required=False
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Resource.Kind.choices)
    site = forms.ChoiceField(label=gettext_lazy("Site"))
    people = forms.IntegerField(
        label=gettext_lazy("People"),
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=gettext_lazy("How many people fit."),
    )
    units = forms.IntegerField(
        label=gettext_lazy("Units"), min_value=1, max_value=MOST_UNITS
    )
    description = LongText(
        label=gettext_lazy("Description"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )
    description_bg = LongText(
        label=gettext_lazy("Description in Bulgarian"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "site", names_by_slug(Site.objects.all()))

    @classmethod
    def of(cls, resource: Resource, data: Any = None) -> DetailsForm:
        """Return the form of a resource that is there, with its values."""
        initial = {name: getattr(resource, name, None) for name in cls.base_fields}
        initial |= {"site": resource.site.slug}
        form = cls(data, initial=initial, auto_id="details-%s")
        if resource.is_pool:
            form.initial["units"] = resource.coverage.count()
        else:
            del form.fields["units"]
        return form

    def changes(self) -> dict[str, Any]:
        """Return what the services take."""
        given = dict(self.cleaned_data)
        given["site_slug"] = given.pop("site")
        return given


class NewResourceForm(DetailsForm):
    """What a new resource needs; the rest comes later."""

    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, initial={"people": 1, "units": 1}, **options)
        self.hosts = hosts_of(actor)
        choose(self, "organisation", names_by_slug(self.hosts))
        self.fields["units"].help_text = _(
            "1 for a plain lab; more for a pool, of which a reservation takes some."
        )
        del self.fields["description"], self.fields["description_bg"]
        if len(self.hosts) == 1:
            del self.fields["organisation"]

    def changes(self) -> dict[str, Any]:
        given = super().changes()
        only = self.hosts[0].slug if self.hosts else ""
        given["organisation_slug"] = given.pop("organisation", only)
        given["is_pool"] = given["units"] > 1
        return given


class PolicyForm(PageForm):
    """The rules that a host says most; what stays as it was stays inherited."""

    needs_approval = forms.BooleanField(
        label=gettext_lazy("Needs approval"), required=False
    )
    turnaround_minutes = forms.IntegerField(
        label=gettext_lazy("Turnaround, in minutes"),
        min_value=0,
        max_value=LONGEST_TURNAROUND_MINUTES,
        help_text=gettext_lazy("Kept free after a reservation."),
    )
    min_duration_minutes = forms.IntegerField(
        label=gettext_lazy("Shortest, in minutes"),
        min_value=5,
        max_value=LONGEST_DAYS * DAY_MINUTES,
    )
    max_duration_minutes = forms.IntegerField(
        label=gettext_lazy("Longest, in minutes"),
        min_value=5,
        max_value=LONGEST_DAYS * DAY_MINUTES,
    )

    @classmethod
    def of(cls, policy: EffectivePolicy, data: Any = None) -> PolicyForm:
        initial = {name: getattr(policy, name) for name in cls.base_fields}
        return cls(data, initial=initial, auto_id="policy-%s")

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ClosureForm(PageForm):
    """From one day and time until another, by the clock of the site."""

    from_day = DayField(label=gettext_lazy("From"))
    from_time = ClockField(label=gettext_lazy("From, time"))
    to_day = DayField(label=gettext_lazy("To"))
    to_time = ClockField(label=gettext_lazy("To, time"), last=DAY_MINUTES)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=AvailabilityRule.Reason.choices
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, zone: ZoneInfo, day: dt.date) -> None:
        whole_day = {"from_time": "00:00", "to_time": "24:00"}
        initial = {"from_day": day, "to_day": day, **whole_day}
        super().__init__(data, initial=initial, auto_id="closure-%s")
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for edge, field in (("from", "starts_at"), ("to", "ends_at")):
            day, time = given.get(f"{edge}_day"), given.get(f"{edge}_time")
            if day is None or time is None:
                continue
            try:
                given[field] = moment_of(day, time, self.zone).at
            except SkippedTime:
                text = _("That night the clocks go forward: this time does not exist.")
                self.add_error(f"{edge}_time", text)
        return given

    def values(self) -> dict[str, Any]:
        names = ("starts_at", "ends_at", "reason", "note")
        return {name: self.cleaned_data[name] for name in names}
