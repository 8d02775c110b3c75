"""The part of a page that shows quotas and peak hours, adds some and removes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from booking.models import Agreement
from booking.selectors.quotas import Of, peak_hours_of, quotas_of
from booking.services.quotas import (
    peak_hours_add,
    peak_hours_remove,
    quota_add,
    quota_remove,
)
from booking.web.forms.base import PageForm
from booking.web.forms.limits import PeakForm, QuotaForm, peak_text, quota_text
from config.errors import DomainError, Forbidden, Missing
from labs.models import User


class Limits:
    """What was sent by its forms, known by the name of the deed; the rest is a look."""

    def __init__(self, request: HttpRequest, of: Of, sent: QueryDict | None) -> None:
        self.request, self.of = request, of
        self.deed = sent.get("deed", "") if sent else ""
        self.quota = QuotaForm(sent if self.deed == "quota-add" else None, of=of)
        self.peak = PeakForm(sent if self.deed == "peak-add" else None)

    @property
    def failed(self) -> PageForm | None:
        """The form that was sent and could not be taken."""
        return next((form for form in (self.quota, self.peak) if form.is_bound), None)

    def is_done(self, actor: User) -> bool:
        """Do what was sent; False where there was nothing to do or a form says why."""
        if self.request.method != "POST":
            return False
        given: dict[str, Any] = {"actor": actor, "of": self.of}
        try:
            if self.deed == "quota-remove":
                quota_remove(**given, quota_id=self._number("quota"))
            elif self.deed == "peak-remove":
                peak_hours_remove(**given, peak_id=self._number("peak"))
            elif self.deed == "quota-add" and self.quota.is_valid():
                quota_add(**given, values=self.quota.values())
            elif self.deed == "peak-add" and self.peak.is_valid():
                peak_hours_add(**given, **self.peak.values())
            else:
                return False
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            if self.failed is not None:
                self.failed.refuse(refusal)
            return False
        messages.success(
            self.request, _("Saved. What is reserved already stays as it is.")
        )
        return True

    def _number(self, name: str) -> int:
        given = self.request.POST.get(name, "")
        if not (given.isascii() and given.isdecimal() and len(given) < 10):
            raise Missing
        return int(given)

    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = {
            "quotas": [
                {"pk": each.pk, "text": quota_text(each)} for each in quotas_of(self.of)
            ],
            "quota_form": self.quota,
        }
        if self.of is None or isinstance(self.of, Agreement):
            return context
        peaks = [
            {"pk": each.pk, "text": peak_text(each)} for each in peak_hours_of(self.of)
        ]
        return context | {"peaks": peaks, "peak_form": self.peak}
