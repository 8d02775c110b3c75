from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from booking.models.reservation import Status
from notifications.models import NOTICES, Kind, State
from notifications.rules import TRUE_WHILE, Facts, state_due

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
REMINDER = Facts(
    now=NOW,
    kind=Kind.REMINDER,
    useful_until=NOW + MINUTE,
    status=Status.APPROVED,
    lapses_at=None,
    is_current=True,
    may_know=True,
)
REQUEST = replace(
    REMINDER,
    kind=Kind.REQUESTED,
    useful_until=None,
    status=Status.PENDING,
    lapses_at=NOW + MINUTE,
)


def test_every_kind_says_when_it_is_true() -> None:
    assert set(TRUE_WHILE) == set(Kind) - NOTICES


@pytest.mark.parametrize("facts", [REMINDER, REQUEST])
def test_state_due__true_and_useful__may_go_out(facts: Facts) -> None:
    assert state_due(facts) == State.PLANNED


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.CANCELLED},
        {"status": Status.PENDING, "lapses_at": NOW + MINUTE},
        {"status": Status.IN_USE},
        {"is_current": False},
        {"may_know": False},
        # Wrong and late is wrong.
        {"status": Status.CANCELLED, "useful_until": NOW},
    ],
)
def test_state_due__no_longer_so__withdrawn(change: dict[str, object]) -> None:
    assert state_due(replace(REMINDER, **change)) == State.WITHDRAWN  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [Status.APPROVED, Status.COMPLETED, Status.NO_SHOW])
def test_state_due__too_late__missed(status: Status) -> None:
    late = replace(REMINDER, status=status, useful_until=NOW)

    assert state_due(late) == State.MISSED


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.APPROVED, "lapses_at": None},
        # Nobody has come by yet to expire it.
        {"lapses_at": NOW},
    ],
)
def test_state_due__request_is_decided_or_lapsed__withdrawn(
    change: dict[str, object],
) -> None:
    assert state_due(replace(REQUEST, **change)) == State.WITHDRAWN  # type: ignore[arg-type]
