"""Who is told what; pure, so that every row of the table is a test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booking.models import History
from booking.models.reservation import Status
from notifications.audience import KINDS, SILENT, Parties, Place, people_told

GUEST, MANAGER, FELLOW, STAFF, OTHER = 1, 2, 3, 4, 9
PARTIES = Parties(
    guests=frozenset({GUEST}),
    managers=frozenset({MANAGER, FELLOW}),
    staff=frozenset({STAFF}),
)
Action = History.Action
PENDING, APPROVED = Status.PENDING, Status.APPROVED


@pytest.mark.parametrize(
    ("action", "change", "actor", "told"),
    [
        (Action.REQUESTED, ("", PENDING), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.REQUESTED, ("", PENDING), STAFF, {GUEST, MANAGER, FELLOW}),
        (Action.HANDED_OVER, (APPROVED, APPROVED), OTHER, {GUEST}),
        (Action.HANDED_OVER, (APPROVED, APPROVED), GUEST, set()),
        (Action.RESERVED, ("", APPROVED), GUEST, {GUEST, MANAGER, FELLOW}),
        (Action.RESERVED, ("", APPROVED), MANAGER, {GUEST, FELLOW}),
        (Action.APPROVED, (PENDING, APPROVED), MANAGER, {GUEST}),
        (Action.APPROVED, (PENDING, APPROVED), GUEST, set()),
        (Action.DECLINED, (PENDING, Status.DECLINED), STAFF, {GUEST}),
        (Action.ASKED, (PENDING, PENDING), STAFF, {GUEST}),
        (Action.MOVE_ASKED, (APPROVED, APPROVED), MANAGER, {GUEST}),
        (Action.MOVE_ASKED, (PENDING, PENDING), STAFF, {GUEST}),
        (Action.ANSWERED, (PENDING, PENDING), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.EXPIRED, (PENDING, Status.EXPIRED), None, {GUEST}),
        (Action.MISSED, (APPROVED, Status.NO_SHOW), None, {GUEST, MANAGER, FELLOW}),
        (Action.MISSED, (APPROVED, Status.NO_SHOW), MANAGER, {GUEST, FELLOW}),
        (Action.CANCELLED, (APPROVED, Status.CANCELLED), GUEST, {MANAGER, FELLOW}),
        (Action.CANCELLED, (APPROVED, Status.CANCELLED), MANAGER, {GUEST}),
        (
            Action.CANCELLED,
            (PENDING, Status.CANCELLED),
            STAFF,
            {GUEST, MANAGER, FELLOW},
        ),
        (
            Action.CANCELLED,
            (APPROVED, Status.CANCELLED),
            OTHER,
            {GUEST, MANAGER, FELLOW},
        ),
        (Action.MOVED, (APPROVED, APPROVED), GUEST, {MANAGER, FELLOW}),
        (Action.MOVED, (APPROVED, APPROVED), MANAGER, {GUEST}),
        (Action.MOVED, (APPROVED, PENDING), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.MOVED, (PENDING, PENDING), OTHER, {GUEST, MANAGER, FELLOW, STAFF}),
        (Action.MOVED, (PENDING, PENDING), MANAGER, {GUEST}),
        (Action.COUNTERED, (PENDING, PENDING), MANAGER, {GUEST}),
        (Action.OFFERED, ("", Status.HELD), None, {GUEST}),
        (Action.ACCEPTED, (PENDING, PENDING), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.ACCEPTED, (PENDING, APPROVED), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.PASSED, (PENDING, PENDING), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.PASSED, (PENDING, PENDING), None, {MANAGER, FELLOW, STAFF}),
        (Action.PASSED, (Status.HELD, Status.CANCELLED), GUEST, set()),
    ],
)
def test_people_told(
    action: str, change: tuple[str, str], actor: int | None, told: set[int]
) -> None:
    _before, to_status = change

    assert told == people_told(
        action=action,
        to_status=to_status,
        actor_id=actor,
        of=PARTIES,
    )


@pytest.mark.parametrize("action", sorted(SILENT))
def test_people_told__silent__nobody(action: str) -> None:
    told = people_told(
        action=action,
        to_status=Status.COMPLETED,
        actor_id=None,
        of=PARTIES,
    )

    assert told == frozenset()


def test_kinds__every_action_is_told_or_silent() -> None:
    assert set(KINDS) | SILENT == set(Action)


def of(turn: str, level: int = 0, deputies: set[int] | None = None) -> Parties:
    return replace(
        PARTIES, turn=turn, level=level, deputies=frozenset(deputies or set())
    )


@pytest.mark.parametrize(
    ("action", "parties", "actor", "told"),
    [
        (Action.REQUESTED, of("host"), GUEST, {MANAGER, FELLOW}),
        (Action.REQUESTED, of("hub"), GUEST, {STAFF}),
        (Action.REQUESTED, of("host", deputies={OTHER}), GUEST, {MANAGER, FELLOW, 9}),
        (Action.STAGE_APPROVED, of("hub"), MANAGER, {GUEST, STAFF}),
        (Action.STAGE_APPROVED, of("either"), MANAGER, {GUEST, FELLOW, STAFF}),
        (Action.ESCALATED, of("host", 1), None, {MANAGER, FELLOW}),
        (Action.ESCALATED, of("host", 2, {OTHER}), None, {OTHER}),
        (Action.ESCALATED, of("host", 3, {OTHER}), None, {STAFF}),
        (Action.APPROVED, of("hub"), STAFF, {GUEST, MANAGER, FELLOW}),
        (Action.ANSWERED, of("host", 3), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.CHANGED, of("hub"), GUEST, {MANAGER, FELLOW, STAFF}),
        (Action.CHANGED, of("host"), MANAGER, {GUEST}),
    ],
)
def test_people_told__by_whose_turn_it_is(
    action: str, parties: Parties, actor: int | None, told: set[int]
) -> None:
    status = APPROVED if action == Action.APPROVED else PENDING
    assert told == people_told(
        action=action, to_status=status, actor_id=actor, of=parties
    )


@pytest.mark.parametrize(
    ("place", "told"),
    [(Place.FIRST, {GUEST, MANAGER, FELLOW}), (Place.LATER, {FELLOW, MANAGER})],
)
def test_people_told__of_a_kit__the_guest_once(place: Place, told: set[int]) -> None:
    for action in (Action.RESERVED, Action.REQUESTED):
        of_staff = {STAFF} if action == Action.REQUESTED else set()
        found = people_told(
            action=action, to_status=PENDING, actor_id=GUEST, of=PARTIES, place=place
        )
        assert found == told | of_staff


def test_people_told__handed_over__the_former_as_well() -> None:
    found = people_told(
        action=Action.HANDED_OVER,
        to_status=APPROVED,
        actor_id=MANAGER,
        of=PARTIES,
        former=frozenset({OTHER}),
    )
    assert found == {GUEST, OTHER}
