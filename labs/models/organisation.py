from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models.described import Described, unique_slug
from labs.models.guards import LastManager
from labs.validators import validate_domain


class Organisation(Described):
    """A member company, university, startup or partner; may host, book, or both."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        UNIVERSITY = "university", _("University")
        STARTUP = "startup", _("Startup")
        PARTNER = "partner", _("Partner")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    website = models.URLField(_("website"), blank=True)
    email_domain = models.CharField(
        _("own e-mail domain"),
        max_length=120,
        blank=True,
        validators=[validate_domain],
        help_text=_("Whoever has an address there joins at once, as a booker."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="organisations"
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            unique_slug("labs_organisation_slug"),
            models.UniqueConstraint(
                fields=["email_domain"],
                condition=~models.Q(email_domain=""),
                name="labs_organisation_domain",
                violation_error_code="domain_taken",
                violation_error_message=_("Another organisation has this domain."),
            ),
        ]


class Membership(models.Model):
    """A person in an organisation with a role."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("Manager")
        BOOKER = "booker", _("Booker")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.BOOKER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                name="labs_membership_once",
                violation_error_code="member_already",
                violation_error_message=_("This person is a member already."),
            ),
            LastManager(
                name="labs_last_manager",
                violation_error_code="last_manager",
                violation_error_message=_(
                    "An organisation keeps a manager. Make somebody else one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.get_role_display()}"


class Departure(models.Model):
    """A membership was ended: the domain of the e-mail lets this person in no more."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="departures"
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="departures"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], name="labs_departure_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"
