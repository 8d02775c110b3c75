"""What is said of paths, rules, decisions and reasons, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Decision, Reservation
from booking.models.paths import Path, Turn
from booking.models.reservation import Status
from booking.permissions import decides_for, is_entitled
from booking.words import length_text
from labs.models import Organisation, User


def names_of(rules: Iterable[Mapping[str, Any] | None]) -> dict[int, str]:
    """Return the names of the organisations that rules speak of; at most one query."""
    ids = {pk for rule in rules if rule for pk in rule["organisations"]}
    if not ids:
        return {}
    found = Organisation.objects.filter(pk__in=ids)
    return {each.pk: each.local_name for each in found}


def rule_text(rule: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Return the conditions of a rule, such as: the host’s own people; at most 4 h."""
    parts = []
    if rule["own_organisation"]:
        parts.append(_("the host’s own people"))
    if rule["organisations"]:
        known = [names[pk] for pk in rule["organisations"] if pk in names]
        parts.append(", ".join(sorted(known)) or _("organisations that are gone"))
    if rule["at_most_minutes"]:
        length = length_text(rule["at_most_minutes"])
        parts.append(_("at most %(length)s") % {"length": length})
    return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a path, as it is shown: who, and what they did or have to do."""

    turn: str
    who: str
    state: str
    decisions: list[Decision]
    missing: int = 0


def path_steps(reservation: Reservation) -> list[Step]:
    """Return the stages of a request: done, now, or later; no query of its own."""
    waits = reservation.status == Status.PENDING
    standing = reservation.standing
    found = []
    for number, turn in enumerate(reservation.stages):
        decisions = [each for each in standing if each.stage == number]
        state, missing = "later", 0
        if waits and number == reservation.stage:
            state = "now"
            if reservation.path == Path.SEVERAL:
                missing = reservation.approvals_needed - len(decisions)
        elif decisions:
            state = "done"
        found.append(
            Step(turn, who_decides(reservation, turn), state, decisions, missing)
        )
    return found


def who_decides(reservation: Reservation, turn: str) -> str:
    """Return the host's name, hub staff, or both."""
    host = reservation.resource.organisation.local_name
    if turn == Turn.HUB:
        return _("Hub staff")
    if turn == Turn.HOST:
        return host
    return _("%(host)s or hub staff") % {"host": host}


def away_of(viewer: User, reservation: Reservation) -> User | None:
    """Return for whom the viewer would decide, where it is not in their own right."""
    if is_entitled(viewer, reservation, reservation.turn):
        return None
    return decides_for(viewer, reservation, reservation.turn)
