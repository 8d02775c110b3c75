"""What is typed to agree with a guest, and to write down a programme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Agreement, Programme
from booking.models.agreement import MOST_HOURS
from booking.selectors.agreements import guests_of, resources_covered
from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.desk import MOST_OFFERED
from booking.web.forms.fields import DayField
from booking.web.forms.rules import groups, value_field
from config import clock
from labs.models import Organisation, Resource, User
from labs.permissions import can_manage_organisation
from labs.selectors.organisations import organisation_list

HUB = "the-hub"


class AgreementForm(PageForm):
    """Between whom, over what, from when to when; then the values that it changes."""

    names: ClassVar[dict[str, str]] = {"organisation": "guest", "programme": "guest"}

    name = forms.CharField(label=gettext_lazy("Name"), max_length=140)
    name_bg = forms.CharField(
        label=gettext_lazy("Name in Bulgarian"), max_length=140, required=False
    )
    host = forms.ChoiceField(label=gettext_lazy("Host"))
    guest = forms.ChoiceField(label=gettext_lazy("Agreed with"))
    covers = forms.ChoiceField(
        label=gettext_lazy("Covers"),
        choices=Agreement.Covers.choices,
        widget=forms.RadioSelect,
    )
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    resources = forms.MultipleChoiceField(
        label=gettext_lazy("Resources"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = DayField(label=gettext_lazy("Valid from"))
    valid_until = DayField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("Empty: until you end it."),
    )
    allowance_hours = forms.IntegerField(
        label=gettext_lazy("Allowance of hours"),
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text=gettext_lazy("For each organisation, while it is valid; empty: any."),
    )
    replaces_quotas = forms.BooleanField(
        label=gettext_lazy("The usual quotas do not count"), required=False
    )

    def __init__(
        self, data: Any = None, *, actor: User, agreement: Agreement | None = None
    ) -> None:
        super().__init__(data, initial=_initial(agreement), auto_id="agreement-%s")
        organisations = list(organisation_list(user=actor).filter(is_active=True))
        self.hosts = {
            each.slug: each
            for each in organisations
            if can_manage_organisation(actor, each.pk)
        }
        self.guests = _guests(organisations)
        manageable = Resource.objects.manageable_by(actor).select_related(
            "organisation"
        )
        host = self["host"].value()
        if host in self.hosts:
            manageable = manageable.filter(organisation=self.hosts[host])
        found = manageable.order_by("organisation__name", "name")[:MOST_OFFERED]
        self.offered = {each.slug: each for each in found}
        hub = [(HUB, _("The hub, for everybody’s resources"))]
        hosts = names_by_slug(self.hosts.values())
        choose(self, "host", [*(hub if actor.is_hub_staff else []), *hosts])
        choose(self, "guest", [(key, said) for key, (_of, said) in self.guests.items()])
        tags = sorted({tag for each in self.offered.values() for tag in each.tags})
        choose(self, "tag", [("", _("none")), *((tag, tag) for tag in tags)])
        named = [
            (slug, f"{each.local_name} ({each.organisation.local_name})")
            for slug, each in self.offered.items()
        ]
        choose(self, "resources", named)
        for name in Agreement.VALUES:
            self.fields[name] = value_field(name, _("as usual"))

    def heads(self) -> list[Any]:
        """Return the fields of between whom and when."""
        names = ("name", "name_bg", "host", "guest", "valid_from", "valid_until")
        return [self[name] for name in names]

    def scope(self) -> list[Any]:
        return [self[name] for name in ("covers", "tag", "resources")]

    def limits(self) -> list[Any]:
        return [self[name] for name in ("allowance_hours", "replaces_quotas")]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the values, as the rules' page groups them."""
        return [
            (title, [self[name] for name in names]) for title, names in groups().items()
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        given = dict(self.cleaned_data)
        guest = self.guests[given.pop("guest")][0]
        given["organisation"] = guest if isinstance(guest, Organisation) else None
        given["programme"] = guest if isinstance(guest, Programme) else None
        given["host"] = self.hosts.get(given["host"])
        named = given["covers"] == Agreement.Covers.RESOURCES
        slugs = given["resources"] if named else []
        given["resources"] = [self.offered[slug] for slug in slugs]
        if given["covers"] != Agreement.Covers.TAG:
            given["tag"] = ""
        return given


def _guests(
    organisations: Iterable[Organisation],
) -> dict[str, tuple[Organisation | Programme, str]]:
    """Return whom one may agree with, by the key in the form."""
    found: dict[str, tuple[Organisation | Programme, str]] = {}
    for programme in Programme.objects.filter(ends_on__gte=clock.today()):
        said = _("programme %(name)s") % {"name": programme.local_name}
        found[f"programme-{programme.pk}"] = (programme, said)
    for each in organisations:
        found[f"organisation-{each.pk}"] = (each, each.local_name)
    return found


def _initial(agreement: Agreement | None) -> dict[str, Any]:
    if agreement is None:
        return {"covers": Agreement.Covers.ALL, "valid_from": clock.today()}
    guest = f"organisation-{agreement.organisation_id}"
    if agreement.programme_id:
        guest = f"programme-{agreement.programme_id}"
    names = ("name", "name_bg", "covers", "tag", "valid_from", "valid_until")
    more = ("allowance_hours", "replaces_quotas", *Agreement.VALUES)
    return {name: getattr(agreement, name) for name in (*names, *more)} | {
        "host": agreement.host.slug if agreement.host else HUB,
        "guest": guest,
        "resources": [each.slug for each in agreement.resources.all()],
    }


class LookAtForm(PageForm):
    """For which resource, and for whom, one looks at what holds."""

    at = forms.ChoiceField(label=gettext_lazy("Resource"))
    by = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, data: Any, agreement: Agreement) -> None:
        self.resources = {each.slug: each for each in resources_covered(agreement)}
        self.guests = {each.slug: each for each in guests_of(agreement)}
        super().__init__(data, auto_id="look-%s")
        choose(self, "at", names_by_slug(self.resources.values()))
        choose(self, "by", names_by_slug(self.guests.values()))

    def chosen(self) -> tuple[Resource, Organisation] | None:
        """Return what was chosen, or the first of each; None where there is nobody."""
        given = self.cleaned_data if self.is_valid() else {}
        first = (next(iter(self.resources), ""), next(iter(self.guests), ""))
        at, by = given.get("at", first[0]), given.get("by", first[1])
        return (self.resources[at], self.guests[by]) if at and by else None


class ProgrammeForm(PageForm):
    """A programme and the organisations in it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=140)
    name_bg = forms.CharField(
        label=gettext_lazy("Name in Bulgarian"), max_length=140, required=False
    )
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    allowance_hours = forms.IntegerField(
        label=gettext_lazy("Allowance of hours"),
        required=False,
        min_value=1,
        max_value=MOST_HOURS,
        help_text=gettext_lazy(
            "For each organisation, on all that was agreed for the programme."
        ),
    )
    organisations = forms.MultipleChoiceField(
        label=gettext_lazy("Organisations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Any = None, *, actor: User, programme: Programme | None = None
    ) -> None:
        initial: dict[str, Any] = {"starts_on": clock.today()}
        if programme is not None:
            names = ("name", "name_bg", "starts_on", "ends_on", "allowance_hours")
            initial = {name: getattr(programme, name) for name in names}
            there = programme.organisations.all()
            initial["organisations"] = [each.slug for each in there]
        super().__init__(data, initial=initial, auto_id="programme-%s")
        self.known = {each.slug: each for each in organisation_list(user=actor)}
        choose(self, "organisations", names_by_slug(self.known.values()))

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        chosen = given["organisations"]
        return given | {"organisations": [self.known[slug] for slug in chosen]}
