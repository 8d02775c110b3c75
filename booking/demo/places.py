"""Writes who and what there is: organisations, people, sites, resources, policies."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from booking.demo import data
from booking.demo.data import ResourceData
from booking.models import EffectivePolicy, Policy, WorkingHours
from booking.selectors.approving import way_of
from booking.working_time import WorkingTime
from config import clock
from labs.models import Membership, Organisation, Resource, Site, User
from labs.services.units import hall_set_parts, units_resize

#: How often an organisation books elsewhere, beside the others.
KEENNESS = {"startup": 4, "university": 2, "company": 1, "partner": 1}
#: When the hub works, in minutes after midnight by weekday.
OFFICE = dict.fromkeys(range(5), (9 * 60, 18 * 60))


@dataclass(frozen=True)
class Place:
    """A resource with what is needed to fill its calendar."""

    data: ResourceData
    resource: Resource
    units: list[int]
    policy: EffectivePolicy
    time: WorkingTime


@dataclass(frozen=True)
class Person:
    user: User
    organisation: Organisation
    is_manager: bool


@dataclass
class Hub:
    """Everything that stands, before anybody has reserved anything."""

    places: dict[str, Place]
    people: dict[str, Person]
    staff: list[User]

    def guest_for(self, place: Place, rng: random.Random) -> Person:
        """Choose who reserves: mostly startups, rarely the owner itself."""
        uses, theme = data.uses(), place.data.theme
        people = [
            person
            for person in self.people.values()
            if theme in uses[person.organisation.slug]
        ]
        owner = place.resource.organisation_id
        weights = [
            0.5
            if person.organisation.pk == owner
            else KEENNESS[person.organisation.kind]
            for person in people
        ]
        return rng.choices(people, weights)[0]

    def decider_for(self, place: Place, rng: random.Random) -> User:
        """Choose who decides: a manager of the host more often than hub staff."""
        owner = place.resource.organisation_id
        managers = [
            person.user
            for person in self.people.values()
            if person.is_manager and person.organisation.pk == owner
        ]
        return rng.choice([*managers, *managers, *self.staff])


def hub_create() -> Hub:
    """Write it all; in the caller's transaction."""
    Policy.objects.filter(resource=None, organisation=None).update(
        decide_within_hours=27
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(weekday=weekday, opens=opens, closes=closes)
        for weekday, (opens, closes) in OFFICE.items()
    )
    organisations = _organisations()
    sites = {
        row["slug"]: Site.objects.create(**row) for row in data.read("sites")["site"]
    }
    people, staff = _people(organisations)
    for spec in data.resources():
        _resource(spec, organisations[spec.organisation], sites[spec.site])
    return Hub(_places(), people, staff)


def _organisations() -> dict[str, Organisation]:
    found = {}
    for row in data.read("organisations")["organisation"]:
        fields = dict(row)
        policy = fields.pop("policy", None)
        fields.pop("uses")
        made = Organisation.objects.create(**fields)
        if policy:
            Policy.objects.create(organisation=made, **policy)
        found[made.slug] = made
    return found


def _people(
    organisations: dict[str, Organisation],
) -> tuple[dict[str, Person], list[User]]:
    words = data.read("people")
    domain = words["staff"]["domain"]
    staff = [_user(row, domain, is_hub_staff=True) for row in words["staff"]["people"]]
    people = [
        Person(_user(row, team["domain"]), organisations[slug], role == "managers")
        for slug, team in words["members"].items()
        for role in ("managers", "bookers")
        for row in team[role]
    ]
    Membership.objects.bulk_create(
        Membership(
            user=person.user,
            organisation=person.organisation,
            role=Membership.Role.MANAGER
            if person.is_manager
            else Membership.Role.BOOKER,
        )
        for person in people
    )
    return {person.user.email: person for person in people}, staff


def _user(row: list[str], domain: str, **fields: Any) -> User:
    """Create a person without a password: most of them only fill the rooms."""
    name, box, language = row
    return User.objects.create_user(
        f"{box}@{domain}", name=name, language=language, **fields
    )


def _resource(spec: ResourceData, organisation: Organisation, site: Site) -> None:
    resource = Resource.objects.create(
        slug=spec.slug,
        organisation=organisation,
        site=site,
        is_pool=spec.units > 1,
        listing=Resource.Listing.PUBLISHED,
        **spec.fields,
    )
    if spec.parts:
        hall_set_parts(resource, list(Resource.objects.filter(slug__in=spec.parts)))
    else:
        units_resize(resource, spec.units)
    if spec.policy:
        Policy.objects.create(resource=resource, **spec.policy)


def _places() -> dict[str, Place]:
    policies = EffectivePolicy.objects.in_bulk()
    time = way_of(None, clock.now()).time
    written = Resource.objects.select_related("site", "organisation")
    by_slug = {row.slug: row for row in written.prefetch_related("coverage")}
    return {
        spec.slug: Place(
            data=spec,
            resource=(resource := by_slug[spec.slug]),
            units=sorted(row.unit_id for row in resource.coverage.all()),
            policy=policies[resource.pk],
            time=time,
        )
        for spec in data.resources()
    }
