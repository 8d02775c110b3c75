from __future__ import annotations

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.models.resource import Resource


class Door(models.Model):
    """A resource's page for the screen beside its door; only the secret's hash is kept.

    Whoever has the address sees when it is free, without signing in.
    """

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="door")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    shows_names = models.BooleanField(
        _("shows names"),
        default=False,
        help_text=_("The organisation’s name stands on the door, for all who pass."),
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("door page")
        verbose_name_plural = _("door pages")

    def __str__(self) -> str:
        return str(self.resource)

    @staticmethod
    def hash_of(secret: str) -> str:
        # The secret has 256 random bits, so a plain fast hash is enough.
        return hashlib.sha256(secret.encode()).hexdigest()
