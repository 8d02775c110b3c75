from __future__ import annotations

import datetime as dt

import pytest

from booking.exceptions import RuleViolation, SlotTaken, WrongStatus
from booking.models import History, Occupancy, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.decisions import (
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_decline,
)
from booking.services.lifecycle import (
    reservation_cancel,
    reservation_check_in,
    reservation_check_out,
    reservations_complete_ended,
    reservations_expire_lapsed,
)
from booking.services.reservations import reservation_move
from config import clock
from config.errors import Forbidden, Invalid, Missing
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, reserve, wish


def actions(reservation: Reservation) -> list[str]:
    return list(reservation.history.values_list("action", flat=True))


def rows(reservation: Reservation) -> int:
    return Occupancy.objects.filter(reservation=reservation).count()


def test_reserve__no_approval__is_approved_and_occupies(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    assert made.status == Status.APPROVED
    assert rows(made) == 1
    assert actions(made) == ["reserved"]


def test_reserve__needs_approval__is_pending_and_occupies(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    assert made.status == Status.PENDING
    assert rows(made) == 1
    assert made.lapses_at == made.starts_at, "sooner than three days from now"


def test_reserve__overlap__is_refused_with_alternatives(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(10, 2))
    with pytest.raises(SlotTaken) as refused:
        reserve(cast.lab, cast.stranger, wish(11, 2))
    offered = refused.value.extra["alternatives"]
    assert offered[0]["why"] == "nearest_time"
    assert offered[0]["starts_at"] == factories.tomorrow_at(12)
    assert [row["resource"] for row in offered].count(cast.studio.slug) == 1
    assert Reservation.objects.count() == 1


def test_reserve__next_to_it__is_accepted(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(10, 2))
    assert reserve(cast.lab, cast.stranger, wish(12, 2)).status == Status.APPROVED


def test_reserve__within_turnaround__is_refused(cast: Cast) -> None:
    factories.set_policy(cast.lab, turnaround_minutes=30)
    reserve(cast.lab, cast.booker, wish(10, 2))
    with pytest.raises(SlotTaken):
        reserve(cast.lab, cast.stranger, wish(12, 1))
    later = Wish(factories.tomorrow_at(12, 30), factories.tomorrow_at(13, 30))
    assert reserve(cast.lab, cast.stranger, later).status == Status.APPROVED


def test_reserve__many_rules_fail__all_are_told(cast: Cast) -> None:
    factories.set_policy(cast.lab, min_duration_minutes=60, notice_minutes=7 * 1440)
    starts_at = factories.tomorrow_at(10, 7)
    wanted = Wish(starts_at, starts_at + dt.timedelta(minutes=20), people=9, quantity=2)
    with pytest.raises(RuleViolation) as refused:
        reserve(cast.lab, cast.booker, wanted)
    assert [found.code for found in refused.value.violations] == [
        "too_short",
        "off_grid",
        "too_little_notice",
        "too_many_people",
        "too_many_units",
    ]


def test_reserve__pool__takes_as_many_as_asked(cast: Cast) -> None:
    pool = factories.open_lab(units=3, organisation=cast.host)
    reserve(pool, cast.booker, wish(10, 1, quantity=2))
    with pytest.raises(SlotTaken):
        reserve(pool, cast.stranger, wish(10, 1, quantity=2))
    assert rows(reserve(pool, cast.stranger, wish(10, 1, quantity=1))) == 1


def test_reserve__half_of_a_hall__takes_the_hall_but_not_the_other_half(
    cast: Cast,
) -> None:
    left = factories.open_lab(organisation=cast.host, site=cast.lab.site)
    right = factories.open_lab(organisation=cast.host, site=cast.lab.site)
    hall = factories.hall([left, right])
    factories.set_policy(hall)
    factories.publish(hall)
    reserve(left, cast.booker, wish(10))
    with pytest.raises(SlotTaken):
        reserve(hall, cast.stranger, wish(10))
    assert rows(reserve(right, cast.stranger, wish(10))) == 1
    assert rows(reserve(hall, cast.stranger, wish(11))) == 2


def test_reserve__for_another_organisation__is_forbidden(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        reserve(cast.lab, cast.stranger, organisation_slug=cast.startup.slug)
    made = reserve(cast.lab, cast.staff, organisation_slug=cast.startup.slug)
    assert made.organisation == cast.startup


def test_reserve__draft__is_missing_for_a_guest(cast: Cast) -> None:
    cast.lab.listing = "draft"
    cast.lab.save()
    with pytest.raises(Missing):
        reserve(cast.lab, cast.booker)
    with pytest.raises(RuleViolation):
        reserve(cast.lab, cast.manager)


def test_reserve__over_a_lapsed_request__expires_it_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.studio, needs_approval=True, decide_within_hours=1)
    old = reserve(cast.studio, cast.booker)
    later = clock.now() + 2 * HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    new = reserve(cast.studio, cast.stranger)
    old.refresh_from_db()
    assert (old.status, new.status) == (Status.EXPIRED, Status.PENDING)
    assert actions(old) == ["requested", "expired"]


def test_expire_lapsed__in_time__stays(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve(cast.studio, cast.booker)
    assert reservations_expire_lapsed() == 0
    moment = made.lapses_at
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert reservations_expire_lapsed() == 1
    made.refresh_from_db()
    assert (made.status, made.lapses_at, rows(made)) == (Status.EXPIRED, None, 0)


def test_approve__lapsed_before_the_sweep_came__is_refused_and_has_expired(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve(cast.studio, cast.booker)
    moment = made.lapses_at
    monkeypatch.setattr(clock, "now", lambda: moment)
    with pytest.raises(WrongStatus) as refused:
        reservation_approve(actor=cast.manager, reference=made.reference)
    assert refused.value.extra["now"] == Status.EXPIRED
    made.refresh_from_db()
    assert (made.status, made.lapses_at, rows(made)) == (Status.EXPIRED, None, 0)
    assert actions(made) == ["requested", "expired"]


def test_approve__by_host_and_by_staff__yes_by_booker_no(cast: Cast) -> None:
    for decider in (cast.manager, cast.staff):
        made = reserve(cast.studio, cast.booker)
        with pytest.raises(Forbidden):
            reservation_approve(actor=cast.booker, reference=made.reference)
        with pytest.raises(Missing):
            reservation_approve(actor=cast.stranger, reference=made.reference)
        done = reservation_approve(actor=decider, reference=made.reference)
        assert (done.status, done.decided_by, rows(done)) == ("approved", decider, 1)
        reservation_cancel(actor=cast.booker, reference=made.reference)


def test_approve__a_cancelled_one__is_refused(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_cancel(actor=cast.booker, reference=made.reference)
    with pytest.raises(WrongStatus) as refused:
        reservation_approve(actor=cast.manager, reference=made.reference)
    assert refused.value.extra["now"] == "cancelled"
    assert actions(made) == ["requested", "cancelled"]


def test_approve__decided_already__says_by_whom(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_approve(actor=cast.manager, reference=made.reference)
    with pytest.raises(WrongStatus) as refused:
        reservation_decline(actor=cast.staff, reference=made.reference, reason="No")
    assert refused.value.extra["decided_by"] == "Hristo Host"


def test_decline__needs_a_reason_and_frees_the_slot(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    with pytest.raises(Invalid):
        reservation_decline(actor=cast.manager, reference=made.reference, reason=" ")
    done = reservation_decline(
        actor=cast.manager, reference=made.reference, reason="Floor is being painted"
    )
    assert (done.status, rows(done)) == (Status.DECLINED, 0)
    assert rows(reserve(cast.studio, cast.stranger)) == 1


def test_ask_and_answer__stays_pending_and_is_recorded(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    with pytest.raises(Forbidden):
        reservation_ask(actor=cast.booker, reference=made.reference, reason="How?")
    reservation_ask(actor=cast.manager, reference=made.reference, reason="How many?")
    reservation_answer(actor=cast.booker, reference=made.reference, reason="Four")
    made.refresh_from_db()
    assert made.status == Status.PENDING
    assert actions(made) == ["requested", "asked", "answered"]


def test_cancel__by_host__needs_a_reason_by_guest_does_not(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    with pytest.raises(Invalid):
        reservation_cancel(actor=cast.manager, reference=made.reference)
    done = reservation_cancel(actor=cast.booker, reference=made.reference)
    assert (done.status, rows(done)) == (Status.CANCELLED, 0)


def test_cancel__a_colleagues__managers_may_bookers_may_not(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    other = factories.person(cast.startup)
    with pytest.raises(Forbidden):
        reservation_cancel(actor=other, reference=made.reference)
    done = reservation_cancel(actor=cast.colleague, reference=made.reference)
    assert done.status == Status.CANCELLED


def test_move__onto_its_own_time__is_accepted(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(10, 2))
    moved = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=made.starts_at + HOUR,
        ends_at=made.ends_at + HOUR,
    )
    assert (moved.status, rows(moved), moved.version) == ("approved", 1, 2)
    assert set(History.objects.latest("pk").changes) == {"starts_at", "ends_at"}


def test_move__onto_anothers__is_refused_and_keeps_its_place(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(10))
    other = reserve(cast.lab, cast.stranger, wish(12))
    with pytest.raises(SlotTaken) as refused:
        reservation_move(
            actor=cast.booker,
            reference=made.reference,
            starts_at=other.starts_at,
            ends_at=other.ends_at,
        )
    assert refused.value.extra["alternatives"]
    made.refresh_from_db()
    assert (made.starts_at, rows(made), made.version) == (wish(10).starts_at, 1, 1)


@pytest.mark.parametrize(
    ("who", "status"), [("booker", Status.PENDING), ("manager", Status.APPROVED)]
)
def test_move__approved_one__asks_again_only_for_a_guest(
    cast: Cast, who: str, status: str
) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_approve(actor=cast.staff, reference=made.reference)
    moved = reservation_move(
        actor=getattr(cast, who),
        reference=made.reference,
        starts_at=made.starts_at + DAY,
        ends_at=made.ends_at + DAY,
    )
    assert moved.status == status
    assert (moved.lapses_at is None) == (status == Status.APPROVED)


def test_move__to_where_it_is__changes_nothing(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_approve(actor=cast.staff, reference=made.reference)
    same = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
    )
    assert same.status == Status.APPROVED
    assert actions(made) == ["requested", "approved"]


def test_move__pending_where_no_approval_is_needed_any_more__is_approved(
    cast: Cast,
) -> None:
    made = reserve(cast.studio, cast.booker)
    factories.set_policy(cast.studio, needs_approval=False)
    moved = reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=made.starts_at + DAY,
        ends_at=made.ends_at + DAY,
    )
    assert (moved.status, moved.lapses_at) == (Status.APPROVED, None)


def test_move__when_it_is_over__is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve(cast.lab, cast.booker)
    over = made.ends_at
    monkeypatch.setattr(clock, "now", lambda: over)
    with pytest.raises(WrongStatus):
        reservation_move(
            actor=cast.booker,
            reference=made.reference,
            starts_at=made.starts_at + DAY,
            ends_at=made.ends_at + DAY,
        )


def test_reserve__too_long_or_off_the_grid__offers_what_the_rules_allow(
    cast: Cast,
) -> None:
    for minutes in (50, 540):
        start = factories.tomorrow_at(10)
        wanted = Wish(start, start + dt.timedelta(minutes=minutes))
        with pytest.raises(RuleViolation) as refused:
            reserve(cast.lab, cast.booker, wanted)
        offered = refused.value.extra["alternatives"][0]
        assert offered["why"] == "nearest_time"
        length = offered["ends_at"] - offered["starts_at"]
        assert length in {dt.timedelta(hours=1), dt.timedelta(hours=8)}


def test_check_in_and_out__frees_the_rest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reserve(cast.lab, cast.booker, wish(10, 2))
    with pytest.raises(WrongStatus):
        reservation_check_in(actor=cast.booker, reference=made.reference)
    begun = made.starts_at
    monkeypatch.setattr(clock, "now", lambda: begun)
    reservation_check_in(actor=cast.booker, reference=made.reference)
    with pytest.raises(WrongStatus):
        reservation_check_out(actor=cast.booker, reference=made.reference)
    left = begun + HOUR
    monkeypatch.setattr(clock, "now", lambda: left)
    done = reservation_check_out(actor=cast.booker, reference=made.reference)
    assert (done.status, rows(done), done.ends_at) == (Status.COMPLETED, 0, left)
    after = reserve(cast.lab, cast.stranger, Wish(left, left + HOUR))
    assert after.status == Status.APPROVED


def test_check_out__the_turnaround_begins_then(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.lab, turnaround_minutes=30)
    made = reserve(cast.lab, cast.booker, wish(10, 3))
    begun, left = made.starts_at, made.starts_at + HOUR
    monkeypatch.setattr(clock, "now", lambda: begun)
    reservation_check_in(actor=cast.booker, reference=made.reference)
    monkeypatch.setattr(clock, "now", lambda: left)
    done = reservation_check_out(actor=cast.booker, reference=made.reference)
    assert (done.status, rows(done)) == (Status.IN_USE, 1)
    with pytest.raises(WrongStatus):
        reservation_check_out(actor=cast.booker, reference=made.reference)
    with pytest.raises(SlotTaken):
        reserve(cast.lab, cast.stranger, Wish(left, left + HOUR))
    half_past = Wish(left + HOUR / 2, left + 3 * HOUR / 2)
    assert reserve(cast.lab, cast.stranger, half_past).status == Status.APPROVED


def test_complete_ended__waits_for_the_turnaround(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.set_policy(cast.lab, turnaround_minutes=30)
    made = reserve(cast.lab, cast.booker)
    end, free = made.ends_at, made.free_at
    monkeypatch.setattr(clock, "now", lambda: end)
    assert reservations_complete_ended() == 0
    monkeypatch.setattr(clock, "now", lambda: free)
    assert reservations_complete_ended() == 1
    made.refresh_from_db()
    assert (made.status, rows(made)) == (Status.COMPLETED, 0)
