"""For each rule something that breaks it: what docs/rules.md and the tests show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from booking.limits import Limit
from booking.qualifying import Need
from booking.questions import Asked
from booking.restricting import Restricted
from booking.rules import Facts, TermsAsked


@dataclass(slots=True)
class ExamplePolicy:
    min_duration_minutes: int = 30
    max_duration_minutes: int = 240
    start_grid_minutes: int = 15
    notice_minutes: int = 60
    horizon_days: int = 30
    min_gap_minutes: int = 15
    most_active: int = 5
    most_people: int = 0


NOW = dt.datetime(2027, 3, 1, 6, 30, tzinfo=dt.UTC)
START = dt.datetime(2027, 3, 2, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
#: Tomorrow at ten by the clock in Sofia, for an hour: no rule is broken.
RIGHT = Facts(
    now=NOW,
    starts_at=START,
    ends_at=START + HOUR,
    people=2,
    quantity=1,
    policy=ExamplePolicy(),
    zone=ZoneInfo("Europe/Sofia"),
    is_published=True,
    is_open=True,
    capacity=8,
    is_pool=False,
    units=1,
)


def _from(start: dt.datetime, hours: float = 1) -> Facts:
    return replace(RIGHT, starts_at=start, ends_at=start + hours * HOUR)


def _under(**limit: Any) -> Facts:
    """A wish of an hour by an organisation that has used nine."""
    values: dict[str, Any] = {
        "per": "organisation",
        "window": "week",
        "most_minutes": None,
        "most_count": None,
        "used_minutes": 540,
        "used_count": 3,
        "minutes": 60,
        "count": 1,
    }
    return replace(RIGHT, limits=(Limit(**(values | limit)),))


BROKEN: dict[str, Facts] = {
    "not_bookable": replace(RIGHT, is_published=False),
    "in_the_past": _from(NOW - HOUR),
    "too_short": _from(START, 0.25),
    "too_long": _from(START, 5),
    "off_grid": _from(START + dt.timedelta(minutes=7)),
    "too_little_notice": _from(NOW + dt.timedelta(minutes=30)),
    "beyond_horizon": _from(START + dt.timedelta(days=40)),
    "outside_opening_hours": replace(RIGHT, is_open=False),
    "hours_restricted": replace(
        RIGHT,
        restricted=(
            Restricted(
                ("TU",), 600, 720, who=({"name": "Cohort 7", "name_bg": "Випуск 7"},)
            ),
        ),
    ),
    "too_many_people": replace(RIGHT, people=9),
    "too_many_units": replace(RIGHT, quantity=2),
    "min_gap": replace(RIGHT, gap_minutes=5),
    "most_active": replace(RIGHT, active=5),
    "quota_hours": _under(most_minutes=540),
    "quota_count": _under(most_count=3),
    "allowance_used_up": _under(most_minutes=540, window="agreement", name="Cohort 7"),
    "missing_qualification": replace(
        RIGHT, needs=(Need("laser-safety", "Laser safety", "Лазерна безопасност"),)
    ),
    "terms_not_accepted": replace(RIGHT, terms=TermsAsked(12, 3, is_accepted=False)),
    "answers_missing": replace(
        RIGHT,
        questions=(
            Asked("chemicals", "text", "Which chemicals?", "Кои химикали?", True),
        ),
        answers={},
    ),
    "answers_wrong": replace(
        RIGHT,
        questions=(Asked("samples", "number", "How many samples?", "Колко проби?"),),
        answers={"samples": "many"},
    ),
}
