"""Calendar addresses: who may have which, and which one a secret opens."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    Model,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Feed
from config.errors import Forbidden, Missing
from labs.models import Membership, Organisation, Resource, Site, User
from labs.permissions import can_manage_organisation, can_manage_resource
from labs.selectors.organisations import organisation_list

JOINED = ("made_by", "organisation", "resource__site", "site")


@dataclass(frozen=True, slots=True)
class Owner:
    """What a feed is of: `kind` is one of OWNERS, `slug` empty for oneself."""

    kind: str
    slug: str = ""

    @property
    def usually_shows(self) -> str:
        """Of a place it is more who read it than who come."""
        if self.kind in {"resource", "site"}:
            return Feed.Shows.BUSY
        return Feed.Shows.DETAILS


def feed_owner(actor: User, owner: Owner) -> Model:
    """Return whose calendar it is; raises Missing (404) and Forbidden (403).

    One's own, an organisation's or a resource's that one manages; hub staff have those
    of all organisations, resources and sites.
    """
    found: Model | None = actor
    if owner.kind == "organisation":
        found = organisation_list(user=actor).filter(slug=owner.slug).first()
    elif owner.kind == "resource":
        visible = Resource.objects.visible_to(actor).select_related("site")
        found = visible.filter(slug=owner.slug).first()
    elif owner.kind == "site":
        found = Site.objects.filter(slug=owner.slug).first()
    if found is None:
        raise Missing
    if not _may_have(actor, found):
        raise Forbidden(_("Only its managers and hub staff may do so."))
    return found


def _may_have(user: User, owner: Model) -> bool:
    if isinstance(owner, Organisation):
        return can_manage_organisation(user, owner.pk)
    if isinstance(owner, Resource):
        return can_manage_resource(user, owner)
    if isinstance(owner, Site):
        return user.is_hub_staff
    return owner == user


def feed_is_open(feed: Feed) -> bool:
    """Whether whoever made it could still do so."""
    return feed.made_by.is_active and _may_have(feed.made_by, feed.owner)


def feed_find(secret: str) -> Feed | None:
    """Return the feed that this secret opens; at most two queries."""
    feeds = Feed.objects.select_related(*JOINED)
    found = feeds.filter(hash=Feed.hash_of(secret)).first()
    return found if found is not None and feed_is_open(found) else None


def feeds_of(owner: Model) -> QuerySet[Feed]:
    """Return what there is of a person, organisation or place, and whether it `works`.

    That is, as `feed_is_open` says: whoever made it could still do so.
    """
    kind = "person" if isinstance(owner, User) else str(owner._meta.model_name)
    manages = Membership.objects.filter(
        user=OuterRef("made_by"),
        role=Membership.Role.MANAGER,
        organisation__is_active=True,
        organisation=Coalesce(
            OuterRef("organisation"), OuterRef("resource__organisation")
        ),
    )
    could = Q(person__isnull=False) | Q(made_by__is_hub_staff=True) | Exists(manages)
    works = ExpressionWrapper(could & Q(made_by__is_active=True), BooleanField())
    feeds = Feed.objects.filter(**{kind: owner}).select_related("made_by")
    return feeds.annotate(works=works)


def feeds_endable_by(actor: User) -> QuerySet[Feed]:
    """Return the feeds that this person may see and end: of what they may have one."""
    feeds = Feed.objects.select_related(*JOINED)
    if actor.is_hub_staff:
        return feeds.filter(Q(person=None) | Q(person=actor))
    managed = actor.managed_ids
    return feeds.filter(
        Q(person=actor)
        | Q(organisation__in=managed)
        | Q(resource__organisation__in=managed)
    )


def feed_addresses(secret: str) -> dict[str, str]:
    """Return a feed's address, and the same so that a calendar opens it."""
    address = settings.BASE_URL + reverse("feed", args=[secret])
    return {"address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
