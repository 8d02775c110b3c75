from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config import clock
from labs.models.described import Described, unique_slug
from labs.models.organisation import Organisation
from labs.models.person import User

#: Twenty years; what is good for longer is good for ever.
LONGEST_MONTHS = 240
#: So long before its end one is told that it ends.
EXPIRES_SOON = dt.timedelta(days=30)


class QualificationType(Described):
    """A training or permit that resources may require; of one host, or of the hub.

    Whoever owns it grants it: the host's managers, and hub staff every one.
    """

    #: What a slug is made of where the name has no Latin letters.
    kind: ClassVar[str] = "qualification"

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="qualification_types",
        verbose_name=_("organisation"),
        help_text=_("Empty where it is the hub’s own."),
    )
    validity_months = models.PositiveSmallIntegerField(
        _("months it is valid"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MONTHS)],
        help_text=_("Empty where it does not expire."),
    )

    class Meta:
        verbose_name = _("type of qualification")
        verbose_name_plural = _("types of qualification")
        ordering = ["name", "pk"]
        constraints = [
            unique_slug("labs_qualification_type_slug"),
            models.CheckConstraint(
                condition=Q(validity_months__gte=1), name="labs_qualification_months"
            ),
        ]


class QualificationQuerySet(models.QuerySet["Qualification"]):
    def visible_to(self, user: User | AnonymousUser) -> QualificationQuerySet:
        """One's own; those of types one grants; hub staff's all."""
        if not user.is_authenticated:
            return self.none()
        if user.is_hub_staff:
            return self
        return self.filter(
            Q(person=user) | Q(type__organisation_id__in=user.managed_ids)
        )

    def standing(self) -> QualificationQuerySet:
        """Those that nobody revoked, expired or not."""
        return self.filter(revoked_at=None)


class Qualification(models.Model):
    """What a person was found fit for, by whom, from day to day, both included.

    It is never deleted: it is revoked, and that says by whom and why.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="qualifications",
        verbose_name=_("person"),
    )
    type = models.ForeignKey(
        QualificationType, models.PROTECT, related_name="qualifications"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted at"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("The last day; empty where it does not expire."),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    proof = models.FileField(_("proof"), upload_to="proofs/", blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    revoked_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="labs_qualification_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_reason="")),
                name="labs_qualification_revoked_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "type"],
                condition=Q(revoked_at__isnull=True),
                name="labs_qualification_held",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.type}"

    @property
    def status(self) -> str:
        """`valid`, `soon` to expire, `ahead` of its first day, `expired`, `revoked`."""
        today = clock.today()
        if self.revoked_at is not None:
            return "revoked"
        if self.valid_from > today:
            return "ahead"
        if self.valid_until is None or self.valid_until > today + EXPIRES_SOON:
            return "valid"
        return "soon" if self.valid_until >= today else "expired"
