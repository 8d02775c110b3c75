"""Publish hours, except dates, close: what a host says about when.

Publishing never touches a reservation: it lists those it hits, and the publisher
decides about each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext_lazy as _
from schedule.models import Calendar, Event, Occurrence

from booking.exceptions import HoursChanged
from booking.expander import to_wall
from booking.models import AvailabilityCalendar, AvailabilityRule, Reservation
from booking.permissions import require
from booking.selectors.hours import hours_version, weekly_events
from booking.services import calendars, ledger
from booking.services.open_periods import open_periods_rebuild, sharing_units
from booking.weekly import DAYS, WeeklyHours, at_wall, require_sane, weekly_of
from config import clock
from config.errors import Invalid, Missing
from labs.models import Resource, User

#: A closure is never longer; beyond that the resource is archived.
LONGEST_CLOSURE = dt.timedelta(days=366 * 2)
#: Beyond that a date is a slip of the keyboard, and arithmetic on it would overflow.
FARTHEST = dt.timedelta(days=366 * 10)


@dataclass(slots=True)
class Outcome:
    """What publishing did, or would do: the reservations that fall outside."""

    hits: list[Reservation] = field(default_factory=list)
    minutes_a_week: int = 0
    rule: AvailabilityRule | None = None


class _PreviewOnly(Exception):
    """Rolls a preview back."""


def managed_resource(actor: User, slug: str) -> Resource:
    """Return a resource that the actor manages; Missing (404) or Forbidden (403)."""
    visible = Resource.objects.visible_to(actor).select_related("site", "organisation")
    resource = visible.filter(slug=slug).first()
    if resource is None:
        raise Missing
    require(actor.is_hub_staff or resource.organisation_id in actor.managed_ids)
    return resource


def publish(
    resource: Resource, change: Callable[[AvailabilityCalendar], Outcome], preview: bool
) -> Outcome:
    """Run a change of hours under the units' lock and list what it hits.

    What changes hours, whoever decides about it, is done by this.
    The preview is the change itself, rolled back: the two cannot disagree.
    """
    outcome = Outcome()
    try:
        with ledger.writing():
            together = sharing_units([resource.pk])[resource.pk]
            ledger.lock_units(together)
            before = set(_outside(together))
            outcome = change(calendars.own_calendar(resource))
            open_periods_rebuild([resource.pk])
            hits = [pk for pk in _outside(together) if pk not in before]
            outcome.hits = list(
                Reservation.objects.filter(pk__in=hits).select_related(
                    "resource__site", "organisation", "requested_by"
                )
            )
            if preview:
                raise _PreviewOnly  # noqa: TRY301 - it must leave the transaction
    except _PreviewOnly:
        return outcome
    return outcome


def _outside(resource_ids: set[int]) -> list[int]:
    """Return the future reservations that occupy and lie outside of open periods."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.id FROM booking_reservation v
            WHERE v.resource_id = ANY(%s) AND v.ends_at > %s AND v.status <> 'held'
              AND EXISTS (
                SELECT 1 FROM booking_occupancy o WHERE o.reservation_id = v.id)
              AND NOT EXISTS (
                SELECT 1 FROM booking_openperiod p
                WHERE p.resource_id = v.resource_id
                  AND p.during @> tstzrange(v.starts_at, v.ends_at))
            """,
            [list(resource_ids), clock.now()],
        )
        return [row[0] for row in cursor.fetchall()]


def opening_hours_publish(
    *,
    actor: User,
    resource_slug: str,
    weekly: Sequence[WeeklyHours],
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    seen: str | None = None,
    preview: bool = False,
) -> Outcome:
    """Replace the weekly hours from a date (today) until and with another (for good).

    What held before goes on outside of that time. `seen` is the `hours_version` that
    the actor was looking at. Raises Missing, Forbidden, Invalid, HoursChanged.
    """
    resource = managed_resource(actor, resource_slug)
    require_sane(weekly)
    today = to_wall(clock.now(), resource.site.zone).date()
    for name, day in (("valid_from", valid_from), ("valid_until", valid_until)):
        _require_near(name, day, today)
    since = max(valid_from or today, today)
    if valid_until is not None and valid_until < since:
        raise Invalid({"valid_until": [_("The last day lies before the first.")]})

    def change(calendar: AvailabilityCalendar) -> Outcome:
        if seen is not None and seen != hours_version(resource):
            raise HoursChanged
        _carve(calendar, since, valid_until)
        for hours in weekly:
            event = calendars.add_weekly(calendar, hours, since, valid_until)
            if event is not None:
                _keep_dates(calendar, event)
        return Outcome(minutes_a_week=sum(h.minutes_a_week for h in weekly))

    return publish(resource, change, preview)


def _require_near(name: str, day: dt.date | None, today: dt.date) -> None:
    if day is not None and day - today > FARTHEST:
        raise Invalid({name: [_("That is too far ahead.")]})


def _carve(
    calendar: AvailabilityCalendar, since: dt.date, until: dt.date | None
) -> None:
    """Cut the weekly hours so that none falls between the two dates, both included."""
    day = dt.timedelta(days=1)
    by_hand = calendars.added_by_hand(calendar).values_list("event", "original_start")
    early = {
        event: to_wall(start, calendar.zone).date()
        for event, start in by_hand.order_by("-original_start")
    }
    for event in weekly_events(calendar):
        hours, first, last = weekly_of(event, calendar.zone)
        first = min(first, early.get(event.pk, first))
        if (last is not None and last < since) or (until is not None and first > until):
            continue
        later = None
        if until is not None and (last is None or last > until):
            later = calendars.add_weekly(calendar, hours, until + day, last)
        if later is not None:
            Occurrence.objects.filter(
                event=event, original_start__gte=later.start
            ).update(event=later)
            _keep_dates(calendar, later)
        if first < since:
            event.end_recurring_period = at_wall(since - day, 1439, calendar.zone)
            event.save(update_fields=["end_recurring_period"])
            Occurrence.objects.filter(
                event=event,
                original_start__gt=event.end_recurring_period,
            ).delete()
        else:
            calendars.remove(event)


def opening_date_set(
    *,
    actor: User,
    resource_slug: str,
    day: dt.date,
    hours: Sequence[tuple[int, int]],
    preview: bool = False,
) -> Outcome:
    """Say when it is open on one date, whatever the week says; no hours: not at all.

    `hours` are minutes after midnight. Saying it again replaces what was said.
    """
    resource = managed_resource(actor, resource_slug)
    today = to_wall(clock.now(), resource.site.zone).date()
    _require_near("date", day, today)
    if day < today:
        raise Invalid({"date": [_("That is over already.")]})
    letters = (DAYS[day.weekday()],)
    weekly = [WeeklyHours(letters, *span) for span in hours]
    require_sane(weekly)
    zone = resource.site.zone
    if not all(calendars.period_on(day, each, zone) for each in weekly):
        raise Invalid({"hours": [_("The clocks skip these hours on that date.")]})

    def change(calendar: AvailabilityCalendar) -> Outcome:
        _forget_date(calendar, day)
        for event in weekly_events(calendar):
            _cancel_on(event, calendar, day)
        for opens, closes in hours or [(0, 1440)]:
            rule = calendars.add_once(
                calendar,
                at_wall(day, opens, zone),
                at_wall(day, closes, zone),
                effect=AvailabilityRule.Effect.OPEN,
            )
            if not hours:
                # Kept, or hours that are published later would open that date.
                _cancel(rule.event, rule.event.start, rule.event.end)
        return Outcome()

    return publish(resource, change, preview)


def opening_date_forget(
    *, actor: User, resource_slug: str, day: dt.date, preview: bool = False
) -> Outcome:
    """Let the week's hours hold on that date again."""
    resource = managed_resource(actor, resource_slug)

    def change(calendar: AvailabilityCalendar) -> Outcome:
        _forget_date(calendar, day)
        return Outcome()

    return publish(resource, change, preview)


