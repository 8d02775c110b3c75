"""What a reservation must satisfy: one named rule and one code each; pure functions.

Create, move and import all run the same tuple, and all that fail are told at once.
To add a rule: write a function on Facts that returns a Finding, give it its code and
name by @rule, put it into RULES where a reader would look for it, what breaks it into
rule_examples.py, and test it in tests/booking/test_rules.py. `make rules` writes it
down in docs/rules.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from booking.judging import NOTHING, Finding, Rule, Violation, rule
from booking.limits import Limit
from booking.qualifying import Need, missing, missing_text
from booking.questions import Asked, unanswered, unanswered_text, wrong_text, wrongly
from booking.restricting import Restricted, keeping_out, keeping_out_text, touched
from booking.words import length_text

__all__ = ["RULES", "Facts", "Finding", "Rule", "Violation", "judged", "violations"]


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
class TermsAsked:
    """The version of the terms of use that holds, and whether the person accepts."""

    terms_id: int
    version: int
    is_accepted: bool


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
    terms: TermsAsked | None = None
    #: What the host asks, and what was answered by key; None while a form is open.
    questions: tuple[Asked, ...] = ()
    answers: Mapping[str, Any] | None = None
    restricted: tuple[Restricted, ...] = ()

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


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


@rule("not_bookable", _("Open for reservations"))
def is_bookable(facts: Facts) -> Finding:
    if facts.is_published:
        return Finding("published", "published")
    text = _("This resource is not open for reservations.")
    return Finding("unpublished", "published", text)


@rule("in_the_past", _("Not in the past"))
def starts_in_the_future(facts: Facts) -> Finding:
    start, now = facts.starts_at, facts.now
    found, needed = start.isoformat(), now.isoformat()
    if start >= now:
        return Finding(found, needed)
    return Finding(found, needed, _("The start lies in the past."))


@rule("too_short", _("Shortest length"), overridable=True, measure="minutes")
def lasts_long_enough(facts: Facts) -> Finding:
    found = _minutes(facts.ends_at - facts.starts_at)
    needed = facts.policy.min_duration_minutes
    if found >= needed:
        return Finding(found, needed)
    text = ngettext_lazy(
        "A reservation takes at least %(n)d minute.",
        "A reservation takes at least %(n)d minutes.",
        "n",
    )
    return Finding(found, needed, text % {"n": needed})


@rule("too_long", _("Longest length"), overridable=True, measure="minutes")
def is_short_enough(facts: Facts) -> Finding:
    length = facts.ends_at - facts.starts_at
    found, needed = _minutes(length), facts.policy.max_duration_minutes
    if length <= dt.timedelta(minutes=needed):
        return Finding(found, needed)
    text = ngettext_lazy(
        "A reservation takes at most %(n)d minute.",
        "A reservation takes at most %(n)d minutes.",
        "n",
    )
    return Finding(found, needed, text % {"n": needed})


def off_grid(instant: dt.datetime, zone: ZoneInfo, grid: int) -> bool:
    """Whether the clock in the zone shows no multiple of so many minutes."""
    wall = instant.astimezone(zone)
    minute = wall.hour * 60 + wall.minute
    return bool(minute % grid or wall.second or wall.microsecond)


@rule("off_grid", _("Starts and ends on the grid"), measure="minutes")
def falls_on_the_grid(facts: Facts) -> Finding:
    grid = facts.policy.start_grid_minutes
    edges = (facts.starts_at, facts.ends_at)
    off = [edge for edge in edges if off_grid(edge, facts.zone, grid)]
    found = [edge.astimezone(facts.zone).strftime("%H:%M") for edge in off or edges]
    if not off:
        return Finding(found, grid)
    text = ngettext_lazy(
        "Starts and ends fall on every %(n)d minute, counted from midnight.",
        "Starts and ends fall on every %(n)d minutes, counted from midnight.",
        "n",
    )
    return Finding(found, grid, text % {"n": grid})


@rule("too_little_notice", _("Notice"), overridable=True, measure="minutes")
def gives_enough_notice(facts: Facts) -> Finding:
    notice = facts.starts_at - facts.now
    found, needed = _minutes(notice), facts.policy.notice_minutes
    # What lies in the past is said by its own rule.
    if notice < dt.timedelta() or notice >= dt.timedelta(minutes=needed):
        return Finding(found, needed)
    text = ngettext_lazy(
        "Reserve at least %(n)d minute ahead.",
        "Reserve at least %(n)d minutes ahead.",
        "n",
    )
    return Finding(found, needed, text % {"n": needed})


@rule("beyond_horizon", _("How far ahead"), overridable=True, measure="days")
def lies_within_horizon(facts: Facts) -> Finding:
    found = (facts.ends_at - facts.now).days
    needed = facts.policy.horizon_days
    if facts.ends_at <= facts.now + dt.timedelta(days=needed):
        return Finding(found, needed)
    text = ngettext_lazy(
        "Reserve at most %(n)d day ahead.",
        "Reserve at most %(n)d days ahead.",
        "n",
    )
    return Finding(found, needed, text % {"n": needed})


@rule("outside_opening_hours", _("Opening hours"))
def lies_within_opening_hours(facts: Facts) -> Finding:
    if facts.is_open:
        return Finding("open", "open")
    return Finding("closed", "open", _("It is not open for the whole of that time."))


@rule("hours_restricted", _("Hours that only some may use"), overridable=True)
def may_use_those_hours(facts: Facts) -> Finding:
    hit = touched(facts.restricted, facts.starts_at, facts.ends_at, facts.zone)
    if not hit:
        return NOTHING
    needed = [name for each in hit for name in each.names]
    if out := keeping_out(hit):
        return Finding("not among them", needed, keeping_out_text(out))
    return Finding("among them", needed)


@rule("too_many_people", _("People"), overridable=True, measure="people")
def fits_the_people(facts: Facts) -> Finding:
    found, most = facts.people, facts.most_people
    if found <= most:
        return Finding(found, most)
    if most == facts.capacity:
        text = ngettext_lazy("It holds %(n)d person.", "It holds %(n)d people.", "n")
    else:
        text = ngettext_lazy(
            "At most %(n)d person may come.", "At most %(n)d people may come.", "n"
        )
    return Finding(found, most, text % {"n": most})


@rule("too_many_units", _("Units"), measure="units")
def has_that_many_units(facts: Facts) -> Finding:
    found, most = facts.quantity, facts.units if facts.is_pool else 1
    if found <= most:
        return Finding(found, most)
    text = ngettext_lazy(
        "There is %(n)d of it in all.", "There are %(n)d of it in all.", "n"
    )
    return Finding(found, most, text % {"n": most})


@rule("min_gap", _("Gap between reservations"), overridable=True, measure="minutes")
def keeps_a_gap(facts: Facts) -> Finding:
    found, needed = facts.gap_minutes, facts.policy.min_gap_minutes
    if found is None or found >= needed:
        return Finding(found, needed)
    text = _("Between two reservations of an organisation it needs %(length)s.")
    return Finding(found, needed, text % {"length": length_text(needed)})


@rule("most_active", _("Reservations ahead"), overridable=True, measure="reservations")
def has_few_enough_ahead(facts: Facts) -> Finding:
    found, needed = facts.active + 1, facts.policy.most_active
    if not needed:
        return NOTHING
    if found <= needed:
        return Finding(found, needed)
    text = ngettext_lazy(
        "An organisation may have %(n)d reservation here ahead of it.",
        "An organisation may have %(n)d reservations here ahead of it.",
        "n",
    )
    return Finding(found, needed, text % {"n": needed})


@rule("quota_hours", _("Quota of hours"), overridable=True, measure="minutes")
def keeps_the_quota_of_hours(facts: Facts) -> Finding:
    return _worst(
        Finding(
            limit.found_minutes,
            limit.most_minutes,
            limit.hours_said() if limit.is_over_hours else None,
        )
        for limit in facts.limits
        if limit.most_minutes is not None and not limit.is_allowance
    )


@rule(
    "quota_count", _("Quota of reservations"), overridable=True, measure="reservations"
)
def keeps_the_quota_of_reservations(facts: Facts) -> Finding:
    return _worst(
        Finding(
            limit.found_count,
            limit.most_count,
            limit.count_said() if limit.is_over_count else None,
        )
        for limit in facts.limits
        if limit.most_count is not None
    )


@rule("allowance_used_up", _("Agreed allowance"), overridable=True, measure="minutes")
def keeps_the_allowance(facts: Facts) -> Finding:
    return _worst(
        Finding(
            limit.found_minutes,
            limit.most_minutes,
            limit.allowance_said() if limit.is_over_hours else None,
        )
        for limit in facts.limits
        if limit.most_minutes is not None and limit.is_allowance
    )


@rule("missing_qualification", _("Qualifications"), overridable=True)
def has_the_qualifications(facts: Facts) -> Finding:
    if not facts.needs:
        return NOTHING
    lacking = missing(facts.needs, may_renew=facts.may_renew)
    found = [need.slug for need in facts.needs if need not in lacking]
    needed = [need.slug for need in facts.needs]
    return Finding(found, needed, missing_text(lacking) if lacking else None)


@rule("terms_not_accepted", _("Terms of use"))
def accepts_the_terms(facts: Facts) -> Finding:
    terms = facts.terms
    if terms is None:
        return NOTHING
    needed = {"terms": terms.terms_id, "version": terms.version}
    if terms.is_accepted:
        return Finding("accepted", needed)
    text = _("Accept version %(n)d of its terms of use.") % {"n": terms.version}
    return Finding("not accepted", needed, text)


@rule("answers_missing", _("Questions of its host"))
def answers_the_questions(facts: Facts) -> Finding:
    needed = [each.key for each in facts.questions if each.is_required]
    if facts.answers is None or not needed:
        return NOTHING
    lacking = unanswered(facts.questions, facts.answers)
    found = [key for key in needed if key not in {each.key for each in lacking}]
    return Finding(found, needed, unanswered_text(lacking) if lacking else None)


@rule("answers_wrong", _("Answers that fit"))
def answers_what_is_asked(facts: Facts) -> Finding:
    if not facts.answers:
        return NOTHING
    wrong = wrongly(facts.questions, facts.answers)
    needed = [each.key for each in facts.questions]
    return Finding(list(wrong), needed, wrong_text(wrong) if wrong else None)


def _worst(findings: Iterator[Finding]) -> Finding:
    """Return the first that is wrong, or the one with the least room left."""
    found = list(findings)
    wrong = (each for each in found if each.wrong is not None)
    tightest = min(found, key=lambda each: each.needed - each.found, default=NOTHING)
    return next(wrong, tightest)


RULES: tuple[Rule, ...] = (
    is_bookable,
    starts_in_the_future,
    lasts_long_enough,
    is_short_enough,
    falls_on_the_grid,
    gives_enough_notice,
    lies_within_horizon,
    lies_within_opening_hours,
    may_use_those_hours,
    fits_the_people,
    has_that_many_units,
    keeps_a_gap,
    has_few_enough_ahead,
    keeps_the_quota_of_hours,
    keeps_the_quota_of_reservations,
    keeps_the_allowance,
    has_the_qualifications,
    accepts_the_terms,
    answers_the_questions,
    answers_what_is_asked,
)


BY_CODE = {each.code: each for each in RULES}


def judged(facts: Facts) -> list[tuple[Rule, Finding]]:
    """Return every rule with what it found, in the order of RULES."""
    return [(each, each.judge(facts)) for each in RULES]


def violations(facts: Facts) -> list[Violation]:
    """Return every rule that fails, in the order of RULES; empty when all hold."""
    failed = (each.violation(finding) for each, finding in judged(facts))
    return [violation for violation in failed if violation is not None]
