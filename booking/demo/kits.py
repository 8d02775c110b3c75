"""Several resources of several hosts, asked for at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from booking.demo import data
from booking.demo.places import Hub
from booking.demo.stories import days_from
from booking.exceptions import PartsRefused
from booking.selectors.facts import Wish
from booking.services.kits import PartWish, kit_reserve
from booking.weekly import at_wall, parse_clock


def kits_play(hub: Hub, today: dt.date) -> None:
    """Ask for each kit, on the first day on which all of it can be had."""
    for row in data.read("stories")["kit"]:
        for day in days_from(today, row["day"]):
            if _asked(hub, row, day):
                break


def _asked(hub: Hub, row: dict[str, Any], day: dt.date) -> bool:
    guest = hub.people[row["by"]]
    parts = [PartWish(part["resource"], part["quantity"]) for part in row["parts"]]
    zone = hub.places[parts[0].resource_slug].resource.site.zone
    starts_at = at_wall(day, parse_clock(row["at"]), zone)
    ends_at = starts_at + dt.timedelta(minutes=row["minutes"])
    try:
        kit_reserve(
            actor=guest.user,
            organisation_slug=guest.organisation.slug,
            parts=parts,
            wish=Wish(starts_at, ends_at, row["people"]),
            purpose=row["purpose"],
        )
    except PartsRefused:
        return False
    return True
