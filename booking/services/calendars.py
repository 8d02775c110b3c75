"""The only way into django-scheduler's tables: validated, one Rule per Event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from schedule.models import Calendar, Event, Rule

from booking.expander import from_wall, to_wall
from booking.models import AvailabilityCalendar, AvailabilityRule
from config.errors import Invalid
from labs.models import Resource

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: The end of the day, as a time that `datetime.time` cannot say.
MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """From `opens` until `closes` on each of `days`, by the clock on the wall.

    Minutes after midnight, 0 to 1440; a night is two entries that touch at midnight.
    """

    days: tuple[str, ...]
    opens: int
    closes: int

    @property
    def minutes_a_week(self) -> int:
        return len(self.days) * (self.closes - self.opens)


def parse_clock(value: str) -> int:
    """Return the minutes after midnight of "09:30", at most "24:00".

    Raises ValueError for anything else.
    """
    hours, colon, minutes = value.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()
    found = int(hours) * 60 + int(minutes) if colon and digits else -1
    if not 0 <= found <= 1440 or int(minutes) > 59:
        raise ValueError(value)
    return found


def format_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def require_sane(weekly: Sequence[WeeklyHours]) -> None:
    """Raise Invalid (400) for unknown days, reversed times and hours that overlap."""
    taken: dict[str, list[tuple[int, int]]] = {day: [] for day in DAYS}
    for number, hours in enumerate(weekly):
        at = f"weekly.{number}"
        if not hours.days or any(day not in DAYS for day in hours.days):
            raise Invalid({f"{at}.days": [_("Use MO, TU, WE, TH, FR, SA and SU.")]})
        if hours.closes <= hours.opens:
            raise Invalid({f"{at}.to": [_("It must close after it opens.")]})
        for day in set(hours.days):
            if any(a < hours.closes and hours.opens < b for a, b in taken[day]):
                raise Invalid({at: [_("These hours overlap others of the same day.")]})
            taken[day].append((hours.opens, hours.closes))


def own_calendar(resource: Resource) -> AvailabilityCalendar:
    """Return the resource's own calendar, made when first asked for."""
    found = AvailabilityCalendar.objects.filter(resource=resource).first()
    if found is None:
        calendar = Calendar.objects.create(
            name=resource.name, slug=f"resource-{resource.pk}"
        )
        found = AvailabilityCalendar.objects.create(
            calendar=calendar, resource=resource
        )
    found.resource = resource
    return found


def at_wall(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """Return the instant when the clock in the zone shows so many minutes of the day."""
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    return from_wall(wall, zone)


def _first_day(days: Sequence[str], since: dt.date) -> dt.date:
    for ahead in range(7):
        day = since + dt.timedelta(days=ahead)
        if DAYS[day.weekday()] in days:
            return day
    raise AssertionError("require_sane lets no unknown day through")


def add_weekly(
    calendar: AvailabilityCalendar,
    hours: WeeklyHours,
    since: dt.date,
    until: dt.date | None,
) -> Event | None:
    """Add opening hours from a date on, until and with another; None if none remain."""
    zone = calendar.zone
    first = _first_day(hours.days, since)
    if until is not None and first > until:
        return None
    days = [day for day in DAYS if day in hours.days]
    rule = Rule.objects.create(
        name=f"weekly {','.join(days)}"[:32],
        description="",
        frequency="WEEKLY",
        params=f"byweekday:{','.join(days)}",
    )
    event = Event.objects.create(
        calendar=calendar.calendar,
        title=f"{format_clock(hours.opens)}–{format_clock(hours.closes)}",
        start=at_wall(first, hours.opens, zone),
        end=at_wall(first, hours.closes, zone),
        rule=rule,
        end_recurring_period=at_wall(until, 1439, zone) if until else None,
    )
    AvailabilityRule.objects.create(event=event, effect=AvailabilityRule.Effect.OPEN)
    return event


def add_once(
    calendar: AvailabilityCalendar,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    *,
    effect: AvailabilityRule.Effect,
    reason: str = "",
    note: str = "",
    note_bg: str = "",
) -> AvailabilityRule:
    """Add an opening or a closure that does not recur."""
    event = Event.objects.create(
        calendar=calendar.calendar, title=note[:255], start=starts_at, end=ends_at
    )
    return AvailabilityRule.objects.create(
        event=event, effect=effect, reason=reason, note=note, note_bg=note_bg
    )


def remove(event: Event) -> None:
    """Delete an event with its rule: a rule alone would turn its series into one date."""
    rule = event.rule
    event.delete()
    if rule is not None:
        rule.delete()


def weekly_of(event: Event, zone: ZoneInfo) -> tuple[WeeklyHours, dt.date, dt.date | None]:
    """Return what `add_weekly` was given: the hours, since when and until when."""
    start, end = to_wall(event.start, zone), to_wall(event.end, zone)
    days = tuple(event.rule.params.removeprefix("byweekday:").split(","))
    opens = start.hour * 60 + start.minute
    closes = opens + int((end - start).total_seconds() // 60)
    until = event.end_recurring_period
    last = to_wall(until, zone).date() if until else None
    return WeeklyHours(days, opens, closes), start.date(), last
