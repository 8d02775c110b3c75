"""What a host chooses for the reservations that a change of hours hits."""

from __future__ import annotations

from typing import Any

import pytest

from booking.exceptions import ChangedMeanwhile, HoursChanged, WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.selectors.hours import hours_version
from booking.services.availability import closure_add, opening_hours_publish
from booking.services.decisions import reservation_ask_to_move
from booking.services.hits import Choice, Wanted, choices_at, hits_decide
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import reservation_move
from config.errors import Forbidden, Invalid, Missing
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at, wish


def as_seen(choice: Choice, *hits: Reservation) -> dict[str, Wanted]:
    return {hit.reference: Wanted(choice, hit.version) for hit in hits}


def test_decide__each_as_chosen__and_the_ledger_agrees(cast: Cast) -> None:
    kept, asked, gone = (reserve(cast.lab, cast.booker, wish(h)) for h in (10, 12, 14))
    outcome = closure_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=tomorrow_at(0),
        ends_at=tomorrow_at(0, days=2),
        reason="maintenance",
    )
    assert {hit.reference for hit in outcome.hits} == {
        each.reference for each in (kept, asked, gone)
    }
    wanted = as_seen(Choice.KEEP, kept) | as_seen(Choice.MOVE, asked)
    wanted |= as_seen(Choice.CANCEL, gone)
    decided = hits_decide(actor=cast.manager, wanted=wanted, reason=" New floor ")
    assert [each.refusal for each in decided] == [None] * 3
    for each in (kept, asked, gone):
        each.refresh_from_db()
    assert (kept.status, kept.version) == (Status.APPROVED, 1)
    assert (asked.status, asked.version) == (Status.APPROVED, 2)
    assert (gone.status, gone.reason) == (Status.CANCELLED, "New floor")
    last = asked.history.last()
    assert last is not None
    assert (last.action, last.actor, last.reason) == (
        History.Action.MOVE_ASKED,
        cast.manager,
        "New floor",
    )
    assert asked.occupancy.exists()
    assert not gone.occupancy.exists()
    assert_all_is_well()


def test_decide__one_changed_meanwhile__is_left_and_the_others_done(cast: Cast) -> None:
    moved, over, gone = (reserve(cast.lab, cast.booker, wish(h)) for h in (10, 12, 14))
    wanted = as_seen(Choice.MOVE, moved, over) | as_seen(Choice.CANCEL, gone)
    start = tomorrow_at(16)
    reservation_move(
        actor=cast.booker,
        reference=moved.reference,
        starts_at=start,
        ends_at=start + HOUR,
    )
    reservation_cancel(actor=cast.booker, reference=over.reference)
    wanted[over.reference] = Wanted(Choice.MOVE, 2)
    decided = hits_decide(actor=cast.manager, wanted=wanted, reason="Floor")
    refusals = [type(each.refusal) for each in decided]
    assert refusals == [ChangedMeanwhile, WrongStatus, type(None)]
    moved.refresh_from_db()
    assert (moved.starts_at, moved.version) == (start, 2)


def test_decide__without_a_reason__nothing_is_done(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    with pytest.raises(Invalid):
        hits_decide(
            actor=cast.manager, wanted=as_seen(Choice.CANCEL, made), reason="  "
        )
    made.refresh_from_db()
    assert made.status == Status.APPROVED
    kept = hits_decide(actor=cast.manager, wanted=as_seen(Choice.KEEP, made), reason="")
    assert kept[0].refusal is None


def test_decide__of_another_host__is_refused(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    wanted = as_seen(Choice.CANCEL, made)
    decided = hits_decide(actor=cast.stranger, wanted=wanted, reason="Mine now")
    assert isinstance(decided[0].refusal, Missing)
    made.refresh_from_db()
    assert made.status == Status.APPROVED


def test_ask_to_move__who_may(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    for actor, refusal in ((cast.booker, Forbidden), (cast.stranger, Missing)):
        with pytest.raises(refusal):
            reservation_ask_to_move(
                actor=actor, reference=made.reference, reason="Please"
            )
    for actor in (cast.manager, cast.staff):
        reservation_ask_to_move(actor=actor, reference=made.reference, reason="Please")
    assert made.history.filter(action="move_asked").count() == 2


@pytest.mark.parametrize("status", list(Status))
def test_choices__what_the_services_would_refuse_is_not_offered(status: Status) -> None:
    can = {
        Status.PENDING: {Choice.MOVE, Choice.CANCEL},
        Status.APPROVED: {Choice.MOVE, Choice.CANCEL},
    }.get(status, set())
    assert set(choices_at(status)) == can | {Choice.KEEP}


def test_closure__sent_twice__is_one(cast: Cast) -> None:
    def close(note: str) -> int:
        made = closure_add(
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            starts_at=tomorrow_at(8),
            ends_at=tomorrow_at(12),
            reason="other",
            note=note,
        )
        assert made.rule is not None
        return made.rule.pk

    assert close("Visit") == close("Visit")
    assert close("Visit") != close("Another visit")


def test_hours__of_who_saw_others__are_refused_under_the_lock(cast: Cast) -> None:
    seen = hours_version(cast.lab)
    factories.publish(cast.lab, factories.OFFICE_HOURS)
    for stale, refused in ((seen, True), (hours_version(cast.lab), False)):
        given: dict[str, Any] = {
            "actor": cast.manager,
            "resource_slug": cast.lab.slug,
            "weekly": factories.ALL_DAY,
            "seen": stale,
        }
        if refused:
            with pytest.raises(HoursChanged):
                opening_hours_publish(**given)
        else:
            opening_hours_publish(**given)
