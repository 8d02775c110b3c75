"""A pattern in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.series import Pattern, Repeats
from booking.web.forms.repeating import WEEKS
from booking.words import date_text, weekdays_text


def pattern_text(pattern: Pattern) -> str:
    """Return such as: Every 2 weeks, Mon, Thu, 10 times."""
    return ", ".join(part for part in _parts(pattern) if part)


def _parts(pattern: Pattern) -> list[str]:
    if pattern.repeats == Repeats.PICKED:
        return [str(Repeats.PICKED.label)]
    return [_every(pattern), _on(pattern), _end(pattern)]


def _every(pattern: Pattern) -> str:
    n = pattern.interval
    if n == 1:
        return str(Repeats(pattern.repeats).label)
    if pattern.repeats == Repeats.DAILY:
        text = ngettext("Every %(n)d day", "Every %(n)d days", n)
    elif pattern.repeats == Repeats.WEEKLY:
        text = ngettext("Every %(n)d week", "Every %(n)d weeks", n)
    else:
        text = ngettext("Every %(n)d month", "Every %(n)d months", n)
    return text % {"n": n}


def _on(pattern: Pattern) -> str:
    days = weekdays_text(pattern.days)
    if pattern.repeats == Repeats.MONTHLY and pattern.week:
        return f"{WEEKS[pattern.week]}: {days}"
    return days


def _end(pattern: Pattern) -> str:
    if pattern.until is not None:
        return _("until %(day)s") % {"day": date_text(pattern.until)}
    n = pattern.count or 0
    return ngettext("%(n)d time", "%(n)d times", n) % {"n": n}
