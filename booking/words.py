"""Instants, dates and lengths in words: in the page's language, by the site's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from booking.models.paths import DeclineCode
from booking.weekly import DAYS, format_clock

#: Day before month; CLDR's own order for English is the American. A date's parts stay
#: on one line (no-break spaces), and Bulgarian months are small in running text.
LONG_DATES = {
    "en": "EEEE d\u00a0MMMM\u00a0y",
    "bg": "EEEE, d\u00a0MMMM\u00a0y\u00a0'г'.",
}
PLAIN_DATES = {"en": "d\u00a0MMMM\u00a0y", "bg": "d\u00a0MMMM\u00a0y\u00a0'г'."}
#: A day that is near: the weekday matters, the year does not.
DAYS_NEAR = {"en": "EEEE d\u00a0MMMM", "bg": "EEEE, d\u00a0MMMM"}
SHORT_DATES = {"en": "EEE d\u00a0MMM", "bg": "EEE, d\u00a0MMM"}
DATES = {"en": "d\u00a0MMMM\u00a0y", "bg": "d\u00a0MMMM\u00a0y\u00a0'г'."}
MONTHS = {"en": "LLLL\u00a0y", "bg": "LLLL\u00a0y\u00a0'г'."}
DAY_MINUTES = 1440
#: Minutes after midnight as 09:30; the end of the day is 24:00.
clock_text = format_clock


def locale() -> Locale:
    """Return Babel's locale of the page's language."""
    language = get_language()
    return Locale.parse(language if language in LONG_DATES else "en")


def date_text(day: dt.date, *, short: bool = False) -> str:
    """Return such as Monday 23 November 2026, or Mon 23 Nov."""
    ours = locale()
    patterns = SHORT_DATES if short else LONG_DATES
    return dates.format_date(day, patterns[ours.language], locale=ours)


def days_text(first: dt.date, last: dt.date) -> str:
    """Return such as 23–29 November 2026, or 30 November – 6 December 2026."""
    ours = locale()
    end = dates.format_date(last, DATES[ours.language], locale=ours)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    pattern = "d\u00a0MMMM" if first.year == last.year else DATES[ours.language]
    return f"{dates.format_date(first, pattern, locale=ours)} – {end}"


def day_pattern() -> str:
    """Return how such a day is written, for scripts: EEEE, d and MMMM stand in it."""
    return DAYS_NEAR[locale().language]


def day_text(day: dt.date) -> str:
    """Return such as Monday 23 November."""
    return dates.format_date(day, day_pattern(), locale=locale())


def wait_text(wait: dt.timedelta) -> str:
    """Return a wait rounded up to what one would say: 20 min, 3 h, 4 days."""
    minutes = max(-(-int(wait.total_seconds()) // 60), 1)
    step = 5 if minutes <= 60 else 60 if minutes <= 2 * DAY_MINUTES else DAY_MINUTES
    return length_text(-(-minutes // step) * step)


def month_text(day: dt.date) -> str:
    """Return such as November 2026."""
    ours = locale()
    return dates.format_date(day, MONTHS[ours.language], locale=ours)


def weekday_names() -> list[str]:
    """Return the names of the days, Monday first, as they stand alone."""
    names = dates.get_day_names("wide", "stand-alone", locale())
    return [names[day].capitalize() for day in range(7)]


def weekdays_text(codes: Iterable[str]) -> str:
    """Return such as Mon, Tue for MO and TU."""
    names = dates.get_day_names("abbreviated", "stand-alone", locale())
    return ", ".join(names[DAYS.index(code)] for code in codes)


def zone_text(zone: ZoneInfo, at: dt.datetime) -> str:
    """Return such as Sofia (UTC+2), the offset being that of the instant."""
    city = dates.get_timezone_location(zone, locale=locale(), return_city=True)
    offset = at.astimezone(zone).utcoffset() or dt.timedelta()
    hours, rest = divmod(abs(int(offset.total_seconds())) // 60, 60)
    sign = "\N{MINUS SIGN}" if offset < dt.timedelta() else "+"
    minutes = f":{rest:02}" if rest else ""
    return f"{city} (UTC{sign}{hours}{minutes})"


def length_text(minutes: int) -> str:
    """Return such as 45 min, 1 h 30 min or 2 days."""
    if minutes % DAY_MINUTES == 0 and minutes:
        days = minutes // DAY_MINUTES
        return _whole(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    hours, rest = divmod(minutes, 60)
    parts = [hours_text(hours * 60)] if hours else []
    if rest or not hours:
        parts.append(_whole(_("%(minutes)d min") % {"minutes": rest}))
    return " ".join(parts)


def hours_text(minutes: int) -> str:
    """Return such as 45 h, however many days that is."""
    number = numbers.format_decimal(round(minutes / 60, 2), locale=locale())
    return _whole(_("%(hours)s h") % {"hours": number})


def _whole(text: str) -> str:
    """Keep a number and its unit on one line."""
    return text.replace(" ", "\u00a0")


def reason_text(code: str, reason: str) -> str:
    """Return why it was declined: the listed reason, then words of one's own."""
    if code in {"", DeclineCode.OTHER}:
        return reason
    listed = f"{DeclineCode(code).label}."
    return f"{listed} {reason}" if reason else listed


def from_now_text(at: dt.datetime, now: dt.datetime) -> str:
    """Return such as in 3 hours."""
    return dates.format_timedelta(
        at - now, granularity="minute", add_direction=True, locale=locale()
    )


def plain_date_text(day: dt.date) -> str:
    """Return such as 4 December 2026."""
    return dates.format_date(day, PLAIN_DATES[locale().language], locale=locale())


def expires_text(until: dt.date, today: dt.date) -> str:
    """Return when what is good until that day is no longer: in days, and the date."""
    date, n = plain_date_text(until), (until - today).days
    if n < 0:
        return _("expired on %(date)s") % {"date": date}
    if n == 0:
        return _("expires today")
    text = ngettext(
        "expires in %(n)d day, on %(date)s", "expires in %(n)d days, on %(date)s", n
    )
    return text % {"n": n, "date": date}
