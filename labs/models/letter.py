from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """A mail about somebody's account or membership that is still to be sent.

    Written in the transaction of what it tells, and deleted once the mail server has
    it: what it holds (a code, a link that lets people in) should not lie about.
    """

    to = models.EmailField(_("to"))
    language = models.CharField(max_length=2)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("due at"), db_index=True)
    useful_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"{self.to} · {self.subject}"

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a mailbox can tell a double."""
        domain = settings.BASE_URL.partition("://")[2].partition(":")[0]
        return f"<letter-{self.pk}-{self.created_at:%Y%m%d%H%M%S}@{domain}>"
