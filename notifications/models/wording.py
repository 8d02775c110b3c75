from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.message import Kind

LONGEST_SUBJECT = 300
LONGEST_TEXT = 4_000


class Wording(models.Model):
    """What hub staff had a kind of message say, instead of ours, in a language.

    Append-only: the last version counts, those before tell who changed what. One
    without words takes it back to ours.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField(_("version"))
    subject = models.CharField(
        _("subject"), max_length=LONGEST_SUBJECT, blank=True, default=""
    )
    text = models.TextField(_("text"), blank=True, default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering: ClassVar = ["kind", "language", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "language", "version"],
                name="notifications_wording_version",
            ),
            models.CheckConstraint(
                condition=models.Q(subject="", text="")
                | ~models.Q(subject="") & ~models.Q(text=""),
                name="notifications_wording_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.language} · {self.version}"
