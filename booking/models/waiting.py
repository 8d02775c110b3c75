from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models.reservation import Status, new_reference
from labs.models import Membership, Organisation, Resource, User


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("in line", "Waiting")
    SERVED = "served", _("Got a time")
    LEFT = "left", _("Left")
    LAPSED = "lapsed", _("Offer not answered")
    EXPIRED = "expired", _("Over")


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def waiting(self) -> WaitingQuerySet:
        return self.filter(status=WaitingStatus.WAITING)

    def in_line(self) -> WaitingQuerySet:
        """Those who may still come and have no offer, the first in line first."""
        member = Membership.objects.filter(
            user=models.OuterRef("person"), organisation=models.OuterRef("organisation")
        )
        may_come = models.Q(models.Exists(member)) | models.Q(person__is_hub_staff=True)
        active = {"person__is_active": True, "organisation__is_active": True}
        return (
            self.waiting()
            .filter(may_come, **active)
            .exclude(offers__status=Status.HELD)
            .order_by("created_at", "pk")
        )

    def visible_to(self, user: User) -> WaitingQuerySet:
        """Those of one's organisations, those on resources one manages; staff all."""
        if user.is_hub_staff:
            return self
        return self.filter(
            models.Q(organisation_id__in=user.roles)
            | models.Q(resource__organisation_id__in=user.managed_ids)
        )


class WaitingEntry(models.Model):
    """Somebody's place in the line for a resource, for some time within a window.

    What is offered to it is a reservation with the status `held` (`offers`), which
    stays, with its history, whatever becomes of it.
    """

    Status = WaitingStatus
    MINUTE = dt.timedelta(minutes=1)

    reference = models.CharField(
        _("reference"), max_length=8, default=new_reference, editable=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="waiting_entries"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="waiting_entries"
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="waiting_entries", db_index=False
    )
    window_starts_at = models.DateTimeField(_("window starts at"))
    window_ends_at = models.DateTimeField(_("window ends at"))
    minutes = models.PositiveIntegerField(
        _("minutes"), validators=[MinValueValidator(1)]
    )
    people = models.PositiveIntegerField(_("people"), default=1)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    purpose = models.CharField(_("purpose"), max_length=500)
    status = models.CharField(
        _("status"), max_length=7, choices=WaitingStatus, default=WaitingStatus.WAITING
    )
    created_at = models.DateTimeField(_("created at"))

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a waiting list")
        verbose_name_plural = _("waiting lists")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], name="booking_waiting_reference"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    window_ends_at__gte=models.F("window_starts_at")
                    + models.F("minutes") * dt.timedelta(minutes=1)
                ),
                name="booking_waiting_fits_window",
                violation_error_code="window_too_short",
                violation_error_message=_("The window is shorter than what you want."),
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, people__gte=1, minutes__gte=1),
                name="booking_waiting_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=WaitingStatus.values),
                name="booking_waiting_status",
            ),
            # Twice in one line, for one time: one of them would be in one's own way.
            ExclusionConstraint(
                name="booking_waiting_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("resource", RangeOperators.EQUAL),
                    (
                        models.Func(
                            "window_starts_at",
                            "window_ends_at",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=models.Q(status="waiting"),
                violation_error_code="waiting_already",
                violation_error_message=_("You are waiting for that already."),
            ),
        ]
        indexes = [
            models.Index(
                "resource",
                "created_at",
                condition=models.Q(status="waiting"),
                name="booking_waiting_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.resource}"

    @property
    def is_exact(self) -> bool:
        """It is wanted at just one time."""
        return self.window_ends_at - self.window_starts_at == self.minutes * self.MINUTE
