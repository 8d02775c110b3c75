"""Loads the example hub into an empty database."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence

from booking.demo.agreements import agreements_make
from booking.demo.deciding import deciding_play
from booking.demo.desk import desk_play
from booking.demo.diary import Diary
from booking.demo.hours import hours_publish
from booking.demo.joining import joining_create
from booking.demo.kits import kits_play
from booking.demo.lives import Life
from booking.demo.outside import outside_play
from booking.demo.photos import photos_hang
from booking.demo.places import hub_create
from booking.demo.plans import plans_draw
from booking.demo.qualifications import qualifications_grant
from booking.demo.series import series_play
from booking.demo.stories import (
    favourites_keep,
    night_shift,
    open_form,
    slots_keep_free,
    stories_plan,
    stories_play,
)
from booking.demo.terms import terms_make
from booking.demo.weeks import Weeks
from booking.models import History, Reservation
from booking.periods import Period
from booking.services import ledger
from booking.services.holidays import holiday_calendar_fill
from booking.signals import hub_loaded
from config import clock
from labs.models import Organisation

#: Always the same weeks, relative to the day: what is shown can be talked about.
SEED = 1927
#: More than the weeks that are filled, and than a story waits for its date.
AROUND = dt.timedelta(days=30)


def hub_is_empty() -> bool:
    return not Organisation.objects.exists()


def hub_load(say: Callable[[str], object]) -> None:
    """Write the example hub, telling of each step; only ever into an empty one.

    All in one transaction, but for the stories: a load that fails leaves no half hub.
    """
    now, today = clock.now(), clock.today()
    holidays = holiday_calendar_fill()
    with ledger.writing():
        hub = hub_create()
        plans_draw()
        joining_create()
        granted = qualifications_grant()
        say(f"{len(hub.people) + len(hub.staff)} people, {len(hub.places)} resources")
        say(f"{granted} qualifications")
        hours_publish(hub.places.values(), holidays, today)
        say("opening hours, closures, public holidays")
        diary = Diary(Period(now - AROUND, now + AROUND))
        favourites_keep(hub)
        slots_keep_free(hub, diary, today)
        stories = stories_plan(hub, diary, now, today)
        rng = random.Random(SEED)  # noqa: S311 - no secret
        weeks = Weeks(hub, diary, now, today, rng)
        lives = [*night_shift(weeks)]
        held = open_form(weeks)
        lives += weeks.fill()
        reservations_write(lives, held)
        say(f"{len(lives)} reservations of the weeks around today")
    stories_play(hub, stories)
    kits_play(hub, today)
    desk_play(hub, today)
    outside_play(hub, today)
    agreements_make(hub, today)
    series_play(hub, today)
    deciding_play(hub, today)
    terms_make(hub)
    say(f"{len(stories)} of today")
    say(f"{photos_hang(hub)} pictures, drawn for it")
    hub_loaded.send(sender=Organisation)


def reservations_write(
    lives: Sequence[Life], held: Sequence[tuple[Reservation, list[int]]]
) -> None:
    """Write reservations with their histories, and what occupies into the ledger."""
    made = [(life.reservation(), life.units) for life in lives]
    rows = [*made, *held]
    Reservation.objects.bulk_create([reservation for reservation, _ in rows])
    for life, (reservation, _units) in zip(lives, made, strict=True):
        for step in life.steps:
            step.reservation = reservation
    History.objects.bulk_create([step for life in lives for step in life.steps])
    ledger.occupy_many(row for row in rows if row[0].occupies)
