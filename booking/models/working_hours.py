from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkingHours(models.Model):
    """When the hub works on one weekday; in these hours the time to decide runs.

    Without any the hub works round the clock. Minutes after midnight by the clock on
    the wall of the hub's zone; Monday is 0.
    """

    weekday = models.PositiveSmallIntegerField(_("weekday"), unique=True)
    opens = models.PositiveSmallIntegerField(_("from"))
    closes = models.PositiveSmallIntegerField(_("until"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["weekday"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6), name="booking_working_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes"), closes__lte=1440),
                name="booking_working_order",
                violation_error_code="reversed_times",
                violation_error_message=_("The end must come after the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens}–{self.closes}"