def _forget_date(calendar: AvailabilityCalendar, day: dt.date) -> None:
    midnight = at_wall(day, 0, calendar.zone)
    next_midnight = at_wall(day, 1440, calendar.zone)
    of_that_day = {"start__gte": midnight, "start__lt": next_midnight}
    exceptions = Occurrence.objects.filter(
        event__calendar=calendar.calendar,
        original_start__gte=midnight,
        original_start__lt=next_midnight,
    )
    by_hand = calendars.added_by_hand(calendar)
    exceptions.filter(pk__in=by_hand).update(cancelled=False)
    exceptions.exclude(pk__in=by_hand).delete()
    Event.objects.filter(
        calendar=calendar.calendar,
        rule__isnull=True,
        availability_rule__effect=AvailabilityRule.Effect.OPEN,
        **of_that_day,
    ).delete()


def _cancel_on(event: Event, calendar: AvailabilityCalendar, day: dt.date) -> None:
    hours, first, last = weekly_of(event, calendar.zone)
    if DAYS[day.weekday()] not in hours.days:
        return
    period = calendars.period_on(day, hours, calendar.zone)
    if period is None or (last is not None and day > last):
        return
    known = event.occurrence_set.filter(original_start=period.start)
    if not known.update(cancelled=True) and day >= first:
        _cancel(event, *period)


