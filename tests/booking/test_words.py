"""Dates in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from booking.words import days_text


@pytest.mark.parametrize(
    ("language", "first", "last", "expected"),
    [
        ("en", "2026-11-23", "2026-11-29", "23–29 November 2026"),
        ("en", "2026-11-30", "2026-12-06", "30 November – 6 December 2026"),
        ("en", "2026-12-28", "2027-01-03", "28 December 2026 – 3 January 2027"),
        ("bg", "2026-11-23", "2026-11-29", "23–29 ноември 2026 г."),
        ("bg", "2026-11-30", "2026-12-06", "30 ноември – 6 декември 2026 г."),
    ],
)
def test_days__of_a_week__say_each_month_and_year_once(
    language: str, first: str, last: str, expected: str
) -> None:
    with translation.override(language):
        shown = days_text(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert shown.replace("\u00a0", " ") == expected
