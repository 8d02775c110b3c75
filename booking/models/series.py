from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.reservation import MOVABLE, Reservation, new_reference
from booking.periods import Period
from booking.series import Pattern, Repeats
from labs.models import Organisation, Resource, User

#: What both a pattern and its series have, under the same names.
PATTERN = tuple(field.name for field in fields(Pattern) if field.name != "first")


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User) -> SeriesQuerySet:
        """Those of one's organisations, those on resources one manages; staff all."""
        if user.is_hub_staff:
            return self
        return self.filter(
            models.Q(organisation_id__in=user.roles)
            | models.Q(resource__organisation_id__in=user.managed_ids)
        )


class Series(models.Model):
    """Reservations that repeat; every date is a reservation of its own.

    The pattern is how it was asked for: dates that were moved since have moved away.
    """

    reference = models.CharField(
        _("reference"), max_length=8, default=new_reference, editable=False
    )
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="series")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="series"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="series", db_index=False
    )
    #: To what its host asks, by key, for each date that is booked.
    answers = models.JSONField(_("answers"), default=dict, blank=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=500)
    people = models.PositiveIntegerField(
        _("people"), default=1, validators=[MinValueValidator(1)]
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    repeats = models.CharField(_("repeats"), max_length=7, choices=Repeats)
    first_on = models.DateField(_("first on"))
    clock = models.TimeField(_("from"), help_text=_("By the clock of the site."))
    minutes = models.PositiveIntegerField(_("minutes"))
    interval = models.PositiveSmallIntegerField(_("every"), default=1)
    days = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    week = models.SmallIntegerField(_("week of the month"), default=0)
    until = models.DateField(_("until"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(_("how many times"), null=True, blank=True)
    picked = ArrayField(models.DateField(), default=list, blank=True)
    excluded = ArrayField(models.DateField(), default=list, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    # NULL where there is none: those are not unique to one another.
    idempotency_key = models.CharField(  # noqa: DJ001
        max_length=255, null=True, editable=False
    )
    idempotency_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    objects = SeriesQuerySet.as_manager()

    #: Its dates with their reservations, where a selector or service looked them up.
    in_order: list[SeriesDate]

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], name="booking_series_reference"
            ),
            models.UniqueConstraint(
                fields=["requested_by", "idempotency_key"],
                name="booking_series_idempotency",
                violation_error_code="idempotency_key_reused",
                violation_error_message=_(
                    "This Idempotency-Key was used for another request."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, people__gte=1, minutes__gte=1),
                name="booking_series_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(repeats__in=Repeats.values),
                name="booking_series_repeats",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.resource}"

    @property
    def pattern(self) -> Pattern:
        given = {name: getattr(self, name) for name in PATTERN}
        # The database has lists.
        given |= {name: tuple(given[name]) for name in ("days", "picked", "excluded")}
        return Pattern(first=dt.datetime.combine(self.first_on, self.clock), **given)


def pattern_fields(pattern: Pattern) -> dict[str, Any]:
    """Return a pattern as the fields of its series."""
    first = {"first_on": pattern.first.date(), "clock": pattern.first.time()}
    return first | {name: getattr(pattern, name) for name in PATTERN}


class State(models.TextChoices):
    BOOKED = "booked", _("Booked")
    WANTED = "wanted", _("Wanted")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")


class SeriesDate(models.Model):
    """One date of a series: its reservation, or why there is none.

    `wanted` waits for the slot to become free; `skipped` is against the rules;
    `cancelled` is not wanted any more. How a booked one stands its reservation says.
    """

    State = State

    series = models.ForeignKey(
        Series, models.PROTECT, related_name="dates", db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    state = models.CharField(_("state"), max_length=9, choices=State)
    reservation = models.OneToOneField(
        Reservation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="series_date",
    )
    code = models.CharField(
        _("code"), max_length=40, blank=True, help_text=_("What stood in its way.")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("date of a series")
        verbose_name_plural = _("dates of a series")
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "number"], name="booking_seriesdate_number"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")),
                name="booking_seriesdate_order",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values),
                name="booking_seriesdate_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.BOOKED, reservation__isnull=False)
                | (~models.Q(state=State.BOOKED) & models.Q(reservation__isnull=True)),
                name="booking_seriesdate_booked",
            ),
        ]
        indexes = [
            models.Index(
                "starts_at",
                condition=models.Q(state=State.WANTED),
                name="booking_seriesdate_wanted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series.reference} {self.number}"

    @property
    def when(self) -> Period:
        """When it is now; its reservation may have moved alone."""
        now = self.reservation or self
        return Period(now.starts_at, now.ends_at)

    def is_ahead(self, now: dt.datetime) -> bool:
        """It has not begun, and can still be moved or cancelled."""
        if self.when.start <= now:
            return False
        if self.reservation is not None:
            return self.reservation.status in MOVABLE
        return self.state != State.CANCELLED
