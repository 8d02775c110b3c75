from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from schedule.models import Calendar, Event

from booking.models.outside_calendar import OutsideCalendar
from labs.models import Resource
from labs.validators import validate_time_zone

#: The shared calendar of public holidays.
HOLIDAYS = "holidays-bg"


class AvailabilityCalendar(models.Model):
    """A django-scheduler calendar: one resource's own, or shared by many.

    Its events are wall-clock times: in the zone of the resource's site, or for a shared
    one in `time_zone`.
    """

    calendar = models.OneToOneField(
        Calendar, models.PROTECT, related_name="availability"
    )
    resource = models.OneToOneField(
        Resource, models.CASCADE, null=True, blank=True, related_name="own_calendar"
    )
    resources = models.ManyToManyField(
        Resource, blank=True, related_name="shared_calendars"
    )
    name_bg = models.CharField(_("name in Bulgarian"), max_length=200, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_time_zone]
    )

    class Meta:
        verbose_name = _("availability calendar")
        verbose_name_plural = _("availability calendars")
        constraints = [
            # Own calendars take their zone from the site, shared ones carry it.
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True) ^ models.Q(time_zone=""),
                name="booking_calendar_own_or_shared",
            )
        ]

    def __str__(self) -> str:
        return str(self.calendar)

    @property
    def zone(self) -> ZoneInfo:
        return self.resource.site.zone if self.resource else ZoneInfo(self.time_zone)


class AvailabilityRule(models.Model):
    """Says of a django-scheduler event whether it opens or closes, and why."""

    class Effect(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Reason(models.TextChoices):
        MAINTENANCE = "maintenance", _("Maintenance")
        HOLIDAY = "holiday", _("Holiday")
        PRIVATE_USE = "private_use", _("Private use")
        OTHER = "other", _("Other")

    event = models.OneToOneField(
        Event, models.CASCADE, related_name="availability_rule"
    )
    effect = models.CharField(_("effect"), max_length=6, choices=Effect)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    note_bg = models.CharField(_("note in Bulgarian"), max_length=300, blank=True)
    outside_calendar = models.ForeignKey(
        OutsideCalendar,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name=_("outside calendar"),
        help_text=_("Where it comes from; it is not changed by hand."),
    )

    class Meta:
        verbose_name = _("availability rule")
        verbose_name_plural = _("availability rules")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outside_calendar__isnull=True)
                | models.Q(effect="closed"),
                name="booking_rule_outside_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(effect="closed") ^ models.Q(reason=""),
                name="booking_rule_closed_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_effect_display()}: {self.event}"


class OpenPeriod(models.Model):
    """When a resource can be booked: open minus closed, merged; a projection.

    Rebuilt in the transaction that changes the rules, never edited; can be dropped and
    rebuilt at any time (`manage.py rebuild_open_periods`).
    """

    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="open_periods", db_index=False
    )
    during = DateTimeRangeField()

    class Meta:
        verbose_name = _("open period")
        verbose_name_plural = _("open periods")
        indexes = [
            # Never also (resource, during): the planner then sometimes takes that one.
            GistIndex(fields=["during", "resource"], name="booking_open_during"),
            # Those of one resource are disjoint, so upper() sorts as lower() does.
            models.Index(
                "resource",
                models.Func("during", function="upper"),
                name="booking_open_resource_upper",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.during}"
