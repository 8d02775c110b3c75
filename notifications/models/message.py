from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models import History, Reservation


class Kind(models.TextChoices):
    REQUESTED = "requested", _("Request")
    RESERVED = "reserved", _("Reserved")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    ASKED = "asked", _("Question")
    ANSWERED = "answered", _("Answer")
    MOVE_ASKED = "move_asked", _("Asked to move")
    MOVED = "moved", _("Moved")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    STAGE_APPROVED = "stage_approved", _("Approved in part")
    ESCALATED = "escalated", _("Passed on to be decided")
    COUNTERED = "countered", _("Another offer")
    ACCEPTED = "accepted", _("Offer accepted")
    PASSED = "passed", _("Offer passed")
    OFFERED = "offered", _("Offer from the waiting list")
    CHANGED = "changed", _("Details changed")
    HANDED_OVER = "handed_over", _("Handed over")
    MISSED = "missed", _("Nobody came")
    REMINDER = "reminder", _("Reminder")
    LAPSING = "lapsing", _("About to run out")
    # Notices: they are about no reservation.
    DEPUTISING = "deputising", _("Delegated to you")
    QUALIFICATION = "qualification", _("Qualification expiring")
    DIGEST = "digest", _("Digest")
    WEEKLY = "weekly", _("Weekly digest")
    CALENDAR_FAILED = "calendar_failed", _("Outside calendar fails")
    WEBHOOK_PAUSED = "webhook_paused", _("Webhook paused")


#: Known by how long before a moment they come, not by what happened.
TIMED = frozenset({Kind.REMINDER, Kind.LAPSING})
#: About no reservation.
NOTICES = frozenset(
    {
        Kind.DEPUTISING,
        Kind.QUALIFICATION,
        Kind.DIGEST,
        Kind.WEEKLY,
        Kind.CALENDAR_FAILED,
        Kind.WEBHOOK_PAUSED,
    }
)


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")


class State(models.TextChoices):
    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MISSED = "missed", _("Missed")
    FAILED = "failed", _("Failed")
    COLLECTED = "collected", _("In a digest")
    UNWANTED = "unwanted", _("Not wanted")


#: These still wait for their time, or for the server's answer.
WAITING = frozenset({State.PLANNED, State.SENDING})


class Message(models.Model):
    """Something told to a person: in their language, once, and true when it goes out.

    `cause` says what it is about; unique with person and channel, so that planning
    twice plans once. Its text is written at the moment of sending. While it is being
    sent `claim` names who does it, until `lease_until`.
    """

    Kind = Kind
    Channel = Channel
    State = State

    cause = models.CharField(_("cause"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    channel = models.CharField(
        _("channel"), max_length=5, choices=Channel, default=Channel.EMAIL
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="messages",
        verbose_name=_("person"),
    )
    reservation = models.ForeignKey(
        Reservation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("reservation"),
    )
    about_id = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text=_("What a notice is about.")
    )
    history = models.ForeignKey(
        History, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    digest = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="collected",
        help_text=_("The digest that it went out in."),
    )
    offset_minutes = models.PositiveIntegerField(
        _("minutes before the start"), null=True, blank=True
    )
    due_at = models.DateTimeField(
        _("due at"), help_text=_("After an error, when it is tried again.")
    )
    useful_until = models.DateTimeField(
        _("useful until"), null=True, blank=True, help_text=_("Empty: always.")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.PLANNED
    )
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    to = models.CharField(
        _("to"), max_length=254, blank=True, help_text=_("The address it went to.")
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    bounced_at = models.DateTimeField(_("bounced at"), null=True, blank=True)
    bounce_status = models.CharField(
        _("status of the bounce"),
        max_length=11,
        blank=True,
        help_text=_("As RFC 3463 numbers them: 5.x.x is for good."),
    )
    bounce = models.CharField(_("what the bounce said"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "person", "channel"], name="notifications_message_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=Kind.values,
                    channel__in=Channel.values,
                    state__in=State.values,
                ),
                name="notifications_message_words",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state=State.SENDING, claim__isnull=False, lease_until__isnull=False
                )
                | (
                    ~models.Q(state=State.SENDING)
                    & models.Q(claim__isnull=True, lease_until__isnull=True)
                ),
                name="notifications_message_claimed",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state=State.SENT, sent_at__isnull=False)
                    & ~models.Q(to="")
                    & ~models.Q(subject="")
                    & ~models.Q(body="")
                )
                | (~models.Q(state=State.SENT) & models.Q(sent_at__isnull=True)),
                name="notifications_message_sent",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=sorted(NOTICES),
                    reservation__isnull=True,
                    history__isnull=True,
                    offset_minutes__isnull=True,
                )
                | models.Q(
                    kind__in=sorted(TIMED),
                    reservation__isnull=False,
                    about_id__isnull=True,
                    history__isnull=True,
                    offset_minutes__isnull=False,
                )
                | (
                    ~models.Q(kind__in=sorted(NOTICES | TIMED))
                    & models.Q(
                        reservation__isnull=False,
                        about_id__isnull=True,
                        history__isnull=False,
                        offset_minutes__isnull=True,
                    )
                ),
                name="notifications_message_cause",
            ),
        ]
        indexes = [
            models.Index(
                "person",
                "due_at",
                condition=models.Q(state=State.COLLECTED, digest__isnull=True),
                name="notifications_collected",
            ),
            models.Index(
                "due_at",
                condition=models.Q(state__in=sorted(WAITING)),
                name="notifications_message_due",
            ),
            models.Index(
                "to",
                condition=models.Q(bounced_at__isnull=False),
                name="notifications_message_bounced",
            ),
            # For the lists, newest first.
            models.Index(fields=["due_at", "id"], name="notifications_message_list"),
        ]

    def __str__(self) -> str:
        about = self.reservation.reference if self.reservation else self.person
        return f"{self.get_kind_display()} · {about}"

    @property
    def booked(self) -> Reservation:
        """The reservation that it is about; not for a notice, which has none."""
        if self.reservation is None:
            raise ValueError(f"{self.kind} is about no reservation")
        return self.reservation

    @property
    def address(self) -> str:
        """Where it went, or would go now."""
        return self.to or self.person.email

    @property
    def is_returned(self) -> bool:
        """Whether its address will never take it."""
        return self.bounce_status.startswith("5")

    @property
    def message_id(self) -> str:
        """The Message-ID: always the same, so that a receiver can drop a repeat.

        With the moment of planning in it, since a new database counts from 1 again.
        """
        planned = int(self.created_at.timestamp() * 1_000_000)
        host = urlsplit(settings.BASE_URL).hostname or "localhost"
        return f"<message-{self.pk}.{planned}@{host}>"


class Planned(models.Model):
    """A history row whose messages have been planned.

    A row each, not a cursor: concurrent commits become visible out of order of id.
    """

    history = models.OneToOneField(
        History, models.PROTECT, primary_key=True, related_name="planned"
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("planned history")
        verbose_name_plural = _("planned history")

    def __str__(self) -> str:
        return f"{self.history_id}"
