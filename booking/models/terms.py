from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from labs.models import Organisation, Resource

LONGEST_TERMS = 20_000


class Terms(models.Model):
    """One version of the terms of use of a resource, or of all that a host offers.

    A trigger refuses UPDATE and DELETE: what somebody accepted stays readable. A newer
    version without a text ends them; which one holds says `booking_currentterms`.
    """

    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="terms"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="terms"
    )
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(
        _("text"),
        max_length=LONGEST_TERMS,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_TERMS)],
    )
    text_bg = models.TextField(
        _("text in Bulgarian"),
        max_length=LONGEST_TERMS,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_TERMS)],
    )
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("terms of use")
        verbose_name_plural = _("terms of use")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True)
                ^ models.Q(organisation__isnull=True),
                name="booking_terms_one_owner",
            ),
            models.UniqueConstraint(
                fields=["resource", "version"], name="booking_terms_of_resource"
            ),
            models.UniqueConstraint(
                fields=["organisation", "version"], name="booking_terms_of_host"
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") | models.Q(text_bg=""),
                name="booking_terms_english_first",
                violation_error_code="english_missing",
                violation_error_message=_("Write the English text too."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} · {self.version}"

    @property
    def owner(self) -> Resource | Organisation | None:
        return self.resource or self.organisation

    @property
    def local_text(self) -> str:
        return (get_language() == "bg" and self.text_bg) or self.text


class TermsAcceptance(models.Model):
    """That a person accepted a version, and when they first did."""

    terms = models.ForeignKey(Terms, models.PROTECT, related_name="acceptances")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="accepted_terms"
    )
    accepted_at = models.DateTimeField(_("accepted at"))

    class Meta:
        verbose_name = _("acceptance of terms")
        verbose_name_plural = _("acceptances of terms")
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "person"], name="booking_terms_accepted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.terms}"
