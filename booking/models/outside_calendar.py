from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.outside_errors import error_text
from labs.models import Resource

#: A web address that a person copies is shorter.
LONGEST_URL = 1_000


class OutsideCalendar(models.Model):
    """A calendar kept elsewhere, whose events close a resource.

    What was read last stays until something else is read. While it fails,
    `failed_since` and `error` say so; `due_at` is when it is read next.
    """

    resource = models.ForeignKey(
        Resource,
        models.CASCADE,
        related_name="outside_calendars",
        verbose_name=_("resource"),
        # The constraint's index serves who looks for a resource's.
        db_index=False,
    )
    url = models.CharField(
        _("address"),
        max_length=LONGEST_URL,
        help_text=_("Whoever knows it can read the calendar."),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    etag = models.CharField(max_length=100, blank=True, editable=False)
    modified = models.CharField(max_length=100, blank=True, editable=False)
    added_at = models.DateTimeField(_("added at"))
    read_at = models.DateTimeField(_("last read"))
    expanded_at = models.DateTimeField(
        _("last read in full"), help_text=_("Else it was only asked for changes.")
    )
    due_at = models.DateTimeField(_("read next"), db_index=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    failed_since = models.DateTimeField(_("fails since"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=30, blank=True)
    error_detail = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("outside calendar")
        verbose_name_plural = _("outside calendars")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "url"],
                name="booking_outside_calendar_once",
                violation_error_code="calendar_there_already",
                violation_error_message=_("This calendar is there already."),
            ),
            models.CheckConstraint(
                condition=models.Q(failures=0, failed_since__isnull=True, error="")
                | models.Q(failures__gt=0, failed_since__isnull=False)
                & ~models.Q(error=""),
                name="booking_outside_calendar_fails_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.host

    @property
    def host(self) -> str:
        """The server; the rest of the address is a secret of whoever gave it."""
        return urlsplit(self.url).hostname or ""

    @property
    def error_text(self) -> StrOrPromise:
        """Why it could not be read the last time; empty if it could."""
        return error_text(self.error, self.error_detail) if self.error else ""
