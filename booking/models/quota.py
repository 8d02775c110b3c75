from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models.agreement import Agreement
from booking.weekly import DAYS
from labs.models import Organisation, Resource
from labs.validators import validate_tag

DAY_MINUTES = 24 * 60


class Quota(models.Model):
    """How much one person or one organisation may have in a day, a week or a month.

    On a resource, on all of a host's, on those of them with a tag, on what an agreement
    covers, or (none of these) on everything in the hub, counted together.
    """

    class Per(models.TextChoices):
        PERSON = "person", _("Each person")
        ORGANISATION = "organisation", _("Each organisation as a whole")

    class Window(models.TextChoices):
        DAY = "day", _("a day")
        WEEK = "week", _("a week")
        MONTH = "month", _("a month")

    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    agreement = models.ForeignKey(
        Agreement, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    tag = models.CharField(
        _("tag"), max_length=40, blank=True, validators=[validate_tag]
    )
    per = models.CharField(
        pgettext_lazy("quota", "for"),
        max_length=12,
        choices=Per,
        default=Per.ORGANISATION,
    )
    window = models.CharField(
        pgettext_lazy("quota", "in"), max_length=5, choices=Window, default=Window.WEEK
    )
    most_minutes = models.PositiveIntegerField(
        _("minutes at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(31 * DAY_MINUTES)],
    )
    most_count = models.PositiveIntegerField(
        _("reservations at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    peak_only = models.BooleanField(
        _("in peak hours only"),
        default=False,
        help_text=_("Only the time that falls into the peak hours counts."),
    )

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resource=None, organisation=None)
                | models.Q(resource=None, agreement=None)
                | models.Q(organisation=None, agreement=None),
                name="booking_quota_one_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(tag="") | models.Q(organisation__isnull=False),
                name="booking_quota_tag",
                violation_error_code="tag_of_nobody",
                violation_error_message=_("A tag is that of a host’s resources."),
            ),
            models.CheckConstraint(
                condition=models.Q(most_minutes__isnull=False)
                | models.Q(most_count__isnull=False),
                name="booking_quota_says_how_much",
                violation_error_code="quota_without_limit",
                violation_error_message=_("Say how many hours or reservations."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_per_display()} · {self.get_window_display()}"

    @property
    def is_hub(self) -> bool:
        return not (self.resource_id or self.organisation_id or self.agreement_id)


class PeakHours(models.Model):
    """When much is wanted: days of the week and hours by the clock of the site.

    Of a resource, or of all of a host's that have none of their own.
    """

    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="peak_hours"
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="peak_hours"
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

    class Meta:
        verbose_name = _("peak hours")
        verbose_name_plural = _("peak hours")
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True)
                ^ models.Q(organisation__isnull=True),
                name="booking_peakhours_one_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(starts__lt=models.F("ends"), ends__lte=DAY_MINUTES),
                name="booking_peakhours_order",
                violation_error_code="reversed_times",
                violation_error_message=_("The end must come after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(days__len__gt=0), name="booking_peakhours_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.days)} {self.starts}–{self.ends}"
