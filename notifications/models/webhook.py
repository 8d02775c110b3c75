from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models import History, Reservation
from labs.models import Organisation

#: What an organisation's programs can be told of: all but what an import writes.
EVENTS = [
    (action.value, action.label)
    for action in History.Action
    if action != History.Action.IMPORTED
]
#: An event that is no history: somebody tries whether the receiver answers.
PING = "ping"
URL_LENGTH = 500
EXCERPT_LENGTH = 1_000


class PausedWhy(models.TextChoices):
    BY_HAND = "by_hand", _("Paused by hand")
    FAILING = "failing", _("Its receiver kept failing")
    GONE = "gone", _("Its receiver is gone for good")


class Webhook(models.Model):
    """An address of an organisation's that is told what happens to its reservations.

    The secret signs what is sent, so it is kept sealed rather than hashed. After it was
    rotated the former one signs too, until `former_until`.
    """

    PausedWhy = PausedWhy

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="webhooks"
    )
    # Not a URLField: what may be asked, an operator's own hosts too, the guard says.
    url = models.CharField(_("address"), max_length=URL_LENGTH)
    events = ArrayField(
        models.CharField(max_length=16, choices=EVENTS), verbose_name=_("events")
    )
    sealed = models.TextField(editable=False)
    former_sealed = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    paused_why = models.CharField(
        _("why it is paused"), max_length=7, choices=PausedWhy, blank=True
    )
    working_since = models.DateTimeField(
        _("on since"), help_text=_("Added, or resumed after a pause.")
    )
    failing_since = models.DateTimeField(
        _("failing since"),
        null=True,
        blank=True,
        help_text=_("Empty once a delivery arrived."),
    )
    held_until = models.DateTimeField(
        _("not asked until"),
        null=True,
        blank=True,
        help_text=_("After it did not answer; others do not wait."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "url"],
                name="notifications_webhook_once",
                violation_error_code="webhook_there",
                violation_error_message=_("There is a webhook to this address."),
            ),
            models.CheckConstraint(
                condition=models.Q(paused_at__isnull=True, paused_why="")
                | models.Q(paused_at__isnull=False, paused_why__in=PausedWhy.values),
                name="notifications_webhook_paused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.url}"


class DeliveryState(models.TextChoices):
    PLANNED = "planned", _("Waiting")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


#: These are still to arrive; those after them wait.
UNDELIVERED = [DeliveryState.PLANNED.value, DeliveryState.SENDING.value]


class Delivery(models.Model):
    """One history row told to one webhook, or a ping; `key` is its name over there.

    While it is being sent `claim` names who does it, until `lease_until`.
    """

    State = DeliveryState

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    history = models.ForeignKey(
        History,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
    )
    reservation = models.ForeignKey(
        Reservation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
    )
    event = models.CharField(
        _("event"), max_length=16, choices=[*EVENTS, (PING, _("Ping"))]
    )
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=DeliveryState,
        default=DeliveryState.PLANNED,
    )
    due_at = models.DateTimeField(_("due at"))
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    begun_at = models.DateTimeField(_("first tried at"), null=True, blank=True)
    tried_at = models.DateTimeField(_("last tried at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(
        max_length=80,
        blank=True,
        help_text=_("Why there was no answer: a code."),
    )
    body = models.TextField(_("what was sent"), blank=True)
    answer = models.TextField(_("what came back"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "history"], name="notifications_delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    event=PING, history__isnull=True, reservation__isnull=True
                )
                | (
                    ~models.Q(event=PING)
                    & models.Q(history__isnull=False, reservation__isnull=False)
                ),
                name="notifications_delivery_about",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state=DeliveryState.SENDING,
                    claim__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~models.Q(state=DeliveryState.SENDING)
                    & models.Q(claim__isnull=True, lease_until__isnull=True)
                ),
                name="notifications_delivery_claimed",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=UNDELIVERED, ended_at__isnull=True)
                | models.Q(
                    state__in=[DeliveryState.DELIVERED, DeliveryState.GIVEN_UP],
                    ended_at__isnull=False,
                ),
                name="notifications_delivery_ended",
            ),
        ]
        indexes = [
            models.Index(
                "webhook",
                "due_at",
                condition=models.Q(state__in=UNDELIVERED),
                name="notifications_delivery_due",
            ),
            # What a later one waits for.
            models.Index(
                "webhook",
                "reservation",
                "history",
                condition=models.Q(state__in=UNDELIVERED),
                name="notifications_delivery_before",
            ),
            # The log, newest first.
            models.Index("webhook", "id", name="notifications_delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.key}"
