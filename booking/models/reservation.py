from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.permissions import CHANGE, DECIDE, SEE, rows_for
from labs.models import Organisation, Resource, User

#: Digits and letters that are not mistaken for one another when read out.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """Return eight characters, as in 7KQ2M4XD: 6.5e11 of them, so never guessed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


class Status(models.TextChoices):
    HELD = "held", _("Held")
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    IN_USE = "in_use", _("In use")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("No-show")


#: These have rows in the ledger, whichever path they came by.
OCCUPYING = frozenset({Status.HELD, Status.PENDING, Status.APPROVED, Status.IN_USE})
#: These end at `lapses_at` if nothing happens: a request is expired, a hold vanishes.
LAPSING = frozenset({Status.HELD, Status.PENDING})
#: None is longer; the index knows ends.
LONGEST = dt.timedelta(days=32)
CANCELLABLE = MOVABLE = frozenset({Status.PENDING, Status.APPROVED})


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def occupying(self) -> ReservationQuerySet:
        return self.filter(status__in=OCCUPYING)

    def lapsed(self, now: dt.datetime) -> ReservationQuerySet:
        return self.filter(status__in=LAPSING, lapses_at__lte=now)

    def absent(self, now: dt.datetime) -> ReservationQuerySet:
        """Those to whom nobody came for as long as their resource's rules wait.

        At the latest when they end: nobody checks in after that.
        """
        minutes = models.F("resource__effective_policy__no_show_after_minutes")
        patience = models.ExpressionWrapper(
            minutes * models.Value(dt.timedelta(minutes=1)),
            output_field=models.DurationField(),
        )
        return self.filter(
            models.Q(starts_at__lte=models.Value(now) - patience)
            | models.Q(ends_at__lte=now),
            status=Status.APPROVED,
            starts_at__lte=now,
            ends_at__lt=now + LONGEST,
            resource__effective_policy__no_show_after_minutes__gt=0,
        )

    def ended(self, now: dt.datetime) -> ReservationQuerySet:
        """What is over, turnaround included, but for those who may have been absent."""
        here = models.Q(status=Status.IN_USE)
        uncounted = models.Q(resource__effective_policy__no_show_after_minutes=0)
        return self.filter(
            here | (uncounted & models.Q(status=Status.APPROVED)),
            status__in=[Status.APPROVED, Status.IN_USE],
            free_at__lte=now,
        )

    def sent(self) -> ReservationQuerySet:
        """All but the holds: a form that is open is nobody's business."""
        return self.exclude(status=Status.HELD)

    def held_by(self, user: User) -> ReservationQuerySet:
        """What this person's open forms hold, the oldest first."""
        return self.filter(requested_by=user, status=Status.HELD).order_by(
            "created_at", "pk"
        )

    def visible_to(self, user: User) -> ReservationQuerySet:
        """Those of one's organisations, those on resources one manages; staff all."""
        return self.sent().filter(rows_for(SEE, user))

    def decidable_by(self, user: User) -> ReservationQuerySet:
        """Requests that wait for a decision which this person may take."""
        return self.filter(rows_for(DECIDE, user), status=Status.PENDING)

    def changeable_by(self, user: User) -> ReservationQuerySet:
        """Those that this person may move, cancel, check in or out."""
        return self.filter(rows_for(CHANGE, user))

    def movable_by(self, user: User, now: dt.datetime) -> ReservationQuerySet:
        """What is ahead and what this person may move."""
        ahead = self.filter(status__in=MOVABLE, ends_at__gt=now)
        return ahead.filter(rows_for(CHANGE, user))


class Reservation(models.Model):
    """One organisation's use of one resource for `[starts_at, ends_at)`."""

    Status = Status

    reference = models.CharField(
        _("reference"), max_length=8, default=new_reference, editable=False
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="reservations", db_index=False
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reservations"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reservations"
    )
    status = models.CharField(_("status"), max_length=9, choices=Status)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    free_at = models.DateTimeField(
        _("free at"), help_text=_("The end plus the turnaround after it.")
    )
    purpose = models.CharField(_("purpose"), max_length=500)
    people = models.PositiveIntegerField(
        _("people"), default=1, validators=[MinValueValidator(1)]
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantity"), default=1, help_text=_("How many units of a pool.")
    )
    lapses_at = models.DateTimeField(_("lapses at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why it was declined or cancelled."),
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    # NULL where there is none: those are not unique to one another.
    idempotency_key = models.CharField(  # noqa: DJ001
        max_length=255, null=True, editable=False
    )
    idempotency_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["starts_at", "pk"]
        constraints = [
            # Not unique=True, which would make a second index for LIKE.
            models.UniqueConstraint(
                fields=["reference"], name="booking_reservation_reference"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")),
                name="booking_reservation_order",
                violation_error_code="reversed_times",
                violation_error_message=_("The end must come after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(free_at__gte=models.F("ends_at")),
                name="booking_reservation_free_after_end",
            ),
            models.CheckConstraint(
                condition=models.Q(free_at__lte=models.F("starts_at") + LONGEST),
                name="booking_reservation_bounded",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, people__gte=1),
                name="booking_reservation_counts",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values),
                name="booking_reservation_status",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(LAPSING))
                ^ models.Q(lapses_at__isnull=True),
                name="booking_reservation_lapses",
            ),
            models.UniqueConstraint(
                fields=["requested_by", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="booking_reservation_idempotency",
                violation_error_code="idempotency_key_reused",
                violation_error_message=_(
                    "This Idempotency-Key was used for another request."
                ),
            ),
        ]
        indexes = [
            models.Index("resource", "starts_at", name="booking_resource_starts"),
            models.Index(
                "lapses_at",
                condition=models.Q(lapses_at__isnull=False),
                name="booking_lapses",
            ),
            models.Index("status", "ends_at", name="booking_status_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.resource}"

    @property
    def occupies(self) -> bool:
        return self.status in OCCUPYING
