"""What is set by hand: slots that stay free, and what happens during the loading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from booking.demo import data
from booking.demo.diary import Diary
from booking.demo.lives import HOUR, Life
from booking.demo.places import Hub
from booking.demo.weeks import Weeks, first_free
from booking.models import Reservation
from booking.models.reservation import Status
from booking.periods import Period
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Wish
from booking.services.decisions import (
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_decline,
)
from booking.services.favourites import favourite_set
from booking.services.holds import HOLD
from booking.services.lifecycle import reservation_cancel
from booking.services.offers import reservation_counter
from booking.services.reservations import reservation_reserve
from booking.services.waiting import Want, waiting_join
from booking.weekly import at_wall, parse_clock
from labs.models import User

DAY = dt.timedelta(days=1)
#: A story waits at most so many days for its time to be free.
PATIENCE = 14

DEEDS: dict[str, Callable[..., Reservation]] = {
    "answer": reservation_answer,
    "approve": reservation_approve,
    "ask": reservation_ask,
    "cancel": reservation_cancel,
    "decline": reservation_decline,
}


@dataclass(frozen=True)
class Story:
    """A request with its date, ready to be played."""

    row: dict[str, Any]
    wish: Wish


def favourites_keep(hub: Hub) -> None:
    for row in data.read("stories")["favourite"]:
        for slug in row["resources"]:
            actor = hub.people[row["by"]].user
            favourite_set(actor=actor, resource_slug=slug, kept=True)


def slots_keep_free(hub: Hub, diary: Diary, today: dt.date) -> None:
    """See to it that the weeks leave those slots alone."""
    for row in data.read("stories")["keep_free"]:
        place = hub.places[row["resource"]]
        day, zone = today + row["day"] * DAY, place.resource.site.zone
        times = (at_wall(day, parse_clock(row[key]), zone) for key in ("from", "until"))
        diary.block(place, Period(*times), quantity=len(place.units))


def stories_plan(
    hub: Hub, diary: Diary, now: dt.datetime, today: dt.date
) -> list[Story]:
    """Find a date for each story, before the weeks are filled."""
    found = []
    for row in data.read("stories")["story"]:
        slot = first_free(
            diary,
            hub.places[row["resource"]],
            days_from(today, row["day"]),
            row["at"],
            row["minutes"],
            now,
            people=row["people"],
        )
        if slot:
            found.append(Story(row, slot[0]))
    return found


def days_from(today: dt.date, day: int) -> Sequence[dt.date]:
    return [today + (day + more) * DAY for more in range(PATIENCE)]


def stories_play(hub: Hub, stories: Sequence[Story]) -> None:
    """Let everybody do what they do, through the services and their rules."""
    users = {email: person.user for email, person in hub.people.items()}
    for story in stories:
        row = story.row
        if row.get("waits"):
            _wait(hub, row, row["resource"], story.wish)
            continue
        made = reservation_reserve(
            actor=users[row["by"]],
            resource_slug=row["resource"],
            organisation_slug=hub.people[row["by"]].organisation.slug,
            wish=story.wish,
            purpose=row["purpose"],
            guest=row.get("for", ""),
        )
        for step in row.get("steps", ()):
            if step["do"] == "counter":
                _counter(users[step["by"]], made, step["reason"])
                continue
            said = {name: step[name] for name in ("reason", "code") if name in step}
            DEEDS[step["do"]](actor=users[step["by"]], reference=made.reference, **said)
        for waits in row.get("waiting", ()):
            _wait(hub, waits, row["resource"], story.wish)


def _wait(hub: Hub, row: dict[str, Any], resource: str, wish: Wish) -> None:
    """Get in line for just that time; where it is free it is offered at once."""
    minutes = int((wish.ends_at - wish.starts_at).total_seconds()) // 60
    waiting_join(
        actor=hub.people[row["by"]].user,
        resource_slug=resource,
        organisation_slug=hub.people[row["by"]].organisation.slug,
        want=Want(wish.starts_at, wish.ends_at, minutes, row["people"]),
        purpose=row["purpose"],
    )


def _counter(actor: User, request: Reservation, reason: str) -> None:
    """Offer the nearest other time of the same resource."""
    wish = Wish(request.starts_at, request.ends_at, request.people, request.quantity)
    rows = alternatives_for(actor, request.resource, wish, apart_from=request)
    for row in rows:
        if row["resource"] == request.resource.slug and row["why"] == "other_day":
            reservation_counter(
                actor=actor,
                reference=request.reference,
                starts_at=row["starts_at"],
                ends_at=row["ends_at"],
                reason=reason,
            )
            return


def night_shift(weeks: Weeks) -> Iterator[Life]:
    """Yield what is in use at whatever hour the hub is loaded: a server renders."""
    place = weeks.hub.places["render-nodes"]
    hour = weeks.now.replace(minute=0, second=0, microsecond=0)
    wish = Wish(hour - 2 * HOUR, hour + 5 * HOUR, people=1, quantity=2)
    guest = weeks.hub.people["lachezar@vrabche.example"]
    yield from weeks.live(place, guest, wish, hour - 4 * DAY, Status.IN_USE)


def open_form(weeks: Weeks) -> list[tuple[Reservation, list[int]]]:
    """Return a slot that is held while somebody fills in the form."""
    place = weeks.hub.places["edit-suite-2"]
    guest = weeks.hub.people["gabriela@podlez.example"]
    days = days_from(weeks.today, 2)
    slot = first_free(weeks.diary, place, days, "12:00", 240, weeks.now)
    if slot is None:
        return []
    wish, units = slot
    held = Reservation(
        resource=place.resource,
        organisation=guest.organisation,
        requested_by=guest.user,
        status=Status.HELD,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        free_at=wish.ends_at + place.policy.turnaround,
        lapses_at=weeks.now + HOLD,
        created_at=weeks.now,
    )
    return [(held, units)]
