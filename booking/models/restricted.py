from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.agreement import Programme
from booking.weekly import DAYS
from labs.models import Organisation, QualificationType, Resource

DAY_MINUTES = 1440


class RestrictedHours(models.Model):
    """Hours of the week that only some may use, by the clock of the site.

    Who is any of those that it names may; where two overlap, each must let one in.
    """

    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="restricted_hours"
    )
    days = ArrayField(
        models.CharField(max_length=2, choices=[(day, day) for day in DAYS]),
        verbose_name=_("days"),
        size=7,
    )
    starts = models.PositiveSmallIntegerField(
        _("from"), help_text=_("Minutes after midnight.")
    )
    ends = models.PositiveSmallIntegerField(
        _("to"), help_text=_("Minutes after midnight, at most 24 hours.")
    )
    for_host = models.BooleanField(_("the host’s own people"), default=True)
    organisations = models.ManyToManyField(
        Organisation, related_name="+", blank=True, verbose_name=_("organisations")
    )
    programmes = models.ManyToManyField(
        Programme, related_name="+", blank=True, verbose_name=_("programmes")
    )
    qualifications = models.ManyToManyField(
        QualificationType,
        related_name="+",
        blank=True,
        verbose_name=_("qualifications"),
    )

    class Meta:
        verbose_name = _("hours for some")
        verbose_name_plural = _("hours for some")
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts__lt=models.F("ends"), ends__lte=DAY_MINUTES),
                name="booking_restrictedhours_order",
                violation_error_code="reversed_times",
                violation_error_message=_("The end must come after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(days__len__gt=0),
                name="booking_restrictedhours_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.days)} {self.starts}–{self.ends}"
