"""What a host of the example hub asks, hours it keeps for some, and answers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from booking.demo import data
from booking.demo.places import Hub
from booking.demo.stories import days_from
from booking.exceptions import RuleViolation, SlotTaken
from booking.models import Programme
from booking.questions import Asked
from booking.selectors.facts import Wish
from booking.selectors.terms import terms_for
from booking.services.answer_files import answer_file_add
from booking.services.questions import questions_set
from booking.services.reservations import reservation_reserve
from booking.services.restricting import restricted_hours_add
from booking.weekly import at_wall, parse_clock
from labs.models import Resource

SHEET = b"%PDF-1.4\n% An example of a safety data sheet.\n"


def asking_play(hub: Hub, today: dt.date) -> None:
    """Ask, keep hours, and answer once, on the first day that is free."""
    words, staff = data.read("asking"), hub.staff[0]
    for row in words["ask"]:
        of = Resource.objects.get(slug=row["resource"])
        asked = [Asked("", **_frozen(each)) for each in row["questions"]]
        questions_set(actor=staff, resource=of, questions=asked)
    for row in words["hours"]:
        hours = dict(row)
        of = Resource.objects.get(slug=hours.pop("resource"))
        running = list(Programme.objects.all()) if hours.pop("programmes") else []
        restricted_hours_add(actor=staff, resource=of, programmes=running, **hours)
    for row in words["answered"]:
        for day in days_from(today, row["day"]):
            if _answered(hub, row, day):
                break


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "choices": tuple(row.get("choices", ()))}


def _answered(hub: Hub, row: dict[str, Any], day: dt.date) -> bool:
    guest, place = hub.people[row["by"]], hub.places[row["resource"]]
    of = place.resource
    starts_at = at_wall(day, parse_clock(row["at"]), of.site.zone)
    ends_at = starts_at + dt.timedelta(minutes=row["minutes"])
    sheet = answer_file_add(
        actor=guest.user, file=io.BytesIO(SHEET), size=len(SHEET), name=row["sheet"]
    )
    given = [*row["answers"], {"file": str(sheet.pk)}]
    keys = of.questions.values_list("key", flat=True)
    terms = terms_for(of)
    wish = Wish(
        starts_at,
        ends_at,
        row["people"],
        accepts=terms.pk if terms else None,
        answers=dict(zip(keys, given, strict=True)),
    )
    try:
        reservation_reserve(
            actor=guest.user,
            resource_slug=of.slug,
            organisation_slug=guest.organisation.slug,
            wish=wish,
            purpose=row["purpose"],
        )
    except (SlotTaken, RuleViolation):
        return False
    return True
