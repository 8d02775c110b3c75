from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from booking.models.paths import STAGES, DeclineCode, Level, Path, Turn, Undecided
from booking.permissions import CHANGE, DECIDE, SEE, rows_for
from labs.models import Organisation, Resource, User

if TYPE_CHECKING:
    from booking.models.deciding import Decision

#: What a decision is shown with.
DECIDERS = ("by", "on_behalf_of")
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
#: These end at `lapses_at` if nothing happens: a request and an offer of the waiting
#: list are expired; the hold of a form or of a counter-offer vanishes.
LAPSING = frozenset({Status.HELD, Status.PENDING})
#: These count against a quota, and so does what was cancelled late.
COUNTING = OCCUPYING | {Status.COMPLETED, Status.NO_SHOW}
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
        """All but the holds that nobody was sent.

        A form that is open is nobody's business, and what a counter-offer holds is
        told with its request. What the waiting list offers is somebody's.
        """
        return self.exclude(status=Status.HELD, offered_to=None)

    def of_forms(self) -> ReservationQuerySet:
        """What open forms hold, as against what is offered to somebody."""
        return self.filter(status=Status.HELD, offered_to=None, instead_of=None)

    def held_by(self, user: User) -> ReservationQuerySet:
        """What this person's open forms hold, the oldest first."""
        return self.of_forms().filter(requested_by=user).order_by("created_at", "pk")

    def visible_to(self, user: User) -> ReservationQuerySet:
        """Those of one's organisations, those on resources one manages; staff all.

        A deputy sees the requests that whoever is away could decide, and those that
        they decided.
        """
        return self.sent().filter(rows_for(SEE, user))

    def made_with(self, user: User, key: str) -> ReservationQuerySet:
        """What this person sent, or holds, with that key, whoever is to come."""
        sender = Coalesce("sent_by", "requested_by")
        return self.alias(sender=sender).filter(sender=user.pk, idempotency_key=key)

    def with_parts(self) -> ReservationQuerySet:
        """Annotate how many were asked for with each, itself included."""
        parts = Reservation.objects.filter(kit=models.OuterRef("kit")).order_by()
        counted = parts.values("kit").annotate(count=models.Count("pk"))
        number = models.Subquery(counted.values("count"))
        return self.annotate(parts=Coalesce(number, 1))

    def decidable_by(self, user: User) -> ReservationQuerySet:
        """Requests whose present stage this person may decide, and has not yet."""
        mine = self.filter(rows_for(DECIDE, user), status=Status.PENDING)
        decided = apps.get_model("booking", "Decision").objects.filter(
            models.Q(by=user) | models.Q(on_behalf_of=user),
            reservation=models.OuterRef("pk"),
            stands=True,
        )
        return mine.exclude(models.Q(path=Path.SEVERAL) & models.Exists(decided))

    def changeable_by(self, user: User) -> ReservationQuerySet:
        """Those that this person may move, cancel, check in or out."""
        return self.filter(rows_for(CHANGE, user))

    def with_movable(self, user: User, now: dt.datetime) -> ReservationQuerySet:
        """Add whether it is ahead and this person may move it, as `is_movable`.

        As a column: asked as a filter of some by name, all that is ahead is read.
        """
        ahead = models.Q(status__in=MOVABLE, ends_at__gt=now)
        may = models.ExpressionWrapper(
            ahead & rows_for(CHANGE, user), output_field=models.BooleanField()
        )
        return self.annotate(is_movable=may)


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
        Organisation, models.PROTECT, related_name="reservations", db_index=False
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reservations"
    )
    series = models.ForeignKey(
        "booking.Series",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reservations",
        db_index=False,
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("Who reserved it, where that is not the person who comes."),
    )
    kit = models.ForeignKey(
        "booking.Kit", models.PROTECT, null=True, blank=True, related_name="parts"
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
    cancel_by_at = models.DateTimeField(
        _("cancel by"),
        null=True,
        blank=True,
        help_text=_("From then on cancelling is late; empty: it never is."),
    )
    is_late_cancel = models.BooleanField(_("cancelled late"), default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decided",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why it was declined or cancelled."),
    )
    # A hold of one of these two is an offer; one of neither is an open form's.
    offered_to = models.ForeignKey(
        "WaitingEntry",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="offers",
        db_index=False,
        help_text=_("Who on the waiting list it was offered to."),
    )
    instead_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="counter",
        help_text=_("The request that this hold is a counter-offer to."),
    )
    decline_code = models.CharField(
        _("why it was declined"), max_length=16, choices=DeclineCode, blank=True
    )
    # How it is decided: copied from the policy, so that who waits keeps what was said.
    path = models.CharField(
        _("who decides"), max_length=8, choices=Path, default=Path.ANY
    )
    approvals_needed = models.PositiveSmallIntegerField(
        _("approvals needed"), default=1
    )
    if_undecided = models.CharField(
        _("when nobody decides"),
        max_length=7,
        choices=Undecided,
        default=Undecided.EXPIRE,
    )
    stage = models.PositiveSmallIntegerField(_("stage"), default=0)
    turn = models.CharField(
        _("whose turn"), max_length=6, choices=Turn, default=Turn.EITHER
    )
    turn_since = models.DateTimeField(_("whose turn, since"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(
        _("passed on"), choices=Level, default=Level.QUIET
    )
    alarm_at = models.DateTimeField(_("passed on at"), null=True, blank=True)
    rule = models.JSONField(
        _("approved by the rule"),
        null=True,
        blank=True,
        help_text=_("Its conditions as they were."),
    )
    #: What its host asked and was told, in the words of then: see `questions.kept`.
    answers = models.JSONField(_("answers"), default=list, blank=True, editable=False)
    terms = models.ForeignKey(
        "booking.Terms",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reservations",
        verbose_name=_("terms of use"),
        help_text=_("The version that was accepted."),
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
            models.CheckConstraint(
                condition=models.Q(instead_of=None)
                | models.Q(status=Status.HELD, offered_to=None),
                name="booking_reservation_counter_is_held",
            ),
            models.UniqueConstraint(
                fields=["offered_to"],
                condition=models.Q(status=Status.HELD, offered_to__isnull=False),
                name="booking_reservation_one_offer",
            ),
            models.UniqueConstraint(
                Coalesce("sent_by", "requested_by"),
                "idempotency_key",
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
            models.Index("organisation", "starts_at", name="booking_guest_starts"),
            models.Index(
                "lapses_at",
                condition=models.Q(lapses_at__isnull=False),
                name="booking_lapses",
            ),
            models.Index("status", "ends_at", name="booking_status_ends"),
            models.Index(
                "offered_to",
                condition=models.Q(offered_to__isnull=False),
                name="booking_offered_to",
            ),
            models.Index(
                "series",
                condition=models.Q(series__isnull=False),
                name="booking_reservation_series",
            ),
            models.Index(
                "alarm_at",
                condition=models.Q(alarm_at__isnull=False),
                name="booking_alarm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.resource}"

    @property
    def occupies(self) -> bool:
        return self.status in OCCUPYING

    @property
    def is_offer(self) -> bool:
        """Held for somebody on the waiting list, who has not answered yet."""
        return self.status == Status.HELD and self.offered_to_id is not None

    @property
    def standing(self) -> list[Decision]:
        """The decisions that stand, the latest last; `with_decisions` brings them."""
        brought: list[Decision] | None = self.__dict__.get("brought")
        if brought is not None:
            return brought
        return list(self.decisions.filter(stands=True).select_related(*DECIDERS))

    @property
    def stages(self) -> tuple[Turn, ...]:
        return STAGES[self.path]
