from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
)
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models.described import Described, unique_slug
from labs.validators import validate_one_line, validate_time_zone

LONGEST_NOTES = 2000


class Site(Described):
    """An address with a time zone, access notes and position."""

    address = models.CharField(
        _("address"), max_length=240, validators=[validate_one_line]
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Europe/Sofia",
        validators=[validate_time_zone],
    )
    access_notes = models.TextField(
        _("access notes"),
        max_length=LONGEST_NOTES,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_NOTES)],
        help_text=_("How to get in; shown with a reservation, not to the public."),
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name", "pk"]
        constraints = [unique_slug("labs_site_slug")]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def clean(self) -> None:
        # Opening hours are wall-clock times: in another zone they would be others, and
        # what is reserved already would fall outside of them.
        before = Site.objects.filter(pk=self.pk, resources__isnull=False)
        zone = before.values_list("time_zone", flat=True).first()
        if zone is not None and zone != self.time_zone:
            raise ValidationError(
                {
                    "time_zone": ValidationError(
                        _("The zone cannot change: the site has resources."),
                        code="site_in_use",
                    )
                }
            )
