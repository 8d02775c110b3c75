from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.models.paths import Path, Undecided
from labs.models import Organisation, Resource

if TYPE_CHECKING:
    from booking.models.reservation import Reservation

#: A reservation is never longer; it bounds the ledger's index scans.
LONGEST_DAYS = 31
LONGEST_TURNAROUND_MINUTES = 24 * 60
#: A start grid divides the hour or the day.
GRIDS_MINUTES = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440)


class OthersSee(models.TextChoices):
    """What those who are neither party nor host see of a reservation."""

    BUSY = "busy", _("only that it is taken")
    ORGANISATION = "organisation", _("which organisation has it")
    EVERYTHING = "everything", _("which organisation has it, and what for")


def _number(
    name: StrOrPromise, low: int, high: int, help_text: StrOrPromise
) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(
        name,
        null=True,
        blank=True,
        validators=[MinValueValidator(low), MaxValueValidator(high)],
        help_text=help_text,
    )


class PolicyValues(models.Model):
    """What can be set; an empty value is taken from the next wider."""

    min_duration_minutes = _number(
        _("shortest"),
        5,
        LONGEST_DAYS * 1440,
        _("Minutes a reservation takes at least."),
    )
    max_duration_minutes = _number(
        _("longest"), 5, LONGEST_DAYS * 1440, _("Minutes a reservation takes at most.")
    )
    start_grid_minutes = models.PositiveIntegerField(
        _("start grid"),
        null=True,
        blank=True,
        choices=[(minutes, str(minutes)) for minutes in GRIDS_MINUTES],
        help_text=_("Starts and ends fall on multiples of so many minutes."),
    )
    notice_minutes = _number(
        _("notice"), 0, 90 * 1440, _("Minutes between reserving and the start.")
    )
    horizon_days = _number(
        _("horizon"), 1, 540, _("How many days ahead can be reserved.")
    )
    turnaround_minutes = _number(
        _("turnaround"),
        0,
        LONGEST_TURNAROUND_MINUTES,
        _("Minutes kept free after a reservation."),
    )
    # NULL where the wider policy's holds, as with the numbers.
    approval_path = models.CharField(  # noqa: DJ001
        _("who decides"), max_length=8, choices=Path, null=True, blank=True
    )
    approvals_needed = _number(
        _("approvals needed"),
        2,
        5,
        _("How many different people must approve, where several do."),
    )
    decide_within_hours = _number(
        _("time to decide"),
        1,
        30 * 24,
        _("Working hours of the hub for each stage of a decision."),
    )
    when_undecided = models.CharField(  # noqa: DJ001
        _("when nobody decides"),
        max_length=7,
        choices=Undecided,
        null=True,
        blank=True,
    )
    min_gap_minutes = _number(
        _("gap"),
        0,
        LONGEST_DAYS * 1440,
        _("Minutes between two reservations of one organisation; 0: none."),
    )
    most_active = _number(
        _("most at once"),
        0,
        1_000,
        _("Reservations that one organisation has ahead, at most; 0: no limit."),
    )
    cancel_until_minutes = _number(
        _("cancel until"),
        0,
        90 * 1440,
        _("Minutes before the start; cancelling later is marked as late; 0: never."),
    )
    most_people = _number(
        _("most people"),
        0,
        10_000,
        _("People at most; 0: as many as the resource holds."),
    )
    no_show_after_minutes = _number(
        _("no-show after"),
        0,
        24 * 60,
        _("Minutes after the start until who has not checked in loses it. 0: never."),
    )
    check_in_needs_code = models.BooleanField(
        _("check-in at the door only"), null=True, blank=True
    )
    # NULL inherits, as in every other value.
    others_see = models.CharField(  # noqa: DJ001
        _("what others see"), max_length=12, null=True, blank=True, choices=OthersSee
    )

    #: What can be set, in the order it is shown, and what a new hub starts with.
    FIRST_VALUES: ClassVar = {
        "min_duration_minutes": 30,
        "max_duration_minutes": 8 * 60,
        "start_grid_minutes": 15,
        "notice_minutes": 0,
        "horizon_days": 180,
        "turnaround_minutes": 0,
        "approval_path": Path.ANY,
        "approvals_needed": 2,
        "decide_within_hours": 72,
        "when_undecided": Undecided.EXPIRE,
        "min_gap_minutes": 0,
        "most_active": 0,
        "cancel_until_minutes": 0,
        "most_people": 0,
        "no_show_after_minutes": 0,
        "check_in_needs_code": False,
        "others_see": OthersSee.BUSY,
    }
    VALUES = tuple(FIRST_VALUES)

    class Meta:
        abstract = True

    def clean(self) -> None:
        shortest, longest = self.min_duration_minutes, self.max_duration_minutes
        if shortest is not None and longest is not None and longest < shortest:
            raise ValidationError(
                {"max_duration_minutes": _("The longest is shorter than the shortest.")}
            )


