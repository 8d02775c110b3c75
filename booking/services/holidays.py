"""Public holidays as a shared calendar of closures."""

from __future__ import annotations

import datetime as dt

import holidays
from django.conf import settings
from schedule.models import Calendar, Event

from booking.models import AvailabilityCalendar, AvailabilityRule
from booking.models.availability import HOLIDAYS
from booking.services import calendars, ledger
from booking.services.open_periods import open_periods_rebuild_each
from booking.weekly import at_wall
from config import clock

SLUG = HOLIDAYS


def holiday_calendar_fill(*, years_ahead: int = 2) -> AvailabilityCalendar:
    """Make the calendar of Bulgaria's public holidays, this year's and the next ones'.

    Run again it adds what is missing and changes nothing else; the resources that it
    applies to are rebuilt, after the days are seen by who subscribes meanwhile.
    """
    year = clock.now().year
    with ledger.writing():
        shared = _calendar()
        missing = _missing(shared, range(year, year + years_ahead + 1))
        for day, (name, name_bg) in missing.items():
            calendars.add_once(
                shared,
                at_wall(day, 0, shared.zone),
                at_wall(day, 1440, shared.zone),
                effect=AvailabilityRule.Effect.CLOSED,
                reason=AvailabilityRule.Reason.HOLIDAY,
                note=name,
                note_bg=name_bg,
            )
    if missing:
        open_periods_rebuild_each(shared.resources.values_list("pk", flat=True))
    return shared


def holiday_calendar_keep_filled() -> None:
    """Add the next year's days in time, where there is the calendar."""
    if AvailabilityCalendar.objects.filter(calendar__slug=SLUG).exists():
        holiday_calendar_fill()


def _calendar() -> AvailabilityCalendar:
    # Locked: of two that fill it at once, the second must see what the first added;
    # and who subscribes is done, or waits for the days (`shared_calendars_set`).
    calendar, _created = Calendar.objects.select_for_update(no_key=True).get_or_create(
        slug=SLUG, defaults={"name": "Public holidays in Bulgaria"}
    )
    shared, _created = AvailabilityCalendar.objects.get_or_create(
        calendar=calendar,
        defaults={
            "time_zone": settings.TIME_ZONE,
            "name_bg": "Официални празници в България",
        },
    )
    return shared


def _missing(
    shared: AvailabilityCalendar, years: range
) -> dict[dt.date, tuple[str, str]]:
    english = holidays.country_holidays("BG", years=years, language="en_US")
    bulgarian = holidays.country_holidays("BG", years=years, language="bg")
    known = {
        start.astimezone(shared.zone).date()
        for start in Event.objects.filter(calendar=shared.calendar).values_list(
            "start", flat=True
        )
    }
    return {
        day: (name, bulgarian[day])
        for day, name in sorted(english.items())
        if day not in known
    }
