from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models.described import Described, unique_slug
from labs.models.organisation import Organisation
from labs.models.person import User
from labs.models.qualification import QualificationType
from labs.models.site import Site
from labs.validators import validate_tag


class Unit(models.Model):
    """The smallest thing that can be occupied by one party at a time."""

    # int4: a plain `= 5` cannot use a btree_gist index on a bigint column, silently.
    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=140)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return self.name


class ResourceQuerySet(models.QuerySet["Resource"]):
    def published(self) -> ResourceQuerySet:
        return self.filter(
            listing=Resource.Listing.PUBLISHED, organisation__is_active=True
        )

    def manageable_by(self, user: User | AnonymousUser) -> ResourceQuerySet:
        """Those that this person may edit: of organisations they manage; staff all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_hub_staff:
            return self
        return self.filter(organisation_id__in=user.managed_ids)

    def visible_to(self, user: User | AnonymousUser) -> ResourceQuerySet:
        """Published ones; drafts and archived ones of organisations one manages."""
        if user.is_authenticated and user.is_hub_staff:
            return self
        published = models.Q(
            listing=Resource.Listing.PUBLISHED, organisation__is_active=True
        )
        if not user.is_authenticated:
            return self.filter(published)
        return self.filter(published | models.Q(organisation_id__in=user.managed_ids))


class Resource(Described):
    """A bookable thing, owned by one organisation, at one site.

    It covers units: a plain lab one, a bench pool several of which a reservation takes
    `quantity`, a divisible hall all those of its parts, and none of its own.
    """

    class Kind(models.TextChoices):
        LABORATORY = "laboratory", _("Laboratory")
        PREMISES = "premises", _("Premises")
        EQUIPMENT = "equipment", _("Equipment")

    class Listing(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    # int4 for the same reason as Unit: OpenPeriod's index is (during, resource).
    id = models.AutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="resources"
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="resources")
    people = models.PositiveSmallIntegerField(
        _("people"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=_("How many people fit."),
    )
    tags = ArrayField(
        models.CharField(max_length=40, validators=[validate_tag]),
        verbose_name=_("tags"),
        default=list,
        blank=True,
        size=20,
    )
    photo = models.ImageField(_("photo"), upload_to="resources/", blank=True)
    listing = models.CharField(
        _("listing"), max_length=10, choices=Listing, default=Listing.DRAFT
    )
    is_pool = models.BooleanField(
        _("pool"),
        default=False,
        help_text=_("A reservation takes some of the units, not all."),
    )
    units = models.ManyToManyField(Unit, through="Coverage", related_name="resources")
    parts = models.ManyToManyField(
        "self",
        symmetrical=False,
        related_name="halls",
        blank=True,
        verbose_name=_("parts"),
        help_text=_("What a divisible hall is divided into; it covers their units."),
    )
    required_qualifications = models.ManyToManyField(
        QualificationType,
        related_name="resources",
        blank=True,
        verbose_name=_("required qualifications"),
        help_text=_("Whoever comes has all of them on the day."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["name", "pk"]
        constraints = [
            unique_slug("labs_resource_slug"),
            models.CheckConstraint(
                condition=models.Q(people__gte=1), name="labs_resource_people"
            ),
        ]
        indexes = [GinIndex(fields=["tags"], name="labs_resource_tags")]

    @property
    def is_published(self) -> bool:
        """Whether guests can reserve it: listed, and its owner active."""
        return self.listing == self.Listing.PUBLISHED and self.organisation.is_active


class Coverage(models.Model):
    """A resource covers a unit; halls and their parts cover the same ones."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="coverage")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="coverage")

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "unit"], name="labs_coverage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} · {self.unit}"