class Policy(PolicyValues):
    """The rules of a resource, an organisation's resources, or (neither) the hub's all.

    The hub's has no empty value.
    """

    resource = models.OneToOneField(
        Resource, models.CASCADE, null=True, blank=True, related_name="policy"
    )
    organisation = models.OneToOneField(
        Organisation, models.CASCADE, null=True, blank=True, related_name="policy"
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resource__isnull=True)
                | models.Q(organisation__isnull=True),
                name="booking_policy_one_owner",
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(resource__isnull=True, organisation__isnull=True),
                name="booking_policy_one_hub",
            ),
            models.CheckConstraint(
                condition=models.Q(resource__isnull=False)
                | models.Q(organisation__isnull=False)
                | models.Q(
                    **{f"{name}__isnull": False for name in PolicyValues.VALUES}
                ),
                name="booking_policy_hub_is_whole",
                violation_error_code="hub_policy_incomplete",
                violation_error_message=_("The hub's policy must have every value."),
            ),
            models.CheckConstraint(
                condition=models.Q(others_see__in=OthersSee.values),
                name="booking_policy_others_see",
            ),
        ]

    def __str__(self) -> str:
        return str(self.resource or self.organisation or _("The hub's policy"))

    @property
    def is_hub(self) -> bool:
        return self.resource_id is None and self.organisation_id is None


class EffectivePolicy(models.Model):
    """The view of the values that hold: the resource's own, its owner's, the hub's.

    The one place where that order is written; SQL in the migration. For one guest on
    one day the function `booking_policy_for` puts what was agreed over it.
    """

    resource = models.OneToOneField(
        Resource,
        models.DO_NOTHING,
        primary_key=True,
        related_name="effective_policy",
    )
    min_duration_minutes = models.IntegerField()
    max_duration_minutes = models.IntegerField()
    start_grid_minutes = models.IntegerField()
    notice_minutes = models.IntegerField()
    horizon_days = models.IntegerField()
    turnaround_minutes = models.IntegerField()
    approval_path = models.CharField(max_length=8, choices=Path)
    approvals_needed = models.IntegerField()
    decide_within_hours = models.IntegerField()
    when_undecided = models.CharField(max_length=7, choices=Undecided)
    #: Whether there is a path at all; computed by the view.
    needs_approval = models.BooleanField()
    min_gap_minutes = models.IntegerField()
    most_active = models.IntegerField()
    cancel_until_minutes = models.IntegerField()
    most_people = models.IntegerField()
    no_show_after_minutes = models.IntegerField()
    check_in_needs_code = models.BooleanField()
    others_see = models.CharField(max_length=12, choices=OthersSee)
    #: What was let pass when a wish was last judged by it: see `cautions`.
    cautions: tuple[dict[str, Any], ...] = ()
    #: The terms that a reservation needs, where the facts were gathered with it.
    terms_id: int | None = None
    #: The answers that a wish came with, as a reservation keeps them: see `kept`.
    answers: tuple[dict[str, Any], ...] = ()

    class Meta:
        managed = False
        db_table = "booking_effectivepolicy"

    def __str__(self) -> str:
        return f"{self.resource_id}"

    @property
    def shortest_minutes(self) -> int:
        """The shortest reservation that keeps to the grid."""
        grid = self.start_grid_minutes
        return -(-self.min_duration_minutes // grid) * grid

    def length_near(self, seconds: int) -> int:
        """Return the minutes that the rules allow, nearest above that long."""
        grid = self.start_grid_minutes
        wanted = -(-seconds // (60 * grid)) * grid
        longest = self.max_duration_minutes // grid * grid
        return max(self.shortest_minutes, min(wanted, longest))

    def check_in_by(self, reservation: Reservation) -> dt.datetime | None:
        """Return when who has not checked in becomes a no-show, if that ever happens.

        As `absent` of the reservations says it in SQL.
        """
        if not self.no_show_after_minutes:
            return None
        patience = dt.timedelta(minutes=self.no_show_after_minutes)
        return min(reservation.starts_at + patience, reservation.ends_at)

    @property
    def turnaround(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.turnaround_minutes)

    def room_for(self, people: int) -> int:
        """Return how many may come at once, of those that the resource holds."""
        return min(people, self.most_people or people)

    def cancel_by(self, starts_at: dt.datetime) -> dt.datetime | None:
        """Return from when on cancelling is late; None where it never is."""
        if not self.cancel_until_minutes:
            return None
        return starts_at - dt.timedelta(minutes=self.cancel_until_minutes)
