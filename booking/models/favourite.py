from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models import Resource


class Favourite(models.Model):
    """A resource that a person wants to find again quickly."""

    # The constraint's index serves who looks for a person's.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="favourites",
        db_index=False,
    )
    resource = models.ForeignKey(
        Resource, models.CASCADE, related_name="favourites", verbose_name=_("resource")
    )

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "resource"], name="booking_favourite_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource}"
