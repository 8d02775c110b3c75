"""Another time or place instead of a request: offered, accepted, passed, lapsed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.deadlines import COUNTER
from booking.exceptions import RuleViolation, SlotTaken, WrongStatus
from booking.models import Occupancy, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.availability import closure_add
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.holds import reservation_hold
from booking.services.lifecycle import (
    reservation_cancel,
    reservations_expire_lapsed,
)
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.reservations import reservation_move
from config import clock
from config.errors import Forbidden, Invalid, Missing
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def request_(cast: Cast) -> Reservation:
    """The booker asks for the studio, tomorrow from ten to twelve."""
    return reserve(cast.studio, cast.booker, wish(10, 2))


def counter(
    cast: Cast, made: Reservation, hour: int = 14, **fields: Any
) -> Reservation:
    wanted = wish(hour, 2)
    given: dict[str, Any] = {
        "actor": cast.manager,
        "reference": made.reference,
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
    }
    return reservation_counter(**given | fields)


def actions(made: Reservation) -> list[str]:
    return list(made.history.order_by("pk").values_list("action", flat=True))


def test_counter__another_time__both_are_held(
    cast: Cast, request_: Reservation
) -> None:
    after = counter(cast, request_, reason="The band rehearses")
    assert after.status == Status.PENDING
    held = Reservation.objects.get(instead_of=after)
    assert (held.status, held.starts_at) == (Status.HELD, wish(14).starts_at)
    for hour in (10, 14):
        with pytest.raises(SlotTaken):
            reserve(cast.studio, cast.stranger, wish(hour))
    assert actions(after) == ["requested", "countered"]
    assert_all_is_well()


@pytest.mark.parametrize(("hour", "hours"), [(11, 2), (9, 2), (9, 4), (10, 1)])
def test_counter__overlaps_what_they_asked_for__holds_the_rest(
    cast: Cast, request_: Reservation, hour: int, hours: int
) -> None:
    wanted = wish(hour, hours)
    counter(cast, request_, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
    assert_all_is_well()
    after = offer_accept(actor=cast.booker, reference=request_.reference)
    assert (after.status, after.starts_at) == (Status.APPROVED, wanted.starts_at)
    assert_all_is_well()


def test_counter__of_a_pool__its_own_benches_count_as_free(cast: Cast) -> None:
    needs = {"needs_approval": True, "turnaround_minutes": 30}
    pool = factories.open_lab(units=3, organisation=cast.host, policy=needs)
    made = reserve(pool, cast.booker, wish(10, 2, quantity=2))
    other = wish(10, 2, quantity=1)
    reserve(pool, cast.stranger, other)
    later = wish(11, 2)
    counter(cast, made, starts_at=later.starts_at, ends_at=later.ends_at)
    assert_all_is_well()
    after = offer_accept(actor=cast.booker, reference=made.reference)
    assert after.quantity == 2
    assert_all_is_well()


def test_counter__same_time__is_refused(cast: Cast, request_: Reservation) -> None:
    with pytest.raises(Invalid):
        counter(cast, request_, 10)


def test_counter__taken__says_what_else_is_free(
    cast: Cast, request_: Reservation
) -> None:
    reserve(cast.studio, cast.stranger, wish(14))
    with pytest.raises(SlotTaken) as refusal:
        counter(cast, request_)
    assert refusal.value.extra["alternatives"]
    assert actions(request_) == ["requested"]


def test_counter__who_may_not_decide__is_refused(
    cast: Cast, request_: Reservation
) -> None:
    with pytest.raises(Forbidden):
        counter(cast, request_, actor=cast.booker)
    with pytest.raises(Missing):
        counter(cast, request_, actor=cast.stranger)
    elsewhere = factories.open_lab()
    with pytest.raises(Forbidden):
        counter(cast, request_, resource=elsewhere.slug)
    after = counter(cast, request_, resource=elsewhere.slug, actor=cast.staff)
    assert after.counter.resource == elsewhere


def test_counter__decided_already__is_refused(
    cast: Cast, request_: Reservation
) -> None:
    reservation_approve(actor=cast.manager, reference=request_.reference)
    with pytest.raises(WrongStatus):
        counter(cast, request_)


def test_counter__twice__the_second_takes_its_place(
    cast: Cast, request_: Reservation
) -> None:
    counter(cast, request_)
    counter(cast, request_, 17)
    held = Reservation.objects.get(instead_of=request_)
    assert held.starts_at == wish(17).starts_at
    reserve(cast.studio, cast.stranger, wish(14))
    assert_all_is_well()


def test_counter__until__two_days_but_before_either_begins_or_lapses(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    soon = reserve(cast.studio, cast.booker, wish(10))
    counter(cast, soon)
    assert soon.counter.lapses_at == soon.starts_at
    later = factories.tomorrow_at(10, days=9)
    far = reserve(cast.studio, cast.booker, Wish(later, later + HOUR))
    counter(cast, far, starts_at=later + 3 * HOUR, ends_at=later + 4 * HOUR)
    assert far.counter.lapses_at == now + COUNTER
    factories.set_policy(cast.studio, needs_approval=True, decide_within_hours=5)
    later += 5 * HOUR
    hasty = reserve(cast.studio, cast.booker, Wish(later, later + HOUR))
    counter(cast, hasty, starts_at=later + HOUR, ends_at=later + 2 * HOUR)
    assert hasty.counter.lapses_at == hasty.lapses_at


def test_accept__another_resource__moves_there_and_frees_the_old(
    cast: Cast, request_: Reservation
) -> None:
    other = factories.open_lab(organisation=cast.host, policy={"needs_approval": True})
    counter(cast, request_, 10, resource=other.slug)
    after = offer_accept(actor=cast.booker, reference=request_.reference)
    assert (after.status, after.resource) == (Status.APPROVED, other)
    assert after.decided_by == cast.manager
    assert actions(after) == ["requested", "countered", "accepted", "approved"]
    changes = after.history.get(action="accepted").changes
    assert changes["resource"] == [cast.studio.slug, other.slug]
    reserve(cast.studio, cast.stranger, wish(10))
    assert_all_is_well()


def test_accept__no_approval_needed_there__is_theirs(
    cast: Cast, request_: Reservation
) -> None:
    counter(cast, request_, resource=cast.lab.slug)
    after = offer_accept(actor=cast.booker, reference=request_.reference)
    assert (after.status, after.decided_by) == (Status.APPROVED, cast.manager)
    assert actions(after) == ["requested", "countered", "accepted"]
    assert_all_is_well()


def test_accept__whoever_offered_may_not_decide_any_more__waits_for_a_decision(
    cast: Cast, request_: Reservation
) -> None:
    counter(cast, request_, actor=cast.staff)
    cast.staff.is_hub_staff = False
    cast.staff.save()
    after = offer_accept(actor=cast.booker, reference=request_.reference)
    assert (after.status, after.decided_by) == (Status.PENDING, None)
    assert after.starts_at == wish(14).starts_at
    assert_all_is_well()


def test_accept__closed_meanwhile__is_refused_and_still_offered(
    cast: Cast, request_: Reservation
) -> None:
    counter(cast, request_)
    closure_add(
        actor=cast.manager,
        resource_slug=cast.studio.slug,
        starts_at=wish(14).starts_at,
        ends_at=wish(17).starts_at,
        reason="maintenance",
    )
    with pytest.raises(RuleViolation):
        offer_accept(actor=cast.booker, reference=request_.reference)
    assert Reservation.objects.filter(instead_of=request_).exists()
    assert_all_is_well()


def test_accept__not_the_party__is_refused(cast: Cast, request_: Reservation) -> None:
    counter(cast, request_)
    for actor in (cast.manager, cast.staff):
        with pytest.raises(Forbidden):
            offer_accept(actor=actor, reference=request_.reference)
        with pytest.raises(Forbidden):
            offer_pass(actor=actor, reference=request_.reference)
    colleague = offer_accept(actor=cast.colleague, reference=request_.reference)
    assert colleague.status == Status.APPROVED


def test_accept__nothing_offered__is_refused(cast: Cast, request_: Reservation) -> None:
    for step in (offer_accept, offer_pass):
        with pytest.raises(WrongStatus) as refusal:
            step(actor=cast.booker, reference=request_.reference)
        assert refusal.value.code == "no_offer"


def test_pass__request_goes_on(cast: Cast, request_: Reservation) -> None:
    counter(cast, request_)
    after = offer_pass(
        actor=cast.booker, reference=request_.reference, reason="We teach then"
    )
    assert (after.status, after.starts_at) == (Status.PENDING, wish(10).starts_at)
    assert actions(after) == ["requested", "countered", "passed"]
    reserve(cast.studio, cast.stranger, wish(14))
    assert_all_is_well()


@pytest.mark.parametrize("shorter", [False, True])
def test_lapse__offer_is_let_go_and_the_request_goes_on(
    cast: Cast,
    request_: Reservation,
    monkeypatch: pytest.MonkeyPatch,
    *,
    shorter: bool,
) -> None:
    # A shorter one has no rows in the ledger that are not its request's.
    start = request_.starts_at + 14 * dt.timedelta(days=1)
    made = reserve(cast.studio, cast.booker, Wish(start, start + 2 * HOUR))
    factories.set_policy(cast.studio, needs_approval=True, decide_within_hours=500)
    end = start + HOUR if shorter else start + 3 * HOUR
    counter(cast, made, starts_at=start, ends_at=end)
    later = clock.now() + COUNTER
    monkeypatch.setattr(clock, "now", lambda: later)
    reservations_expire_lapsed()
    made.refresh_from_db()
    assert made.status == Status.PENDING
    assert not Reservation.objects.filter(instead_of=made).exists()
    assert actions(made) == ["requested", "countered", "passed"]
    assert made.history.get(action="passed").actor is None
    with pytest.raises(WrongStatus):
        offer_accept(actor=cast.booker, reference=made.reference)
    assert_all_is_well()


def test_request_ends__its_offer_goes_with_it(cast: Cast) -> None:
    def ends(step: Any, actor: Any, hour: int, **given: Any) -> None:
        made = reserve(cast.studio, cast.booker, wish(hour))
        later = wish(hour + 1)
        counter(cast, made, starts_at=later.starts_at, ends_at=later.ends_at)
        step(actor=actor, reference=made.reference, **given)
        assert not Reservation.objects.filter(instead_of=made).exists()
        assert_all_is_well()

    ends(reservation_approve, cast.staff, 6)
    ends(reservation_decline, cast.staff, 8, reason="Painting")
    ends(reservation_cancel, cast.booker, 10)
    moved = wish(21)
    times = {"starts_at": moved.starts_at, "ends_at": moved.ends_at}
    ends(reservation_move, cast.booker, 12, **times)


def test_request_expires__with_its_offer(
    cast: Cast, request_: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter(cast, request_)
    later = request_.starts_at
    monkeypatch.setattr(clock, "now", lambda: later)
    reservations_expire_lapsed()
    request_.refresh_from_db()
    assert request_.status == Status.EXPIRED
    assert not Occupancy.objects.exists()
    assert_all_is_well()


def test_own_open_form__does_not_let_go_of_an_offer(
    cast: Cast, request_: Reservation
) -> None:
    counter(cast, request_)
    with pytest.raises(SlotTaken):
        reservation_hold(
            actor=cast.booker,
            resource_slug=cast.studio.slug,
            organisation_slug="",
            wish=wish(14),
            key="form",
        )
    assert Reservation.objects.filter(instead_of=request_).exists()


def test_counter_hold__is_nobodys_business(cast: Cast, request_: Reservation) -> None:
    counter(cast, request_)
    for user in (cast.booker, cast.manager, cast.staff):
        assert list(Reservation.objects.visible_to(user)) == [request_]
