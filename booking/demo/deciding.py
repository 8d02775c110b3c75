"""How some hosts decide: by rules, and by deputies while they are away."""

from __future__ import annotations

import datetime as dt

from booking.demo import data
from booking.demo.places import Hub
from booking.services.approval_rules import approval_rule_add
from booking.services.delegations import delegation_make

DAY = dt.timedelta(days=1)


def deciding_play(hub: Hub, today: dt.date) -> None:
    """Set the rules and name the deputies, through the services."""
    stories = data.read("stories")
    for row in stories["rule"]:
        given = {name: value for name, value in row.items() if name != "by"}
        approval_rule_add(actor=hub.people[row["by"]].user, **given)
    for row in stories["deputy"]:
        first = today + row["day"] * DAY
        delegation_make(
            actor=hub.people[row["by"]].user,
            organisation_slug=row["organisation"],
            deputy_email=row["deputy"],
            starts_on=first,
            ends_on=first + (row["days"] - 1) * DAY,
        )
