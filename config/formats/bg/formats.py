"""Dates of the back office, by the 24-hour clock."""

from __future__ import annotations

DATE_FORMAT = r"j.m.Y \г."
TIME_FORMAT = "H:i"
DATETIME_FORMAT = r"j.m.Y \г., H:i"
SHORT_DATE_FORMAT = "j.m.Y"
SHORT_DATETIME_FORMAT = "j.m.Y, H:i"
FIRST_DAY_OF_WEEK = 1
