"""When a rule approves a request at once; pure functions, one for each condition.

A further condition is a field of Terms, a function here, and its place in CONDITIONS
and in `booking.web.deciding_words`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of a rule; those that are empty are none."""

    own_organisation: bool = False
    at_most_minutes: int | None = None
    organisations: frozenset[int] = frozenset()
    pk: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.own_organisation or self.at_most_minutes or self.organisations)

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept of it with the reservation that it approved."""
        return {
            "own_organisation": self.own_organisation,
            "at_most_minutes": self.at_most_minutes,
            "organisations": sorted(self.organisations),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """What the conditions look at."""

    host_id: int
    organisation_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


def is_of_the_host(terms: Terms, request: Request) -> bool:
    return not terms.own_organisation or request.organisation_id == request.host_id


def is_short(terms: Terms, request: Request) -> bool:
    if terms.at_most_minutes is None:
        return True
    longest = dt.timedelta(minutes=terms.at_most_minutes)
    return request.ends_at - request.starts_at <= longest


def is_of_these(terms: Terms, request: Request) -> bool:
    return not terms.organisations or request.organisation_id in terms.organisations


CONDITIONS: tuple[Callable[[Terms, Request], bool], ...] = (
    is_of_the_host,
    is_short,
    is_of_these,
)


def approves(terms: Terms, request: Request) -> bool:
    """Whether all of its conditions hold; a rule without any approves nothing."""
    return not terms.is_empty and all(holds(terms, request) for holds in CONDITIONS)


def approving(rules: Iterable[Terms], request: Request) -> Terms | None:
    """Return the first rule that approves it."""
    return next((each for each in rules if approves(each, request)), None)
