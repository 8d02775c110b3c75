from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from booking.models.policy import PolicyValues
from labs.models import Organisation, Resource
from labs.validators import validate_tag

MOST_HOURS = 100_000


class Named(models.Model):
    """A name in both languages; the Bulgarian may be left out."""

    name = models.CharField(_("name"), max_length=140)
    name_bg = models.CharField(_("name in Bulgarian"), max_length=140, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        return (get_language() == "bg" and self.name_bg) or self.name


def _allowance(
    help_text: object,
) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(
        _("allowance of hours"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
        help_text=help_text,  # type: ignore[arg-type]
    )


class Programme(Named):
    """Organisations that come together for a while, such as a cohort of startups."""

    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    allowance_hours = _allowance(
        _("Hours for each organisation, on all that was agreed for the programme.")
    )
    organisations = models.ManyToManyField(
        Organisation,
        related_name="programmes",
        blank=True,
        verbose_name=_("organisations"),
    )

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-starts_on", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__lte=models.F("ends_on")),
                name="booking_programme_order",
                violation_error_code="reversed_dates",
                violation_error_message=_("The last day lies before the first."),
            )
        ]


class Agreement(Named, PolicyValues):
    """What a host, or (none) the hub, agreed with one organisation or one programme.

    Its values go before those of the resource, where it covers it and is valid on the
    day of use. Of several the narrowest goes first, then the newest; that order is
    written in SQL, `booking_agreements_for`.
    """

    class Covers(models.TextChoices):
        ALL = "all", _("All resources")
        TAG = "tag", _("Those with a tag")
        RESOURCES = "resources", _("Named resources")

    host = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="agreements_given",
        verbose_name=_("host"),
        help_text=_("Empty: the hub, for the resources of everybody."),
    )
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("organisation"),
    )
    programme = models.ForeignKey(
        Programme,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("programme"),
    )
    covers = models.CharField(
        _("covers"), max_length=9, choices=Covers, default=Covers.ALL
    )
    tag = models.CharField(
        _("tag"), max_length=40, blank=True, validators=[validate_tag]
    )
    resources = models.ManyToManyField(
        Resource, related_name="agreements", blank=True, verbose_name=_("resources")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    replaces_quotas = models.BooleanField(
        _("instead of the usual quotas"),
        default=False,
        help_text=_("Only this agreement’s own quotas count; without any, none do."),
    )
    allowance_hours = _allowance(
        _("Hours for each organisation, on what is covered, while it is valid.")
    )
    created_at = models.DateTimeField(_("created at"), editable=False)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=True)
                ^ models.Q(programme__isnull=True),
                name="booking_agreement_one_guest",
                violation_error_code="one_guest",
                violation_error_message=_(
                    "Choose one organisation or one programme, not both."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(covers="tag") ^ models.Q(tag=""),
                name="booking_agreement_tag",
                violation_error_code="tag_needed",
                violation_error_message=_("Say which tag, and only where one counts."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_from__lte=models.F("valid_until")),
                name="booking_agreement_order",
                violation_error_code="reversed_dates",
                violation_error_message=_("The last day lies before the first."),
            ),
        ]

    @property
    def hours_allowed(self) -> int | None:
        """Its own allowance, or that of its programme."""
        of_all = self.programme.allowance_hours if self.programme else None
        return self.allowance_hours or of_all

    @property
    def guest(self) -> Organisation | Programme | None:
        return self.organisation or self.programme

    def clean(self) -> None:
        super().clean()
        if self.host_id is not None and self.host_id == self.organisation_id:
            text = _("An organisation needs no agreement with itself.")
            raise ValidationError({"organisation": text})
