from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config import clock
from labs.models.organisation import Membership, Organisation
from labs.validators import validate_one_line

LONGEST_REASON = 500


class JoinRequest(models.Model):
    """A person asks to join an organisation, or to bring a new one to the hub."""

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("joining", "E-mail not confirmed")
        PENDING = "pending", pgettext_lazy("joining", "Pending")
        APPROVED = "approved", pgettext_lazy("joining", "Approved")
        DECLINED = "declined", pgettext_lazy("joining", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("joining", "Withdrawn")

    #: Nobody has answered yet.
    OPEN = (Status.UNCONFIRMED, Status.PENDING)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="join_requests",
    )
    new_name = models.CharField(
        _("name of the new organisation"),
        max_length=120,
        blank=True,
        validators=[validate_one_line],
    )
    new_kind = models.CharField(
        _("kind of the new organisation"),
        max_length=12,
        choices=Organisation.Kind,
        blank=True,
    )
    new_website = models.URLField(_("its website"), blank=True)
    reason = models.TextField(
        _("why"),
        max_length=LONGEST_REASON,
        validators=[MaxLengthValidator(LONGEST_REASON)],
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.UNCONFIRMED
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=["unconfirmed", "pending"]),
                name="labs_join_request_open_once",
                violation_error_code="asked_already",
                violation_error_message=_(
                    "You have asked already; wait for an answer."
                ),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False)
                | (~Q(new_name="") & ~Q(new_kind="")),
                name="labs_join_request_whither",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.wanted}"

    @property
    def wanted(self) -> str:
        """The name of the organisation, whether it is here already or not."""
        return self.organisation.local_name if self.organisation else self.new_name


class Invitation(models.Model):
    """Lets the person who has the e-mail become a member, once, until it expires."""

    VALID_FOR = dt.timedelta(days=14)

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(
        _("role"),
        max_length=8,
        choices=Membership.Role,
        default=Membership.Role.BOOKER,
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="labs_invitation_open_once",
                violation_error_code="invited_already",
                violation_error_message=_("This person is invited already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.organisation}"

    @property
    def secret(self) -> str:
        """What the link holds; nothing to keep, as our signature makes it."""
        return signing.Signer(salt="labs.invitation").sign_object(self.pk)

    @property
    def is_open(self) -> bool:
        return (
            self.accepted_at is None
            and self.withdrawn_at is None
            and self.expires_at > clock.now()
        )

    @staticmethod
    def pk_of(secret: str) -> int | None:
        """Return whose secret this is; None where it was not made by us."""
        try:
            return int(signing.Signer(salt="labs.invitation").unsign_object(secret))
        except (signing.BadSignature, ValueError):
            return None
