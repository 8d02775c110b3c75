"""A slot that is held while its form is open."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import transaction

from booking.exceptions import (
    IdempotencyKeyReused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.selectors.finding import resources_free
from booking.selectors.timeline import timeline_of
from booking.services.availability import closure_add
from booking.services.decisions import reservation_approve
from booking.services.holds import (
    HOLD,
    MOST_HOLDS,
    can_renew,
    hold_release,
    hold_renew,
    reservation_hold,
)
from booking.services.lifecycle import reservation_cancel, reservations_expire_lapsed
from booking.services.reservations import Idempotency
from config import clock
from config.errors import Forbidden, Missing
from labs.models import Resource, User
from labs.services.units import hall_set_parts
from notifications.models import Message
from tests import factories
from tests.booking.examples import at
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish


def hold(of: Resource, by: User, wanted: Any = None, key: str = "", **more: Any) -> Any:
    """Hold through the service, tomorrow at ten for an hour unless told."""
    membership = by.memberships.select_related("organisation").first()
    given = {"organisation_slug": membership.organisation.slug if membership else ""}
    return reservation_hold(
        actor=by,
        resource_slug=of.slug,
        wish=wanted or wish(),
        key=key or str(uuid.uuid4()),
        **given | more,
    )


def send(of: Resource, by: User, key: str, wanted: Any = None) -> Reservation:
    return reserve(of, by, wanted, idempotency=Idempotency(key, "hash of the body"))


def test_hold__free_slot__is_kept_from_others_and_leaves_no_trace(cast: Cast) -> None:
    held = hold(cast.studio, cast.booker)
    assert (held.status, held.lapses_at) == (Status.HELD, held.created_at + HOLD)
    assert_all_is_well()
    with pytest.raises(SlotTaken):
        reserve(cast.studio, cast.stranger)
    with pytest.raises(SlotTaken):
        hold(cast.studio, cast.stranger)
    free = resources_free(Resource.objects.all(), wish(), clock.now())
    assert free == [cast.lab]
    assert not History.objects.exists()
    assert not Message.objects.exists()


def test_hold__as_the_policy_of_any_reservation__is_judged(cast: Cast) -> None:
    with pytest.raises(RuleViolation):
        hold(cast.lab, cast.booker, wish(10, people=99))
    with pytest.raises(Forbidden):
        hold(cast.lab, cast.booker, organisation_slug=cast.host.slug)
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    with pytest.raises(Missing):
        hold(cast.lab, cast.booker)
    assert not Reservation.objects.exists()


def test_hold__of_anyone__is_nobodys_business(cast: Cast) -> None:
    held = hold(cast.studio, cast.booker)
    for person in (cast.booker, cast.colleague, cast.manager, cast.staff):
        assert not Reservation.objects.visible_to(person).exists()
        with pytest.raises(Missing):
            reservation_cancel(actor=person, reference=held.reference, reason="No")
        with pytest.raises(Missing):
            reservation_approve(actor=person, reference=held.reference)
        day = timeline_of(person, cast.studio, tomorrow_at(0), tomorrow_at(23))
        (busy,) = day["taken"]
        assert busy.keys() == {
            "starts_at",
            "ends_at",
            "free_at",
            "quantity",
            "pending",
        }
        assert not busy["pending"]
    listed = cast.api(cast.staff).get("/api/v1/reservations/").json()
    assert listed["count"] == 0
    closed = closure_add(
        actor=cast.manager,
        resource_slug=cast.studio.slug,
        starts_at=tomorrow_at(8),
        ends_at=tomorrow_at(12),
        reason="maintenance",
    )
    assert closed.hits == []


def test_send__what_is_held__becomes_the_reservation(cast: Cast) -> None:
    held = hold(cast.studio, cast.booker, key="form")
    made = send(cast.studio, cast.booker, "form")
    assert (made.pk, made.reference) == (held.pk, held.reference)
    assert (made.status, made.purpose) == (Status.PENDING, "Recording a pilot")
    assert made.lapses_at == made.starts_at
    assert [row.action for row in made.history.all()] == ["requested"]
    assert send(cast.studio, cast.booker, "form") == made, "a double click"
    assert hold(cast.studio, cast.booker, key="form") == made, "a late hold"
    hold_release(actor=cast.booker, key="form")
    assert Reservation.objects.get().status == Status.PENDING
    assert_all_is_well()


def test_send__at_another_time_than_held__takes_that(cast: Cast) -> None:
    hold(cast.lab, cast.booker, key="form")
    made = send(cast.lab, cast.booker, "form", wish(14))
    assert (made.starts_at, made.status) == (tomorrow_at(14), Status.APPROVED)
    reserve(cast.lab, cast.stranger)
    assert_all_is_well()


def test_send__over_a_closure_made_meanwhile__is_refused(cast: Cast) -> None:
    hold(cast.lab, cast.booker, key="form")
    closure_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=tomorrow_at(8),
        ends_at=tomorrow_at(12),
        reason="maintenance",
    )
    with pytest.raises(RuleViolation):
        send(cast.lab, cast.booker, "form")
    assert Reservation.objects.get().status == Status.HELD


def test_send__after_the_hold_lapsed__works_while_it_is_free(cast: Cast) -> None:
    for taken in (False, True):
        key = f"form, taken: {taken}"
        held = hold(cast.lab, cast.booker, wish(10 + 2 * taken), key)
        with at(held.lapses_at):
            if taken:
                reserve(cast.lab, cast.stranger, wish(12))
                with pytest.raises(SlotTaken):
                    send(cast.lab, cast.booker, key, wish(12))
            else:
                assert send(cast.lab, cast.booker, key).status == Status.APPROVED
    assert Reservation.objects.count() == 2
    assert_all_is_well()


def test_hold__moved__keeps_its_end_and_frees_the_old_time(cast: Cast) -> None:
    held = hold(cast.lab, cast.booker, key="form")
    with at(clock.now() + dt.timedelta(minutes=4)):
        moved = hold(cast.lab, cast.booker, wish(10, 2), "form")
    assert (moved.pk, moved.lapses_at) == (held.pk, held.lapses_at)
    assert moved.ends_at == tomorrow_at(12)
    moved = hold(cast.lab, cast.booker, wish(15), "form")
    reserve(cast.lab, cast.stranger, wish(10))
    with pytest.raises(SlotTaken):
        hold(cast.lab, cast.booker, wish(10), "form")
    held.refresh_from_db()
    assert held.starts_at == tomorrow_at(15), "what it had stays held"
    assert_all_is_well()


def test_hold__with_the_key_of_another_resources_form__is_refused(cast: Cast) -> None:
    hold(cast.lab, cast.booker, key="form")
    with pytest.raises(IdempotencyKeyReused):
        hold(cast.studio, cast.booker, key="form")
    with pytest.raises(IdempotencyKeyReused):
        send(cast.studio, cast.booker, "form")
    assert hold(cast.studio, cast.stranger, key="form").status == Status.HELD


def test_renew__once__lasts_as_long_again(cast: Cast) -> None:
    held = hold(cast.lab, cast.booker, key="form")
    assert can_renew(held)
    longer = hold_renew(actor=cast.booker, key="form")
    assert longer.lapses_at == held.created_at + 2 * HOLD
    assert not can_renew(longer)
    with pytest.raises(WrongStatus, match="only once"):
        hold_renew(actor=cast.booker, key="form")
    assert not can_renew(hold(cast.lab, cast.booker, wish(15), "form"))


@pytest.mark.parametrize("swept", [True, False])
def test_renew__after_it_lapsed__is_refused(cast: Cast, swept: bool) -> None:
    held = hold(cast.lab, cast.booker, key="form")
    with at(held.lapses_at):
        if swept:
            assert reservations_expire_lapsed() == 1
        with pytest.raises(WrongStatus, match="not held"):
            hold_renew(actor=cast.booker, key="form")
    with pytest.raises(WrongStatus):
        hold_renew(actor=cast.stranger, key="form")


def test_lapsed__is_in_nobodys_way_and_gone(cast: Cast) -> None:
    held = hold(cast.lab, cast.booker)
    with at(held.lapses_at - dt.timedelta(seconds=1)), pytest.raises(SlotTaken):
        reserve(cast.lab, cast.stranger)
    with at(held.lapses_at):
        reserve(cast.lab, cast.stranger)
    assert not Reservation.objects.filter(pk=held.pk).exists()
    other = hold(cast.lab, cast.booker, wish(15))
    with at(other.lapses_at):
        assert reservations_expire_lapsed() == 1
    assert Reservation.objects.count() == 1
    assert_all_is_well()


def test_release__frees_at_once_and_only_ones_own(cast: Cast) -> None:
    hold(cast.lab, cast.booker, key="form")
    hold_release(actor=cast.stranger, key="form")
    hold_release(actor=cast.booker, key="unknown")
    assert Reservation.objects.count() == 1
    for _twice in range(2):
        hold_release(actor=cast.booker, key="form")
    assert not Reservation.objects.exists()
    reserve(cast.lab, cast.stranger)
    assert_all_is_well()


def test_hold__a_fourth__lets_the_oldest_go(cast: Cast) -> None:
    held = [hold(cast.lab, cast.booker, wish(8 + n)) for n in range(MOST_HOLDS)]
    other = hold(cast.lab, cast.stranger, wish(20))
    newest = hold(cast.studio, cast.booker)
    assert set(Reservation.objects.all()) == {*held[1:], other, newest}
    hold(cast.studio, cast.booker, wish(14), newest.idempotency_key)
    assert Reservation.objects.count() == MOST_HOLDS + 1, "moving lets none go"
    with pytest.raises(SlotTaken):
        hold(cast.lab, cast.booker, wish(20))
    assert Reservation.objects.count() == MOST_HOLDS + 1, "a refused one lets none go"
    assert_all_is_well()


def test_hold__two_forms_of_one_person__the_newer_has_it(cast: Cast) -> None:
    hold(cast.lab, cast.booker, key="first")
    second = hold(cast.lab, cast.booker, key="second")
    assert Reservation.objects.get() == second
    made = send(cast.lab, cast.booker, "first")
    assert Reservation.objects.get() == made, "one's own form is not in the way"
    with pytest.raises(SlotTaken):
        send(cast.lab, cast.booker, "second")
    assert_all_is_well()


def test_hold__of_a_pool__both_forms_keep_theirs(cast: Cast) -> None:
    pool = factories.open_lab(units=2, organisation=cast.host)
    first, second = hold(pool, cast.booker), hold(pool, cast.booker)
    assert set(Reservation.objects.all()) == {first, second}
    both = hold(pool, cast.booker, wish(quantity=2))
    assert Reservation.objects.get() == both
    with pytest.raises(SlotTaken):
        hold(pool, cast.stranger)
    assert_all_is_well()


def test_hall__that_grows__lets_its_holds_go(cast: Cast) -> None:
    parts = [factories.open_lab(organisation=cast.host) for _ in range(3)]
    hall = factories.hall(parts[:2])
    factories.set_policy(hall)
    factories.publish(hall)
    hold(hall, cast.booker, key="form")
    made = reserve(hall, cast.stranger, wish(15))
    with transaction.atomic():
        hall_set_parts(hall, parts)
    assert Reservation.objects.get() == made
    assert made.occupancy.count() == 3
    assert send(hall, cast.booker, "form").occupancy.count() == 3
    assert_all_is_well()
