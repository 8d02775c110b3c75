from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.paths import DeclineCode, Turn
from booking.models.policy import LONGEST_DAYS
from booking.models.reservation import Reservation
from labs.models import Organisation, Resource


class Decision(models.Model):
    """What somebody decided at one stage of a request's path.

    It stands until it is taken back or the request changes. Where a rule or the clock
    decided there is nobody in `by`.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    class How(models.TextChoices):
        PERSON = "person", _("by a person")
        RULE = "rule", _("by a rule")
        CLOCK = "clock", _("as nobody decided in time")

    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="decisions"
    )
    stage = models.PositiveSmallIntegerField(_("stage"), default=0)
    turn = models.CharField(_("whose turn"), max_length=6, choices=Turn)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("at"))
    how = models.CharField(max_length=6, choices=How, default=How.PERSON)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    code = models.CharField(_("code"), max_length=16, choices=DeclineCode, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    stands = models.BooleanField(_("stands"), default=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["at", "pk"]
        constraints = [
            # Several people must be several: nobody counts twice at one stage.
            models.UniqueConstraint(
                fields=["reservation", "stage", "by"],
                condition=models.Q(stands=True),
                name="booking_decision_once_a_stage",
                violation_error_code="decided_already",
                violation_error_message=_("You have decided this already."),
            ),
            models.CheckConstraint(
                condition=models.Q(how="person") ^ models.Q(by__isnull=True),
                name="booking_decision_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="declined") ^ models.Q(code=""),
                name="booking_decision_declined_has_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation}: {self.get_verdict_display()}"


class ApprovalRule(models.Model):
    """Approves a request at once where all of its conditions hold.

    For one resource, or for all that an organisation offers.
    """

    resource = models.ForeignKey(
        Resource,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="approval_rules",
    )
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="approval_rules",
    )
    own_organisation = models.BooleanField(_("the host’s own people"), default=False)
    at_most_minutes = models.PositiveIntegerField(
        _("at most so long"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(LONGEST_DAYS * 1440)],
    )
    organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="+",
        verbose_name=_("these organisations"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True)
                ^ models.Q(organisation__isnull=True),
                name="booking_approval_rule_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource or self.organisation}: {self.pk}"
