from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.reservation import new_reference
from labs.models import Organisation


class Kit(models.Model):
    """Several resources asked for at once, for one period.

    Each of its `parts` is a reservation of its own, decided by its own host; this is
    what they have in common, and what a second request with the same key finds.
    """

    reference = models.CharField(
        _("reference"), max_length=8, default=new_reference, editable=False
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="kits", db_index=False
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    # NULL where there is none: those are not unique to one another.
    idempotency_key = models.CharField(  # noqa: DJ001
        max_length=255, null=True, editable=False
    )
    idempotency_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("kit")
        verbose_name_plural = _("kits")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="booking_kit_reference"),
            models.UniqueConstraint(
                fields=["sent_by", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="booking_kit_idempotency",
                violation_error_code="idempotency_key_reused",
                violation_error_message=_(
                    "This Idempotency-Key was used for another request."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
