"""What an outside calendar takes up, as it is read."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from booking import outside
from booking.outside import calendar_read
from booking.outside_errors import WORDS, Unreadable
from booking.periods import Period
from tests.booking.outside import calendar, event

SOFIA = ZoneInfo("Europe/Sofia")
YEAR = Period(
    dt.datetime(2027, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
)


def read(*events: str, head: str = "") -> list[str]:
    """Return what is taken, by Sofia's clock."""
    found = calendar_read(calendar(*events, head=head or "X-A:1"), SOFIA, YEAR)
    return [
        f"{start.astimezone(SOFIA):%m-%d %H:%M}–{end.astimezone(SOFIA):%m-%d %H:%M}"
        for start, end, _note in found.busy
    ]


TEN = ("DTSTART;TZID=Europe/Sofia:20270301T100000", "DURATION:PT1H")


@pytest.mark.parametrize(
    ("lines", "head", "taken"),
    [
        (TEN, "", ["03-01 10:00–03-01 11:00"]),
        (
            ("DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"),
            "",
            ["03-01 12:00–03-01 13:00"],
        ),
        (
            ("DTSTART:20270301T100000", "DTEND:20270301T110000"),
            "",
            ["03-01 10:00–03-01 11:00"],
        ),
        (
            ("DTSTART:20270301T100000", "DTEND:20270301T110000"),
            "X-WR-TIMEZONE:America/New_York",
            ["03-01 17:00–03-01 18:00"],
        ),
        (("DTSTART;VALUE=DATE:20270301",), "", ["03-01 00:00–03-02 00:00"]),
        (
            ("DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270330"),
            "",
            ["03-28 00:00–03-30 00:00"],
        ),
        ((*TEN, "TRANSP:TRANSPARENT"), "", []),
        ((*TEN, "STATUS:CANCELLED"), "", []),
        ((*TEN, "STATUS:TENTATIVE"), "", ["03-01 10:00–03-01 11:00"]),
        (("DTSTART:20270301T100000Z",), "", []),
        (("DTSTART:20200301T100000Z", "DTEND:20200301T110000Z"), "", []),
    ],
)
def test_read__an_event__takes_up_its_time(
    lines: tuple[str, ...], head: str, taken: list[str]
) -> None:
    assert read(event(*lines), head=head) == taken


def test_read__a_series__keeps_its_clock_and_its_exceptions() -> None:
    series = event(
        "DTSTART;TZID=Europe/Sofia:20270315T100000",
        "DTEND;TZID=Europe/Sofia:20270315T110000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE;TZID=Europe/Sofia:20270322T100000",
    )
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Sofia:20270405T100000",
        "DTSTART;TZID=Europe/Sofia:20270406T150000",
        "DTEND;TZID=Europe/Sofia:20270406T160000",
    )
    off = event(
        "RECURRENCE-ID;TZID=Europe/Sofia:20270412T100000",
        "DTSTART;TZID=Europe/Sofia:20270412T100000",
        "DTEND;TZID=Europe/Sofia:20270412T110000",
        "STATUS:CANCELLED",
    )
    assert read(series, moved, off) == [
        "03-15 10:00–03-15 11:00",
        "03-29 10:00–03-29 11:00",
        "04-06 15:00–04-06 16:00",
    ]


def test_read__a_series_without_end__ends_with_the_window() -> None:
    taken = read(event(*TEN, "RRULE:FREQ=DAILY"))
    assert (len(taken), taken[-1]) == (306, "12-31 10:00–12-31 11:00")


def test_read__name_and_titles__are_one_line_each() -> None:
    body = calendar(event(*TEN, title="One\\nX-Evil: 1\t" + "x" * 300))
    found = calendar_read(body, SOFIA, YEAR)
    assert found.name == "Studio"
    note = found.busy[0].note
    assert (note[:13], len(note)) == ("One X-Evil: 1", 200)


def test_read__a_byte_that_is_no_text__is_read_all_the_same() -> None:
    body = calendar(event(*TEN, title="\x01?")).replace(b"?", b"\xff\x00")
    assert len(calendar_read(body, SOFIA, YEAR).busy) == 1


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        (b"", "not_a_calendar", ""),
        (b"<html></html>", "not_a_calendar", ""),
        (b"\xff\xfe\x00", "not_a_calendar", ""),
        (event(*TEN).encode(), "not_a_calendar", ""),
        (calendar(event(*TEN))[:-60], "not_a_calendar", ""),
        (calendar(event("DTEND:20270301T110000Z")), "broken_event", "Recording"),
        (calendar(event("DTSTART:2027xx")), "broken_event", "Recording"),
        (
            calendar(event(*TEN, "RRULE:FREQ=NEVER;BYDAY=XX")),
            "broken_event",
            "Recording",
        ),
        (calendar(event(*TEN, "RRULE:COUNT=3")), "broken_event", "Recording"),
        (
            calendar(event(*TEN, "RRULE:FREQ=DAILY;BYDAY=XX")),
            "broken_event",
            "Recording",
        ),
        (
            calendar(event(*TEN, "RRULE:FREQ=DAILY;UNTIL=soon")),
            "broken_event",
            "Recording",
        ),
        (calendar(event(*TEN), head="X-WR-TIMEZONE:Mars/One"), "broken_events", ""),
        (
            calendar(event(*TEN, "RRULE:FREQ=DAILY;INTERVAL=0")),
            "broken_event",
            "Recording",
        ),
        (calendar(event(*TEN, "RRULE:FREQ=SECONDLY")), "too_often", "Recording"),
        (
            calendar(event(*TEN, "RRULE:FREQ=MINUTELY;COUNT=9")),
            "too_often",
            "Recording",
        ),
        (calendar(event(*TEN, "RRULE:FREQ=HOURLY")), "too_many_events", "5000"),
    ],
)
def test_read__what_makes_no_sense__is_refused(
    body: bytes, code: str, detail: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        calendar_read(body, SOFIA, YEAR)
    assert refusal.value.code == code
    assert detail in refusal.value.about


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYHOUR="
        + ",".join(map(str, range(24)))
        + ";BYMINUTE="
        + ",".join(map(str, range(60)))
        + ";BYSECOND="
        + ",".join(map(str, range(60))),
    ],
)
def test_read__what_never_ends__ends(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    monkeypatch.setattr(outside, "WALL_SECONDS", 3)
    with pytest.raises(Unreadable) as refusal:
        read(event(*TEN, f"RRULE:{rule}"))
    assert refusal.value.code == "too_complex"


def test_words__every_code__says_what_is_wrong() -> None:
    for code in WORDS:
        assert "{" not in str(Unreadable(code, "x").detail)
