from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models.reservation import Reservation, Status


class History(models.Model):
    """What happened to a reservation: who, when, from, to, why; never changed.

    The audit trail that both parties see, and the outbox that messages are planned
    from. A trigger refuses UPDATE and DELETE.
    """

    class Action(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        RESERVED = "reserved", _("Reserved")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        TAKEN_BACK = "taken_back", _("Decision taken back")
        ASKED = "asked", _("Asked for information")
        ANSWERED = "answered", _("Answered")
        MOVE_ASKED = "move_asked", _("Asked to move")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")
        CHECKED_IN = "checked_in", _("Checked in")
        CHECKED_OUT = "checked_out", _("Checked out")
        COMPLETED = "completed", _("Completed")
        MISSED = "missed", _("Nobody came")
        IMPORTED = "imported", _("Imported")
        STAGE_APPROVED = "stage_approved", _("Approved in part")
        ESCALATED = "escalated", _("Passed on to be decided")
        COUNTERED = "countered", _("Another offer made")
        ACCEPTED = "accepted", _("Offer accepted")
        PASSED = "passed", _("Offer passed")
        OFFERED = "offered", _("Offered to the waiting list")
        CHANGED = "changed", _("Details changed")
        HANDED_OVER = "handed_over", _("Handed over")
        CONFIRMED = "confirmed", _("Attendance confirmed")

    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="history")
    at = models.DateTimeField(_("at"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty where the clock did it."),
    )
    action = models.CharField(_("action"), max_length=16, choices=Action)
    from_status = models.CharField(
        pgettext_lazy("status", "from"), max_length=9, choices=Status, blank=True
    )
    to_status = models.CharField(
        pgettext_lazy("status", "to"), max_length=9, choices=Status
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(
        _("recorded at"),
        auto_now_add=True,
        help_text=_("Later than “at” where it was loaded from elsewhere."),
    )
    changes = models.JSONField(
        _("changes"),
        default=dict,
        blank=True,
        help_text=_("What changed: the field's name, then its value before and after."),
    )

    class Meta:
        verbose_name = _("history")
        verbose_name_plural = _("history")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.reservation.reference}: {self.get_action_display()}"
