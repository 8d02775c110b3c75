"""Booking's refusals; codes are stable, texts are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_stubs_ext import StrOrPromise

from booking.rules import Violation
from config.errors import Conflict, DomainError


class SlotTaken(Conflict):
    """409: another party has the slot; `alternatives` are filled in by the service."""

    code = "slot_taken"
    title = _("Taken")

    def __init__(
        self, detail: StrOrPromise = _("Somebody else has this time already.")
    ) -> None:
        super().__init__(detail, extra={"violations": [], "alternatives": []})


class RuleViolation(DomainError):
    """422: rules of the resource that the wish does not meet, all of them."""

    code = "rule_violation"
    status = 422
    title = _("Against the rules")

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = list(violations)
        super().__init__(
            _("This is against the rules of the resource."),
            extra={"violations": [found.as_dict() for found in violations]},
        )


class SeriesClash(Conflict):
    """409: some dates of a series cannot be had; `extra` lists them, none is booked."""

    code = "series_clash"
    title = _("Some dates cannot be had")

    def __init__(self, dates: Sequence[dict[str, Any]], of: int) -> None:
        text = ngettext_lazy(
            "%(n)d of %(of)d dates cannot be had, so nothing was changed.",
            "%(n)d of %(of)d dates cannot be had, so nothing was changed.",
            "n",
        )
        super().__init__(
            text % {"n": len(dates), "of": of}, extra={"dates": list(dates)}
        )


class PartsRefused(DomainError):
    """409 or 422: not all parts of a kit can be had, so none is; says which and why.

    422 where a part is against its rules, however free it may be; else 409.
    """

    code = "parts_refused"
    title = _("Not all of it")

    def __init__(self, refused: Mapping[str, SlotTaken | RuleViolation]) -> None:
        """`refused`: by the slug of its resource, why a part cannot be had."""
        self.refused = dict(refused)
        super().__init__(
            _("Not all of it can be had at that time, so nothing was reserved."),
            extra={
                "parts": [
                    {
                        "resource": slug,
                        "code": why.code,
                        "detail": str(why.detail),
                        "violations": why.extra.get("violations", []),
                    }
                    for slug, why in refused.items()
                ],
                "alternatives": [],
            },
        )
        if any(isinstance(why, RuleViolation) for why in refused.values()):
            self.status = 422


class WrongStatus(Conflict):
    """409: the reservation is past that step; says who got there first."""

    code = "wrong_status"


class ChangedMeanwhile(Conflict):
    """409: the caller's If-Match names an older version."""

    code = "changed_meanwhile"

    def __init__(self, version: int) -> None:
        super().__init__(
            _("Somebody changed this reservation meanwhile. Look at it again."),
            extra={"version": version},
        )


class StaleCode(DomainError):
    """422: no door shows this code now."""

    code = "stale_code"
    status = 422
    title = _("Not the door’s code")

    def __init__(self) -> None:
        super().__init__(
            _("This code is not on the door now. Scan the one that the screen shows.")
        )


class NeedsCode(DomainError):
    """422: guests check in here by the code beside the door only."""

    code = "needs_code"
    status = 422
    title = _("Check in at the door")

    def __init__(self) -> None:
        super().__init__(_("Scan the code on the screen beside the door to check in."))


class HoursChanged(Conflict):
    """409: the hours are not those any more that somebody was changing."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody published other hours meanwhile. Look at them first.")
        )


class RulesChanged(Conflict):
    """409: the rules are not those any more that somebody was changing."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("Somebody saved other rules meanwhile. Look at them first."))


class Busy(DomainError):
    """503: too many at the same resource at once; nothing was changed, try again."""

    code = "busy"
    status = 503
    title = _("Busy")

    def __init__(self) -> None:
        super().__init__(_("Many people are here at once. Please try again."))


class IdempotencyKeyReused(DomainError):
    """422: the key came before with another body."""

    code = "idempotency_key_reused"
    status = 422
    title = _("Key used before")

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was used for another request."))
