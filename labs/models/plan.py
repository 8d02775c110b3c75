from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from labs.models.resource import Resource
from labs.models.site import Site
from labs.validators import validate_one_line

#: Metres; more than any floor, and what keeps a drawing readable.
LONGEST_WALL = 500


def _metres(name: StrOrPromise, least: float) -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(
        name,
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(least)), MaxValueValidator(LONGEST_WALL)],
    )


class FloorPlan(models.Model):
    """A floor of a site: a rectangle in metres, seen from above."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="plans")
    name = models.CharField(_("name"), max_length=80, validators=[validate_one_line])
    name_bg = models.CharField(
        _("name in Bulgarian"),
        max_length=80,
        blank=True,
        validators=[validate_one_line],
    )
    level = models.SmallIntegerField(
        _("storey"),
        default=0,
        validators=[MinValueValidator(-20), MaxValueValidator(200)],
        help_text=_("0 for the ground floor, −1 for the cellar."),
    )
    width = _metres(_("width"), 1)
    height = _metres(_("height"), 1)

    class Meta:
        verbose_name = _("floor plan")
        verbose_name_plural = _("floor plans")
        ordering = ["level", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(width__gte=1, height__gte=1),
                name="labs_plan_size",
            )
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (get_language() == "bg" and self.name_bg) or self.name


class Room(models.Model):
    """Where on a floor a resource is: a rectangle in metres from the top left."""

    plan = models.ForeignKey(FloorPlan, models.CASCADE, related_name="rooms")
    resource = models.OneToOneField(Resource, models.CASCADE, related_name="room")
    x = _metres(_("from the left"), 0)
    y = _metres(_("from the top"), 0)
    width = _metres(_("width"), 0.5)
    height = _metres(_("height"), 0.5)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["y", "x", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0),
                name="labs_room_size",
            )
        ]

    def __str__(self) -> str:
        return str(self.resource)
