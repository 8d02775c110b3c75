from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.reservation import Reservation
from labs.models import Unit


class Occupancy(models.Model):
    """The ledger: one row per unit and period that is taken.

    `during` is `[starts_at, free_at)`: the reservation and its turnaround. Written by
    `booking.services.ledger` and nothing else.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="occupancy", db_index=False
    )
    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="occupancy"
    )
    during = DateTimeRangeField()

    class Meta:
        verbose_name = _("occupancy")
        verbose_name_plural = _("occupancy")
        constraints = [
            # The guarantee. The row is there only while it holds, so no condition.
            ExclusionConstraint(
                name="booking_occupancy_no_overlap",
                expressions=[
                    ("during", RangeOperators.OVERLAPS),
                    ("unit", RangeOperators.EQUAL),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(during__isempty=False),
                name="booking_occupancy_not_empty",
            ),
        ]
        indexes = [
            models.Index(
                "unit",
                models.Func("during", function="lower"),
                name="booking_occupancy_unit_lower",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.during}"
