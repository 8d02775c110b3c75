from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Conflict, Forbidden, Invalid, Missing
from labs.models import (
    Organisation,
    QualificationType,
    Resource,
    Room,
    Site,
    User,
)
from labs.permissions import can_manage_organisation, can_manage_resource
from labs.rules import Faults, Part, Shape, part_faults, shape_faults
from labs.selectors.organisations import organisation_list
from labs.selectors.qualifications import requirable_by
from labs.selectors.resources import details_version
from labs.services.checks import require_clean
from labs.services.slugs import slugged_insert
from labs.services.units import hall_set_parts, shape_of, units_resize


class Description(TypedDict, total=False):
    """What a resource says of itself."""

    name_bg: str
    description: str
    description_bg: str
    people: int
    tags: Sequence[str]


class Requirements(Description, total=False):
    """And what it requires of who comes: slugs of types of qualification."""

    qualifications: Sequence[str]


class ResourceChanges(Requirements, total=False):
    """What can be changed of a resource; slug and owner stay for ever."""

    name: str
    kind: str
    site_slug: str
    units: int
    is_pool: bool
    covers: Sequence[str]


@transaction.atomic(durable=True)
def resource_create(
    *,
    actor: User,
    organisation_slug: str,
    site_slug: str,
    kind: str,
    name: str,
    units: int | None = None,
    is_pool: bool = False,
    covers: Sequence[str] = (),
    **description: Unpack[Requirements],
) -> Resource:
    """Create a draft: a plain lab, a pool of `units`, or a hall that `covers` others.

    Raises Forbidden (403) to all but the organisation's managers and hub staff, and
    Invalid (400) with every fault by field.
    """
    organisation = _organisation(actor, organisation_slug)
    site = _site(site_slug)
    qualifications = description.pop("qualifications", ())
    resource = Resource(
        organisation=organisation,
        site=site,
        kind=kind,
        name=name,
        is_pool=is_pool,
        **description,
    )
    shape = Shape.wanted(units, is_pool=is_pool, covers=covers)
    faults = shape_faults(shape)
    parts = _parts(resource, shape, faults)
    required = _required(resource, qualifications, faults) or []
    require_clean(resource, exclude=["slug", "organisation", "site"], faults=faults)
    slugged_insert(resource)
    resource.required_qualifications.add(*required)
    _give(resource, shape, parts)
    return resource


@transaction.atomic(durable=True)
def resource_update(
    *,
    actor: User,
    slug: str,
    seen: str | None = None,
    **changes: Unpack[ResourceChanges],
) -> Resource:
    """Change what is given and leave the rest.

    `seen` is the `details_version` that the actor was looking at. Raises Missing (404),
    Forbidden (403), Invalid (400) with every fault by field, and Conflict (409):
    `changed_meanwhile`, `units_in_use`, `site_zone_differs`, `part_of_hall`.
    """
    resource = resource_to_manage(actor, slug)
    if seen is not None and seen != details_version(resource):
        raise Conflict(
            _("Somebody saved other details meanwhile. Look at them first."),
            code="changed_meanwhile",
        )
    for field in ("name", "kind", *Description.__annotations__):
        if field in changes:
            setattr(resource, field, changes[field])  # type: ignore[literal-required]
    if "site_slug" in changes:
        _move(resource, _site(changes["site_slug"]))
    reshape = changes.keys() & {"units", "is_pool", "covers"}
    before = shape_of(resource) if reshape else Shape(1)
    shape = Shape(
        changes.get("units", before.units),
        changes.get("is_pool", before.is_pool),
        tuple(dict.fromkeys(changes.get("covers", before.covers))),
    )
    faults = shape_faults(shape, before) if reshape else {}
    parts = _parts(resource, shape, faults)
    required = _required(resource, changes.get("qualifications"), faults)
    require_clean(resource, exclude=["slug", "organisation", "site"], faults=faults)
    if reshape:
        resource.is_pool = shape.is_pool
    resource.save()
    if required is not None:
        resource.required_qualifications.set(required)
    if shape != before:
        _give(resource, shape, parts)
    return resource


