"""What a host is in the middle of: a draft, and a closure that hits something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from booking.demo import data
from booking.demo.places import Hub
from booking.demo.stories import PATIENCE
from booking.services.availability import closure_add
from booking.services.hits import Choice, Wanted, hits_decide
from booking.weekly import at_wall
from labs.models import User
from labs.services.resources import resource_create

DAY = dt.timedelta(days=1)


def desk_play(hub: Hub, today: dt.date) -> None:
    """Begin a draft, and close for a day; through the services."""
    row = dict(data.read("stories")["draft"])
    resource_create(actor=hub.people[row.pop("by")].user, **row)
    row = data.read("stories")["closure"]
    actor = hub.people[row["by"]].user
    for ahead in range(row["day"], row["day"] + PATIENCE):
        if _closed(hub, actor, row, today + ahead * DAY):
            return


def _closed(hub: Hub, actor: User, row: Mapping[str, Any], day: dt.date) -> bool:
    """Close on that day, if it hits something."""
    zone = hub.places[row["resource"]].resource.site.zone
    given = {name: row[name] for name in ("reason", "note", "note_bg")}
    given |= {"actor": actor, "resource_slug": row["resource"]}
    given |= {"starts_at": at_wall(day, 0, zone), "ends_at": at_wall(day, 1440, zone)}
    if not closure_add(preview=True, **given).hits:
        return False
    kept, *others = closure_add(**given).hits
    wanted = {hit.reference: Wanted(Choice.MOVE, hit.version) for hit in others}
    wanted |= {kept.reference: Wanted(Choice.KEEP, kept.version)}
    hits_decide(actor=actor, wanted=wanted, reason=row["tell"])
    return True
