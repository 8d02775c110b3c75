"""What a resource requires of who comes, and how that stands on the day; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from labs.models.qualification import EXPIRES_SOON


@dataclass(frozen=True, slots=True)
class Need:
    """A required type, and whether the person has it: now, and for the whole `then`.

    `until`: the last day of what they have, None where it does not end or is not there.
    `giver`: who grants it, empty for the hub.
    """

    slug: str
    name: str
    name_bg: str = ""
    giver: str = ""
    giver_bg: str = ""
    now: bool = False
    then: bool = False
    until: dt.date | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Need:
        """Return what the query says of one."""
        until = row["until"]
        day = dt.date.fromisoformat(until) if until else None
        return cls(**row | {"until": day})

    @property
    def local_name(self) -> str:
        return (get_language() == "bg" and self.name_bg) or self.name

    @property
    def local_giver(self) -> str:
        named = (get_language() == "bg" and self.giver_bg) or self.giver
        return named or _("the hub’s staff")


def needs_of(rows: Iterable[dict[str, Any]] | None) -> tuple[Need, ...]:
    return tuple(Need.of(row) for row in rows or ())


def is_qualified(needs: Iterable[Need]) -> bool:
    """Whether the person has all of them for the whole time."""
    return all(need.then for need in needs)


def missing(needs: Sequence[Need], *, may_renew: bool) -> list[Need]:
    """Return what is not there on the day.

    `may_renew`: what is valid now but will have expired is no fault, only a caution.
    """
    return [each for each in needs if not (each.then or (may_renew and each.now))]


def expiring(needs: Iterable[Need], last: dt.date) -> list[Need]:
    """Return what they have that ends before the last day, or soon after it."""
    return [
        each
        for each in needs
        if each.until and (each.now or each.then) and each.until <= last + EXPIRES_SOON
    ]


def cautions(needs: Iterable[Need], last: dt.date) -> list[dict[str, Any]]:
    """Return what a history keeps of those that expire."""
    return [
        {
            "code": "qualification_expires",
            "slug": each.slug,
            "name": each.name,
            "name_bg": each.name_bg,
            "until": each.until.isoformat() if each.until else None,
        }
        for each in expiring(needs, last)
    ]


def _missing_text(needs: Sequence[Need]) -> str:
    each = _("%(qualification)s (granted by %(name)s)")
    named = [
        each % {"qualification": need.local_name, "name": need.local_giver}
        for need in needs
    ]
    return _("Whoever comes needs on that day: %(names)s.") % {
        "names": ", ".join(named)
    }


def missing_text(needs: Sequence[Need]) -> StrOrPromise:
    """Return which ones, and where to get them, in the language of who reads it."""
    text: StrOrPromise = lazy(_missing_text, str)(needs)
    return text