@transaction.atomic(durable=True)
def resource_publish(*, actor: User, slug: str) -> Resource:
    """Offer a resource to everybody; raise Conflict `no_units` (409) if it has none."""
    resource = resource_to_manage(actor, slug)
    if not resource.coverage.exists():
        raise Conflict(_("There is nothing to reserve: no units."), code="no_units")
    return _list_as(resource, Resource.Listing.PUBLISHED)


@transaction.atomic(durable=True)
def resource_archive(*, actor: User, slug: str) -> Resource:
    """Take a resource out of use; its past stays."""
    return _list_as(resource_to_manage(actor, slug), Resource.Listing.ARCHIVED)


@transaction.atomic(durable=True)
def resource_to_draft(*, actor: User, slug: str) -> Resource:
    """Take a resource off the catalogue to work on it."""
    return _list_as(resource_to_manage(actor, slug), Resource.Listing.DRAFT)


def resource_to_manage(actor: User, slug: str) -> Resource:
    """Return the resource, locked until the transaction ends; one or two queries.

    Raises Missing (404) to who may not see it and Forbidden (403) to who may not edit.
    """
    visible = Resource.objects.visible_to(actor).filter(slug=slug)
    resource = visible.select_for_update(of=("self",), no_key=True).first()
    if resource is None:
        raise Missing
    if not can_manage_resource(actor, resource):
        raise Forbidden(_("Only its organisation's managers and hub staff may do so."))
    return resource


def _list_as(resource: Resource, listing: Resource.Listing) -> Resource:
    resource.listing = listing
    resource.save(update_fields=["listing"])
    return resource


def _organisation(actor: User, slug: str) -> Organisation:
    organisation = organisation_list(user=actor).filter(slug=slug).first()
    if organisation is None:
        raise Invalid({"organisation": [_("There is no such organisation.")]})
    if not can_manage_organisation(actor, organisation.pk):
        raise Forbidden(_("Only this organisation's managers and hub staff may do so."))
    return organisation


def _site(slug: str) -> Site:
    # Locked so that the zone stays what it is while the first resource arrives.
    site = Site.objects.select_for_update().filter(slug=slug).first()
    if site is None:
        raise Invalid({"site": [_("There is no such site.")]})
    return site


def _move(resource: Resource, site: Site) -> None:
    if site == resource.site:
        return
    if site.time_zone != resource.site.time_zone:
        raise Conflict(
            _("The other site has another time zone. Create a new resource there."),
            code="site_zone_differs",
        )
    if resource.parts.exists() or resource.halls.exists():
        raise Conflict(_("A hall and its parts stay together."), code="part_of_hall")
    resource.site = site
    Room.objects.filter(resource=resource).delete()  # which was on the other's plan


def _parts(resource: Resource, shape: Shape, faults: Faults) -> list[Resource]:
    """Return the parts that a shape names; add what is wrong with them to `faults`."""
    if not shape.covers or "covers" in faults:
        return []
    named = Resource.objects.filter(slug__in=shape.covers)
    own = named.filter(organisation=resource.organisation).select_related(
        "organisation", "site"
    )
    parts = {part.slug: part for part in own.prefetch_related("parts")}
    known = {
        slug: Part(part.organisation.slug, part.site.slug, bool(part.parts.all()))
        for slug, part in parts.items()
    }
    found = part_faults(
        shape.covers,
        known,
        organisation=resource.organisation.slug,
        site=resource.site.slug,
    )
    if found:
        faults["covers"] = found
    return list(parts.values())


def _required(
    resource: Resource, slugs: Sequence[str] | None, faults: Faults
) -> list[QualificationType] | None:
    """Return the types that are named; add those it cannot require to `faults`."""
    if not slugs:
        return None if slugs is None else []
    found = list(requirable_by(resource).filter(slug__in=slugs))
    if unknown := sorted({*slugs} - {each.slug for each in found}):
        text = _("There is no qualification “%(key)s” of the hub or of its host.")
        faults["qualifications"] = [text % {"key": slug} for slug in unknown]
    return found


def _give(resource: Resource, shape: Shape, parts: list[Resource]) -> None:
    if shape.covers:
        hall_set_parts(resource, parts)
    else:
        units_resize(resource, shape.units)
