"""Amending a reservation: what asks for approval again, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from booking.exceptions import ChangedMeanwhile, RuleViolation, SlotTaken, WrongStatus
from booking.models import Occupancy, Reservation
from booking.models.reservation import Status
from booking.services.approval_rules import approval_rule_add
from booking.services.decisions import reservation_approve
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import reservation_change
from config.errors import Forbidden, Invalid, Missing
from labs.models import User
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at, wish

pytestmark = pytest.mark.django_db(transaction=True)


def approved(cast: Cast, path: str = "any") -> Reservation:
    factories.set_policy(cast.studio, approval_path=path)
    made = reserve(cast.studio, cast.booker)
    reservation_approve(actor=cast.manager, reference=made.reference)
    if path == "host_hub":
        reservation_approve(actor=cast.staff, reference=made.reference)
    made.refresh_from_db()
    assert made.status == Status.APPROVED
    return made


def change(by: User, made: Reservation, **wanted: Any) -> Reservation:
    return reservation_change(actor=by, reference=made.reference, **wanted)


def last(made: Reservation) -> Any:
    row = made.history.last()
    assert row is not None
    return row.action, row.changes


def test_change__purpose__stays_approved_and_says_before_and_after(cast: Cast) -> None:
    made = approved(cast)
    done = change(cast.booker, made, purpose="Recording the second pilot")
    assert (done.status, done.decided_by) == (Status.APPROVED, cast.manager)
    purposes = ["Recording a pilot", "Recording the second pilot"]
    assert last(made) == ("changed", {"purpose": purposes})


@pytest.mark.parametrize("what", ["people", "time", "resource"])
def test_change__what_matters_by_a_guest__waits_for_the_whole_path_again(
    cast: Cast, what: str
) -> None:
    made = approved(cast, "host_hub")
    factories.set_policy(cast.lab, approval_path="host_hub")
    changes_of: dict[str, dict[str, Any]] = {
        "people": {"people": 3},
        "time": {"starts_at": tomorrow_at(14), "ends_at": tomorrow_at(16)},
        "resource": {"resource_slug": cast.lab.slug},
    }
    done = change(cast.booker, made, **changes_of[what])
    assert (done.status, done.stage, done.turn) == (Status.PENDING, 0, "host")
    assert (done.decided_by, done.decided_at) == (None, None)
    assert done.lapses_at is not None
    assert not made.decisions.filter(stands=True).exists()
    action, changes = last(made)
    assert action == "changed"
    assert "purpose" not in changes
    assert len(changes) == (2 if what == "time" else 1)
    # Both decide anew, and the same people may.
    reservation_approve(actor=cast.manager, reference=made.reference)
    done = reservation_approve(actor=cast.staff, reference=made.reference)
    assert done.status == Status.APPROVED
    assert_all_is_well()


@pytest.mark.parametrize("who", ["manager", "staff"])
def test_change__by_the_hosts_side__stays_approved(cast: Cast, who: str) -> None:
    made = approved(cast)
    done = change(getattr(cast, who), made, people=3, starts_at=tomorrow_at(9))
    assert (done.status, done.people) == (Status.APPROVED, 3)
    assert done.starts_at == tomorrow_at(9)


def test_change__rule_holds_for_it__is_approved_at_once(cast: Cast) -> None:
    approval_rule_add(
        actor=cast.manager, resource_slug=cast.studio.slug, at_most_minutes=60
    )
    factories.set_policy(cast.studio, approval_path="any")
    made = reserve(cast.studio, cast.booker)
    done = change(cast.booker, made, people=2)
    assert (done.status, done.rule is not None) == (Status.APPROVED, True)
    longer = change(cast.booker, made, ends_at=made.ends_at + HOUR)
    assert (longer.status, longer.rule) == (Status.PENDING, None)


def test_change__to_another_resource__takes_its_units_and_frees_the_old(
    cast: Cast,
) -> None:
    made = approved(cast)
    done = change(cast.booker, made, resource_slug=cast.lab.slug)
    assert (done.resource, done.status) == (cast.lab, Status.APPROVED)
    units = Occupancy.objects.values_list("unit__resources", flat=True)
    assert list(units) == [cast.lab.pk]
    assert reserve(cast.studio, cast.stranger).status == Status.PENDING


def test_change__taken_or_against_the_rules__changes_nothing(cast: Cast) -> None:
    made = approved(cast)
    reserve(cast.lab, cast.stranger)
    with pytest.raises(SlotTaken) as taken:
        change(cast.booker, made, resource_slug=cast.lab.slug)
    assert taken.value.extra["alternatives"]
    with pytest.raises(RuleViolation):
        change(cast.booker, made, people=99, purpose="A crowd")
    with pytest.raises(Invalid):
        change(cast.booker, made, ends_at=made.starts_at)
    made.refresh_from_db()
    assert (made.resource, made.people, made.version) == (cast.studio, 1, 2)
    assert made.purpose == "Recording a pilot"


def test_change__nothing_differs__writes_nothing(cast: Cast) -> None:
    made = approved(cast)
    change(cast.booker, made, people=1, purpose="Recording a pilot")
    assert made.history.count() == 2


def test_change__others_or_too_late__is_refused(cast: Cast) -> None:
    made = approved(cast)
    with pytest.raises(Missing):
        change(cast.stranger, made, people=2)
    fellow = factories.person(cast.startup)
    with pytest.raises(Forbidden):
        change(fellow, made, people=2)
    with pytest.raises(ChangedMeanwhile):
        change(cast.booker, made, people=2, version=1)
    with pytest.raises(Missing):
        change(cast.booker, made, resource_slug="nowhere")
    reservation_cancel(actor=cast.booker, reference=made.reference)
    with pytest.raises(WrongStatus):
        change(cast.booker, made, people=2)


def test_change__held_by_others_at_that_time__wish_of_the_guest_counts(
    cast: Cast,
) -> None:
    made = approved(cast)
    reserve(cast.studio, cast.stranger, wish(12))
    done = change(cast.booker, made, ends_at=tomorrow_at(12))
    assert done.ends_at == tomorrow_at(12)
    with pytest.raises(SlotTaken):
        change(cast.booker, made, ends_at=tomorrow_at(13))
