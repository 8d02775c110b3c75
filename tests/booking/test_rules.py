from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from booking import rules
from booking.limits import Limit
from booking.qualifying import Need
from booking.questions import Asked
from booking.restricting import Restricted
from booking.rules import RULES, Facts, Rule, TermsAsked, Violation, violations
from booking.words import hours_text, length_text

NOW = dt.datetime(2027, 3, 1, 6, 30, tzinfo=dt.UTC)
START = dt.datetime(2027, 3, 2, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
TINY = dt.timedelta(microseconds=1)
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


@dataclass
class Policy:
    min_duration_minutes: int = 30
    max_duration_minutes: int = 240
    start_grid_minutes: int = 15
    notice_minutes: int = 60
    horizon_days: int = 30
    min_gap_minutes: int = 0
    most_active: int = 0
    most_people: int = 0


#: Tomorrow at ten by the clock in Sofia, for an hour: nothing is wrong with it.
FINE = Facts(
    now=NOW,
    starts_at=START,
    ends_at=START + HOUR,
    people=2,
    quantity=1,
    policy=Policy(),
    zone=ZoneInfo("Europe/Sofia"),
    is_published=True,
    is_open=True,
    capacity=8,
    is_pool=False,
    units=1,
)


HAS = Need("has", "Has", now=True, then=True)
LAPSES = Need("lapses", "Lapses", now=True, until=START.date() - 24 * HOUR)
LACKS = Need("lacks", "Lacks")


def needing(*needs: Need) -> Facts:
    return replace(FINE, needs=needs)


def lasting(span: dt.timedelta) -> Facts:
    return replace(FINE, ends_at=START + span)


def starting(after: dt.timedelta, **policy: int) -> Facts:
    """For an hour, so long after now."""
    start = NOW + after
    return replace(FINE, starts_at=start, ends_at=start + HOUR, policy=Policy(**policy))


def ending(after: dt.timedelta) -> Facts:
    return replace(FINE, starts_at=NOW + after - HOUR, ends_at=NOW + after)


def between(start: str, end: str, grid: int, zone: str = "Europe/Sofia") -> Facts:
    """From one instant to another, on a grid."""
    return replace(
        FINE,
        starts_at=dt.datetime.fromisoformat(start),
        ends_at=dt.datetime.fromisoformat(end),
        policy=Policy(start_grid_minutes=grid),
        zone=ZoneInfo(zone),
    )


def pool(units: int, quantity: int) -> Facts:
    return replace(FINE, is_pool=True, units=units, quantity=quantity)


def ahead(active: int, most: int) -> Facts:
    return replace(FINE, active=active, policy=Policy(most_active=most))


def gap(found: int | None, needed: int) -> Facts:
    policy = Policy(min_gap_minutes=needed)
    return replace(FINE, gap_minutes=found, policy=policy)


def within(**limit: Any) -> Facts:
    """A wish of an hour under one limit: one reservation, or ten hours used."""
    usual = {
        "per": "organisation",
        "window": "week",
        "most_minutes": None,
        "most_count": None,
        "used_minutes": 600,
        "used_count": 1,
        "minutes": 60,
        "count": 1,
    }
    return replace(FINE, limits=(Limit(**(usual | limit)),))


def asked(*, is_accepted: bool) -> Facts:
    return replace(FINE, terms=TermsAsked(7, 3, is_accepted))


WHICH = Asked("which", "text", "Which chemicals?", is_required=True)
#: From ten to eleven on a Tuesday, when FINE is.
EVENING = Restricted(
    ("TU",), 600, 660, who=({"name": "Cohort 7", "name_bg": "Випуск 7"},)
)


def answering(answers: dict[str, Any] | None, *questions: Asked) -> Facts:
    return replace(FINE, questions=questions, answers=answers)


def kept_for(*restricted: Restricted) -> Facts:
    return replace(FINE, restricted=restricted)


HORIZON = 30 * 24 * HOUR

#: What each rule lets pass, up to the very edge.
PASSES: dict[Rule, list[Facts]] = {
    rules.is_bookable: [FINE],
    rules.starts_in_the_future: [starting(MINUTE), starting(0 * MINUTE)],
    rules.lasts_long_enough: [lasting(30 * MINUTE), lasting(240 * MINUTE)],
    rules.is_short_enough: [lasting(240 * MINUTE), lasting(30 * MINUTE)],
    rules.falls_on_the_grid: [
        FINE,
        between("2027-03-02T10:45+02:00", "2027-03-02T11:30+02:00", 15),
        between("2027-03-02T00:00+02:00", "2027-03-03T00:00+02:00", 1440),
        # The day of 23 hours is a whole day too, and the hour that comes twice counts.
        between("2027-03-28T00:00+02:00", "2027-03-29T00:00+03:00", 1440),
        between("2027-10-31T03:30+03:00", "2027-10-31T03:30+02:00", 30),
        between("2027-03-02T09:00+02:00", "2027-03-02T10:00+02:00", 30, "Asia/Kolkata"),
    ],
    rules.gives_enough_notice: [
        starting(60 * MINUTE),
        starting(0 * MINUTE, notice_minutes=0),
        # Said by its own rule, and by that alone.
        starting(-MINUTE),
    ],
    rules.lies_within_horizon: [ending(HORIZON), FINE],
    rules.lies_within_opening_hours: [FINE],
    rules.fits_the_people: [
        replace(FINE, people=8),
        replace(FINE, people=1),
        # What the policy allows, but never more than fit.
        replace(FINE, people=3, policy=Policy(most_people=3)),
        replace(FINE, people=8, policy=Policy(most_people=9)),
    ],
    rules.has_that_many_units: [FINE, pool(4, 4), pool(1, 1)],
    rules.keeps_a_gap: [FINE, gap(60, 60), gap(None, 60), gap(0, 0)],
    rules.has_few_enough_ahead: [FINE, ahead(2, 3), ahead(99, 0)],
    rules.keeps_the_quota_of_hours: [
        FINE,
        within(most_minutes=660),
        within(most_count=1),
        # It was over before, and this is not in those hours.
        within(most_minutes=60, minutes=0),
        within(most_minutes=60, window="agreement"),
    ],
    rules.keeps_the_quota_of_reservations: [
        FINE,
        within(most_count=2),
        within(most_count=1, count=0),
        within(most_minutes=1),
    ],
    rules.keeps_the_allowance: [
        within(most_minutes=660, window="agreement"),
        within(most_minutes=60),
    ],
    rules.has_the_qualifications: [
        needing(),
        needing(HAS),
        replace(needing(LAPSES), may_renew=True),
    ],
    rules.accepts_the_terms: [
        FINE,
        asked(is_accepted=True),
    ],
    rules.may_use_those_hours: [
        FINE,
        kept_for(Restricted(("TU",), 0, 1440, admits=True)),
        kept_for(Restricted(("TU",), 0, 600), Restricted(("TU",), 660, 1440)),
        kept_for(Restricted(("MO", "WE"), 0, 1440)),
    ],
    rules.answers_the_questions: [
        FINE,
        answering(None, WHICH),
        answering({"which": "Acids"}, WHICH),
        answering({}, replace(WHICH, is_required=False)),
    ],
    rules.answers_what_is_asked: [
        FINE,
        answering(None, WHICH),
        answering({}, WHICH),
        answering({"which": "Acids"}, WHICH),
    ],
}

#: What each refuses, from the very edge on: (facts, found, needed).
FAILS: dict[Rule, list[tuple[Facts, Any, Any]]] = {
    rules.is_bookable: [
        (replace(FINE, is_published=False), "unpublished", "published")
    ],
    rules.starts_in_the_future: [
        (starting(-TINY), (NOW - TINY).isoformat(), NOW.isoformat())
    ],
    rules.lasts_long_enough: [
        (lasting(29 * MINUTE), 29, 30),
        (lasting(30 * MINUTE - TINY), 29, 30),
        (lasting(0 * MINUTE), 0, 30),
        (lasting(-HOUR), -60, 30),
    ],
    rules.is_short_enough: [
        (lasting(241 * MINUTE), 241, 240),
        (lasting(240 * MINUTE + TINY), 240, 240),
    ],
    rules.falls_on_the_grid: [
        (
            between("2027-03-02T10:07+02:00", "2027-03-02T11:00+02:00", 15),
            ["10:07"],
            15,
        ),
        (
            between("2027-03-02T10:00+02:00", "2027-03-02T11:01+02:00", 15),
            ["11:01"],
            15,
        ),
        (
            between("2027-03-02T10:05+02:00", "2027-03-02T11:05+02:00", 15),
            ["10:05", "11:05"],
            15,
        ),
        (
            between("2027-03-02T10:00:01+02:00", "2027-03-02T11:00+02:00", 15),
            ["10:00"],
            15,
        ),
        (
            between("2027-03-02T10:00+02:00", "2027-03-02T11:00:00.000001+02:00", 15),
            ["11:00"],
            15,
        ),
        # Multiples of three hours from local midnight, not from UTC's.
        (
            between("2027-03-02T09:00+00:00", "2027-03-02T12:00+00:00", 180),
            ["11:00", "14:00"],
            180,
        ),
        # Half an hour less on the day that Lord Howe moves its clocks.
        (
            between(
                "2027-10-03T00:00+10:30",
                "2027-10-03T03:00+10:30",
                60,
                "Australia/Lord_Howe",
            ),
            ["03:30"],
            60,
        ),
    ],
    rules.gives_enough_notice: [
        (starting(60 * MINUTE - TINY), 59, 60),
        (starting(0 * MINUTE), 0, 60),
    ],
    rules.lies_within_horizon: [
        (ending(HORIZON + TINY), 30, 30),
        (ending(HORIZON + 24 * HOUR), 31, 30),
    ],
    rules.lies_within_opening_hours: [(replace(FINE, is_open=False), "closed", "open")],
    rules.fits_the_people: [
        (replace(FINE, people=9), 9, 8),
        (replace(FINE, people=4, policy=Policy(most_people=3)), 4, 3),
        (replace(FINE, people=9, policy=Policy(most_people=9)), 9, 8),
    ],
    rules.has_that_many_units: [
        (pool(4, 5), 5, 4),
        # A hall covers many units and is still one thing.
        (replace(FINE, units=2, quantity=2), 2, 1),
    ],
    rules.keeps_a_gap: [(gap(59, 60), 59, 60), (gap(0, 15), 0, 15)],
    rules.has_few_enough_ahead: [(ahead(3, 3), 4, 3), (ahead(1, 1), 2, 1)],
    rules.keeps_the_quota_of_hours: [
        *(
            (within(most_minutes=659, per=per, window=window), 660, 659)
            for per in ("person", "organisation")
            for window in ("day", "week", "month")
        ),
        (within(most_minutes=600, is_peak=True), 660, 600),
    ],
    rules.keeps_the_quota_of_reservations: [
        (within(most_count=1, per=per, window=window), 2, 1)
        for per in ("person", "organisation")
        for window in ("day", "week", "month")
    ],
    rules.keeps_the_allowance: [
        (within(most_minutes=600, window="agreement", name="Cohort"), 660, 600)
    ],
    rules.has_the_qualifications: [
        (needing(LAPSES, HAS), ["has"], ["lapses", "has"]),
        (needing(LACKS), [], ["lacks"]),
        (replace(needing(LACKS), may_renew=True), [], ["lacks"]),
    ],
}

FAILS[rules.accepts_the_terms] = [
    (asked(is_accepted=False), "not accepted", {"terms": 7, "version": 3}),
]

FAILS[rules.may_use_those_hours] = [
    (kept_for(EVENING), "not among them", ["Cohort 7"]),
    # Each of those that overlap must let one in.
    (
        kept_for(replace(EVENING, admits=True), EVENING),
        "not among them",
        ["Cohort 7", "Cohort 7"],
    ),
    (kept_for(replace(EVENING, ends=601)), "not among them", ["Cohort 7"]),
    (kept_for(replace(EVENING, starts=659)), "not among them", ["Cohort 7"]),
]
FAILS[rules.answers_the_questions] = [
    (answering({}, WHICH), [], ["which"]),
    (answering({"which": " "}, WHICH), [], ["which"]),
]
FAILS[rules.answers_what_is_asked] = [
    (answering({"which": 7}, WHICH), ["which"], ["which"]),
    (answering({"other": "x"}), ["other"], []),
]

#: The code that callers rely on, and whether staff may override.
TOLD: dict[Rule, tuple[str, bool]] = {
    rules.is_bookable: ("not_bookable", False),
    rules.starts_in_the_future: ("in_the_past", False),
    rules.lasts_long_enough: ("too_short", True),
    rules.is_short_enough: ("too_long", True),
    rules.falls_on_the_grid: ("off_grid", False),
    rules.gives_enough_notice: ("too_little_notice", True),
    rules.lies_within_horizon: ("beyond_horizon", True),
    rules.lies_within_opening_hours: ("outside_opening_hours", False),
    rules.fits_the_people: ("too_many_people", True),
    rules.has_that_many_units: ("too_many_units", False),
    rules.keeps_a_gap: ("min_gap", True),
    rules.has_few_enough_ahead: ("most_active", True),
    rules.keeps_the_quota_of_hours: ("quota_hours", True),
    rules.keeps_the_quota_of_reservations: ("quota_count", True),
    rules.keeps_the_allowance: ("allowance_used_up", True),
    rules.has_the_qualifications: ("missing_qualification", True),
    rules.accepts_the_terms: ("terms_not_accepted", False),
    rules.may_use_those_hours: ("hours_restricted", True),
    rules.answers_the_questions: ("answers_missing", False),
    rules.answers_what_is_asked: ("answers_wrong", False),
}


def name_of(value: object) -> str | None:
    return value.code if isinstance(value, Rule) else None


@pytest.mark.parametrize(
    "cases", [PASSES, FAILS, TOLD], ids=["passes", "fails", "told"]
)
def test_rules__each_one__is_tested_here(cases: dict[Rule, Any]) -> None:
    missing = {name_of(rule) for rule in set(RULES) - set(cases)}
    assert not missing, f"write tests for {missing} in this file"
    assert set(cases) == set(RULES)
    assert all(cases.values())


@pytest.mark.parametrize(
    ("rule", "facts"),
    [(rule, facts) for rule, cases in PASSES.items() for facts in cases],
    ids=name_of,
)
def test_rule__up_to_its_edge__passes(rule: Rule, facts: Facts) -> None:
    assert rule(facts) is None


@pytest.mark.parametrize(
    ("rule", "facts", "found", "needed"),
    [(rule, *case) for rule, cases in FAILS.items() for case in cases],
    ids=name_of,
)
def test_rule__beyond_its_edge__tells_what_was_found_and_needed(
    rule: Rule, facts: Facts, found: Any, needed: Any
) -> None:
    failed = rule(facts)
    assert isinstance(failed, Violation)
    assert (failed.found, failed.needed) == (found, needed)
    assert (failed.code, failed.overridable) == TOLD[rule]


@pytest.mark.parametrize(
    ("rule", "facts"),
    [(rule, case[0]) for rule, cases in FAILS.items() for case in cases],
    ids=name_of,
)
def test_rule__text__is_a_sentence_with_its_number(rule: Rule, facts: Facts) -> None:
    failed = rule(facts)
    assert failed is not None
    with translation.override("en"):
        told = failed.as_dict()
    assert told["detail"].endswith(".")
    assert "%" not in told["detail"]
    if isinstance(needed := told["needed"], int):
        with translation.override("en"):
            said = {str(needed), length_text(needed), hours_text(needed)}
        words = told["detail"].replace(";", " ").replace(".", " ") + " "
        assert any(f" {each} ".replace(".", " ") in words for each in said)


def test_violations__nothing_wrong__is_empty() -> None:
    assert violations(FINE) == []


def test_violations__much_is_wrong__tells_all_in_order() -> None:
    start = NOW + 7 * MINUTE
    wrong = replace(
        FINE,
        starts_at=start,
        ends_at=start + 300 * MINUTE,
        people=9,
        quantity=2,
        is_published=False,
        is_open=False,
    )
    assert [found.code for found in violations(wrong)] == [
        "not_bookable",
        "too_long",
        "off_grid",
        "too_little_notice",
        "outside_opening_hours",
        "too_many_people",
        "too_many_units",
    ]


def test_codes__all_rules__differ() -> None:
    codes = [code for code, _overridable in TOLD.values()]
    assert len(codes) == len(set(codes))
