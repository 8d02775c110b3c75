"""What a reservation must satisfy: one named rule and one code each; pure functions.

Create, move and import all run the same tuple, and all that fail are told at once.
To add a rule: write a function on Facts that returns a Violation or None, put it into
RULES where a reader would look for it, and test it in tests/booking/test_rules.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_stubs_ext import StrOrPromise

from booking.limits import Limit
from booking.qualifying import Need, missing, missing_text
from booking.words import length_text


class PolicyValues(Protocol):
    """The values that hold for a resource, wherever they came from."""

    min_duration_minutes: int
    max_duration_minutes: int
    start_grid_minutes: int
    notice_minutes: int
    horizon_days: int
    min_gap_minutes: int
    most_active: int
    most_people: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules look at; gathered under the lock, *now* included.

    `gap_minutes`: to the organisation's nearest other reservation there, None where
    none is near; `active`: how many others it has there that are not over.
    """

    now: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    people: int
    quantity: int
    policy: PolicyValues
    zone: ZoneInfo
    is_published: bool
    is_open: bool
    capacity: int
    is_pool: bool
    units: int
    gap_minutes: int | None = None
    active: int = 0
    limits: tuple[Limit, ...] = ()

    @property
    def most_people(self) -> int:
        """How many may come: as many as fit, or as the policy says."""
        return min(self.capacity, self.policy.most_people or self.capacity)

    needs: tuple[Need, ...] = ()
    #: Whether one that is valid now may have expired by then, to be renewed.
    may_renew: bool = False

    @property
    def last_day(self) -> dt.date:
        """The last day of use by the clock of the site."""
        last = self.ends_at - dt.timedelta(microseconds=1)
        return max(self.starts_at, last).astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that failed: what was found, what was needed, may staff override it."""

    code: str
    detail: StrOrPromise
    overridable: bool
    found: Any
    needed: Any

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "detail": str(self.detail),
            "overridable": self.overridable,
            "found": self.found,
            "needed": self.needed,
        }


Rule = Callable[[Facts], Violation | None]


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


def is_bookable(facts: Facts) -> Violation | None:
    if facts.is_published:
        return None
    text = _("This resource is not open for reservations.")
    return Violation("not_bookable", text, False, "unpublished", "published")


def starts_in_the_future(facts: Facts) -> Violation | None:
    if facts.starts_at >= facts.now:
        return None
    return Violation(
        "in_the_past",
        _("The start lies in the past."),
        False,
        facts.starts_at.isoformat(),
        facts.now.isoformat(),
    )


def lasts_long_enough(facts: Facts) -> Violation | None:
    found, needed = _minutes(facts.ends_at - facts.starts_at), facts.policy
    if found >= needed.min_duration_minutes:
        return None
    text = ngettext_lazy(
        "A reservation takes at least %(n)d minute.",
        "A reservation takes at least %(n)d minutes.",
        "n",
    ) % {"n": needed.min_duration_minutes}
    return Violation("too_short", text, True, found, needed.min_duration_minutes)


def is_short_enough(facts: Facts) -> Violation | None:
    length = facts.ends_at - facts.starts_at
    needed = facts.policy.max_duration_minutes
    if length <= dt.timedelta(minutes=needed):
        return None
    text = ngettext_lazy(
        "A reservation takes at most %(n)d minute.",
        "A reservation takes at most %(n)d minutes.",
        "n",
    ) % {"n": needed}
    return Violation("too_long", text, True, _minutes(length), needed)


def off_grid(instant: dt.datetime, zone: ZoneInfo, grid: int) -> bool:
    """Whether the clock in the zone shows no multiple of so many minutes."""
    wall = instant.astimezone(zone)
    minute = wall.hour * 60 + wall.minute
    return bool(minute % grid or wall.second or wall.microsecond)


def falls_on_the_grid(facts: Facts) -> Violation | None:
    grid = facts.policy.start_grid_minutes
    edges = (facts.starts_at, facts.ends_at)
    off = [edge for edge in edges if off_grid(edge, facts.zone, grid)]
    if not off:
        return None
    text = ngettext_lazy(
        "Starts and ends fall on every %(n)d minute, counted from midnight.",
        "Starts and ends fall on every %(n)d minutes, counted from midnight.",
        "n",
    ) % {"n": grid}
    found = [edge.astimezone(facts.zone).strftime("%H:%M") for edge in off]
    return Violation("off_grid", text, False, found, grid)


def gives_enough_notice(facts: Facts) -> Violation | None:
    needed = facts.policy.notice_minutes
    notice = facts.starts_at - facts.now
    # What lies in the past is said by its own rule.
    if notice < dt.timedelta() or notice >= dt.timedelta(minutes=needed):
        return None
    text = ngettext_lazy(
        "Reserve at least %(n)d minute ahead.",
        "Reserve at least %(n)d minutes ahead.",
        "n",
    ) % {"n": needed}
    return Violation("too_little_notice", text, True, _minutes(notice), needed)


def lies_within_horizon(facts: Facts) -> Violation | None:
    needed = facts.policy.horizon_days
    if facts.ends_at <= facts.now + dt.timedelta(days=needed):
        return None
    text = ngettext_lazy(
        "Reserve at most %(n)d day ahead.",
        "Reserve at most %(n)d days ahead.",
        "n",
    ) % {"n": needed}
    return Violation(
        "beyond_horizon", text, True, (facts.ends_at - facts.now).days, needed
    )


def lies_within_opening_hours(facts: Facts) -> Violation | None:
    if facts.is_open:
        return None
    text = _("It is not open for the whole of that time.")
    return Violation("outside_opening_hours", text, False, "closed", "open")


def fits_the_people(facts: Facts) -> Violation | None:
    most = facts.most_people
    if facts.people <= most:
        return None
    if most == facts.capacity:
        text = ngettext_lazy("It holds %(n)d person.", "It holds %(n)d people.", "n")
    else:
        text = ngettext_lazy(
            "At most %(n)d person may come.", "At most %(n)d people may come.", "n"
        )
    return Violation("too_many_people", text % {"n": most}, True, facts.people, most)


def has_that_many_units(facts: Facts) -> Violation | None:
    most = facts.units if facts.is_pool else 1
    if facts.quantity <= most:
        return None
    text = ngettext_lazy(
        "There is %(n)d of it in all.", "There are %(n)d of it in all.", "n"
    ) % {"n": most}
    return Violation("too_many_units", text, False, facts.quantity, most)


def keeps_a_gap(facts: Facts) -> Violation | None:
    found, needed = facts.gap_minutes, facts.policy.min_gap_minutes
    if found is None or found >= needed:
        return None
    text = _("Between two reservations of an organisation it needs %(length)s.") % {
        "length": length_text(needed)
    }
    return Violation("min_gap", text, True, found, needed)


def has_few_enough_ahead(facts: Facts) -> Violation | None:
    found, needed = facts.active + 1, facts.policy.most_active
    if not needed or found <= needed:
        return None
    text = ngettext_lazy(
        "An organisation may have %(n)d reservation here ahead of it.",
        "An organisation may have %(n)d reservations here ahead of it.",
        "n",
    ) % {"n": needed}
    return Violation("most_active", text, True, found, needed)


def keeps_the_quota_of_hours(facts: Facts) -> Violation | None:
    for limit in facts.limits:
        if limit.is_over_hours and not limit.is_allowance:
            found, needed = limit.found_minutes, limit.most_minutes
            return Violation("quota_hours", limit.hours_said(), True, found, needed)
    return None


def keeps_the_quota_of_reservations(facts: Facts) -> Violation | None:
    for limit in facts.limits:
        if limit.is_over_count:
            found, needed = limit.found_count, limit.most_count
            return Violation("quota_count", limit.count_said(), True, found, needed)
    return None


def keeps_the_allowance(facts: Facts) -> Violation | None:
    for limit in facts.limits:
        if limit.is_over_hours and limit.is_allowance:
            said, found = limit.allowance_said(), limit.found_minutes
            return Violation("allowance_used_up", said, True, found, limit.most_minutes)
    return None


def has_the_qualifications(facts: Facts) -> Violation | None:
    lacking = missing(facts.needs, may_renew=facts.may_renew)
    if not lacking:
        return None
    return Violation(
        "missing_qualification",
        missing_text(lacking),
        True,
        [need.slug for need in facts.needs if need not in lacking],
        [need.slug for need in facts.needs],
    )


RULES: tuple[Rule, ...] = (
    is_bookable,
    starts_in_the_future,
    lasts_long_enough,
    is_short_enough,
    falls_on_the_grid,
    gives_enough_notice,
    lies_within_horizon,
    lies_within_opening_hours,
    fits_the_people,
    has_that_many_units,
    keeps_a_gap,
    has_few_enough_ahead,
    keeps_the_quota_of_hours,
    keeps_the_quota_of_reservations,
    keeps_the_allowance,
    has_the_qualifications,
)


def judged(facts: Facts) -> list[tuple[Rule, Violation | None]]:
    """Return every rule with what is wrong by it, in the order of RULES."""
    return [(rule, rule(facts)) for rule in RULES]


def violations(facts: Facts) -> list[Violation]:
    """Return every rule that fails, in the order of RULES; empty when all hold."""
    return [found for _rule, found in judged(facts) if found is not None]
