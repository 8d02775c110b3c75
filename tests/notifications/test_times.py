from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from notifications.times import moment_text, own_time_text, period_text

SOFIA = ZoneInfo("Europe/Sofia")


def at(*numbers: int, zone: ZoneInfo = SOFIA) -> dt.datetime:
    return dt.datetime(*numbers, tzinfo=zone)  # type: ignore[arg-type, misc]


TEN, TWELVE = at(2026, 11, 23, 10), at(2026, 11, 23, 12)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Monday 23 November 2026, 10:00–12:00"),
        ("bg", "понеделник, 23 ноември 2026 г., 10:00–12:00"),
    ],
)
def test_period_text(language: str, expected: str) -> None:
    with translation.override(language):
        assert period_text(TEN, TWELVE, SOFIA) == expected


def test_moment_text() -> None:
    assert moment_text(TEN, SOFIA) == "Monday 23 November 2026, 10:00"


@pytest.mark.parametrize(
    ("ends_at", "expected"),
    [
        (at(2026, 11, 24), "Monday 23 November 2026, 22:00–24:00"),
        (
            at(2026, 11, 24, 2),
            "Monday 23 November 2026, 22:00 – Tuesday 24 November 2026, 02:00",
        ),
        (
            at(2026, 11, 25),
            "Monday 23 November 2026, 22:00 – Wednesday 25 November 2026, 00:00",
        ),
    ],
)
def test_period_text__over_midnight(ends_at: dt.datetime, expected: str) -> None:
    assert period_text(at(2026, 11, 23, 22), ends_at, SOFIA) == expected


def test_own_time_text__another_offset__says_it() -> None:
    expected = "Monday 23 November 2026, 13:30–15:30 in Kolkata (UTC+5:30)"

    assert own_time_text(TEN, TWELVE, SOFIA, "Asia/Kolkata") == expected


@pytest.mark.parametrize("own", ["", "Europe/Sofia", "Europe/Athens"])
def test_own_time_text__the_same_clock__says_nothing(own: str) -> None:
    assert own_time_text(TEN, TWELVE, SOFIA, own) == ""
