"""Would it be possible, and if not, why: nothing is written, nothing is locked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from booking.models import Reservation
from booking.models.reservation import Status
from booking.rules import Finding, Rule, judged
from booking.selectors.alternatives import alternatives_for
from booking.selectors.facts import Party, Wish
from booking.selectors.limits import facts_in_full
from booking.selectors.takers import Taker, are_free, taker_of
from booking.selectors.waiting import usual_waiting
from booking.services.answer_files import with_files
from booking.services.paths import request_begin
from booking.services.reservations import organisation_for, resource_seen_by
from config import clock
from labs.models import User


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What each rule found and needs, who has the slot, what else there is.

    `usual` is how long a decision usually takes, None where too few were taken.
    """

    judged: list[tuple[Rule, Finding]]
    is_free: bool
    taker: Taker | None
    needs_approval: bool
    decide_by: dt.datetime | None
    usual: dt.timedelta | None
    nearest: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_feasible(self) -> bool:
        is_right = all(finding.wrong is None for _rule, finding in self.judged)
        return is_right and self.is_free


def reservation_check(
    *, actor: User, resource_slug: str, organisation_slug: str, wish: Wish
) -> Feasibility:
    """Judge a wish as `reservation_reserve` would, and write nothing.

    Raises Missing (404), Forbidden (403), Invalid (400) as that does.
    """
    resource = resource_seen_by(actor, resource_slug)
    guest = organisation_for(actor, organisation_slug)
    now = clock.now()
    wish = replace(wish, answers=with_files(actor, wish.answers))
    party = Party(actor.pk, guest.pk)
    gathered = facts_in_full(resource.pk, wish, now, party)
    would = Reservation(resource=resource, organisation=guest)
    request_begin(would, gathered.policy, wish, now)
    is_free = are_free(actor, gathered, wish, now)
    found = Feasibility(
        judged(gathered.facts),
        is_free,
        None if is_free else taker_of(actor, resource, wish),
        would.status == Status.PENDING,
        would.lapses_at,
        usual_waiting([resource]).get(resource.pk),
    )
    if found.is_feasible:
        return found
    nearest = alternatives_for(actor, resource, wish, guest=guest.pk)
    return replace(found, nearest=nearest)
