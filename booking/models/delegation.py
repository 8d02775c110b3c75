from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config import clock
from labs.models import Membership, Organisation, User


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def standing(self, today: dt.date) -> DelegationQuerySet:
        """Those that hold or will, of people who may still decide themselves."""
        manages = Membership.objects.filter(
            user=models.OuterRef("person"),
            organisation=models.OuterRef("organisation"),
            organisation__is_active=True,
            role=Membership.Role.MANAGER,
        )
        return self.filter(
            models.Exists(manages)
            | models.Q(organisation=None, person__is_hub_staff=True),
            ends_on__gte=today,
            person__is_active=True,
            deputy__is_active=True,
        )


class Delegation(models.Model):
    """A deputy decides for a person from `starts_on` through `ends_on`.

    For the organisation that the person manages, or (without one) as hub staff; the
    dates are those of the hub's zone.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegations"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="delegations",
        help_text=_("Empty: as hub staff."),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="deputises"
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="booking_delegation_order",
                violation_error_code="reversed_dates",
                violation_error_message=_("The last day comes before the first."),
            ),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("deputy")),
                name="booking_delegation_of_another",
                violation_error_code="own_deputy",
                violation_error_message=_("Name somebody else."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.deputy}, {self.starts_on}–{self.ends_on}"

    def holds_on(self, day: dt.date) -> bool:
        return self.starts_on <= day <= self.ends_on


def delegated_to(user: User) -> list[Delegation]:
    """Return what others delegated to this person, also what is yet to begin.

    One query, once for a person that was read from the database, as `User.roles` is.
    """
    kept: list[Delegation] | None = user.__dict__.get("delegated")
    if kept is None:
        rows = user.deputises.all().standing(clock.today())
        kept = user.__dict__["delegated"] = list(rows.select_related("person"))
    return kept