def _cancel(event: Event, start: dt.datetime, end: dt.datetime) -> None:
    Occurrence.objects.create(
        event=event,
        start=start,
        end=end,
        original_start=start,
        original_end=end,
        cancelled=True,
    )


def _keep_dates(calendar: AvailabilityCalendar, event: Event) -> None:
    """Let dates that have hours of their own keep them, whatever the new week says."""
    own = Event.objects.filter(
        calendar=calendar.calendar,
        rule__isnull=True,
        availability_rule__effect=AvailabilityRule.Effect.OPEN,
    )
    days = {
        to_wall(start, calendar.zone).date() for (start,) in own.values_list("start")
    }
    for day in days:
        _cancel_on(event, calendar, day)


def closure_add(
    *,
    actor: User,
    resource_slug: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    note: str = "",
    note_bg: str = "",
    preview: bool = False,
) -> Outcome:
    """Close a resource for a period; halls and parts that share a unit close with it.

    The same closure again is the one that is there. Raises Missing, Forbidden, and
    Invalid for reversed or past times and bad reasons.
    """
    resource = managed_resource(actor, resource_slug)
    if ends_at <= starts_at:
        raise Invalid({"ends_at": [_("The end must come after the start.")]})
    if ends_at <= clock.now():
        raise Invalid({"ends_at": [_("That is over already.")]})
    if starts_at - clock.now() > FARTHEST:
        raise Invalid({"starts_at": [_("That is too far ahead.")]})
    if ends_at - starts_at > LONGEST_CLOSURE:
        raise Invalid({"ends_at": [_("A closure lasts at most two years.")]})
    if reason not in AvailabilityRule.Reason.values:
        raise Invalid({"reason": [_("Choose one of the reasons.")]})

    def change(calendar: AvailabilityCalendar) -> Outcome:
        said = {"reason": reason, "note": note, "note_bg": note_bg}
        same = AvailabilityRule.objects.filter(
            event__calendar=calendar.calendar,
            event__start=starts_at,
            event__end=ends_at,
            effect=AvailabilityRule.Effect.CLOSED,
            outside_calendar=None,
            **said,
        ).first()
        closed = AvailabilityRule.Effect.CLOSED
        return Outcome(
            rule=same
            or calendars.add_once(calendar, starts_at, ends_at, effect=closed, **said)
        )

    return publish(resource, change, preview)


def closure_remove(*, actor: User, resource_slug: str, closure_id: int) -> None:
    """Take back a closure that was made here, of the resource's own calendar."""
    resource = managed_resource(actor, resource_slug)

    def change(calendar: AvailabilityCalendar) -> Outcome:
        rule = AvailabilityRule.objects.filter(
            pk=closure_id,
            effect=AvailabilityRule.Effect.CLOSED,
            event__calendar=calendar.calendar,
            outside_calendar=None,
        ).first()
        if rule is None:
            raise Missing
        calendars.remove(rule.event)
        return Outcome()

    publish(resource, change, preview=False)


def shared_calendars_set(
    *, actor: User, resource_slug: str, slugs: Sequence[str], preview: bool = False
) -> Outcome:
    """Say which shared calendars (holidays, a building's hours) apply to a resource."""
    resource = managed_resource(actor, resource_slug)
    found = AvailabilityCalendar.objects.filter(
        resource__isnull=True, calendar__slug__in=slugs
    )
    if found.count() != len(set(slugs)):
        raise Invalid({"calendars": [_("There is no such shared calendar.")]})

    def change(calendar: AvailabilityCalendar) -> Outcome:
        # Who fills one of them at this moment does not know the resource yet: wait.
        filled = Calendar.objects.filter(availability__in=found).order_by("pk")
        list(filled.select_for_update(no_key=True))
        resource.shared_calendars.set(found)
        return Outcome()

    return publish(resource, change, preview)
