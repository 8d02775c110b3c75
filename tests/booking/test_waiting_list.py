"""The waiting list: in line, offered, accepted, passed, lapsed, and then the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from booking.exceptions import RuleViolation, SlotTaken, WrongStatus
from booking.models import Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.selectors.lines import lines_visible_to
from booking.services.availability import closure_add, closure_remove
from booking.services.decisions import reservation_decline
from booking.services.lifecycle import (
    reservation_cancel,
    reservation_check_in,
    reservation_check_out,
    reservations_expire_lapsed,
)
from booking.services.offers import offer_accept, offer_pass
from booking.services.reservations import reservation_move
from booking.services.waiting import (
    Want,
    waiting_join,
    waiting_leave,
    waiting_serve,
    waiting_sweep,
)
from booking.signals import time_freed
from config import clock
from config.errors import Conflict, Forbidden, Invalid, Missing
from labs.models import Resource, User
from tests import factories
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, tomorrow_at, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def served_at_once() -> Iterator[None]:
    """Do at once what a worker does in a moment."""

    def serve(resource_ids: list[int], **kwargs: Any) -> None:
        waiting_serve(resource_ids)

    time_freed.connect(serve)
    yield
    time_freed.disconnect(serve)


@pytest.fixture
def taken(cast: Cast) -> Reservation:
    """The lab is taken tomorrow from ten to twelve."""
    return reserve(cast.lab, cast.stranger, wish(10, 2))


@pytest.fixture
def rival(cast: Cast) -> User:
    return factories.person(factories.organisation(), name="Rosen Rival")


def join(resource: Resource, by: User, hour: int = 10, **fields: Any) -> WaitingEntry:
    window = wish(hour, 2)
    wanted: dict[str, Any] = {
        "window_starts_at": window.starts_at,
        "window_ends_at": window.ends_at,
        "minutes": 60,
    }
    organisation_slug = fields.pop("organisation_slug", "")
    return waiting_join(
        actor=by,
        resource_slug=resource.slug,
        organisation_slug=organisation_slug,
        want=Want(**wanted | fields),
        purpose="Recording a pilot",
    )


def offered(entry: WaitingEntry) -> Reservation | None:
    return entry.offers.filter(status=Status.HELD).first()


def is_at(entry: WaitingEntry) -> str:
    return WaitingEntry.objects.get(pk=entry.pk).status


def test_join__taken__waits(cast: Cast, taken: Reservation) -> None:
    entry = join(cast.lab, cast.booker)
    assert (is_at(entry), offered(entry)) == ("waiting", None)


def test_join__free__is_offered_at_once(cast: Cast) -> None:
    offer = offered(join(cast.lab, cast.booker))
    assert offer is not None
    assert (offer.starts_at, offer.ends_at) == (wish(10).starts_at, wish(10).ends_at)
    assert [row.action for row in offer.history.all()] == ["offered"]
    with pytest.raises(SlotTaken):
        reserve(cast.lab, cast.stranger, wish(10))
    assert_all_is_well()


def test_join__twice_for_the_same__is_refused(cast: Cast, taken: Reservation) -> None:
    join(cast.lab, cast.booker)
    with pytest.raises(Conflict) as refusal:
        join(cast.lab, cast.booker, 11)
    assert refusal.value.code == "waiting_already"
    join(cast.lab, cast.booker, 12)
    join(cast.studio, cast.booker)
    join(cast.lab, cast.colleague)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"minutes": 121}, Invalid),
        ({"minutes": 70}, Invalid),
        ({"people": 99}, RuleViolation),
        ({"quantity": 2}, RuleViolation),
        ({"window_ends_at": tomorrow_at(10, days=90)}, Invalid),
        (
            {
                "window_starts_at": tomorrow_at(10, days=-1),
                "window_ends_at": tomorrow_at(12, days=-1),
            },
            Invalid,
        ),
        ({"organisation_slug": "nobody"}, Invalid),
    ],
)
def test_join__what_can_never_be__is_refused(
    cast: Cast, fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        join(cast.lab, cast.booker, **fields)
    assert not WaitingEntry.objects.exists()


def test_join__for_another_organisation_or_an_unseen_resource__is_refused(
    cast: Cast,
) -> None:
    with pytest.raises(Forbidden):
        join(cast.lab, cast.booker, organisation_slug=cast.host.slug)
    Resource.objects.filter(pk=cast.lab.pk).update(listing="draft")
    with pytest.raises(Missing):
        join(cast.lab, cast.booker)


def test_freed__the_first_in_line_gets_it_then_the_next(
    cast: Cast, taken: Reservation, rival: User
) -> None:
    first = join(cast.lab, cast.booker, minutes=120)
    second = join(cast.lab, rival, minutes=120)
    reservation_cancel(actor=cast.stranger, reference=taken.reference)
    offer = offered(first)
    assert offer is not None
    assert offered(second) is None
    offer_pass(actor=cast.booker, reference=offer.reference)
    offer.refresh_from_db()
    assert (offer.status, is_at(first)) == (Status.CANCELLED, "waiting")
    assert [row.action for row in offer.history.all()] == ["offered", "passed"]
    # Not to whoever has passed it, although they are still the first in line.
    assert offered(first) is None
    assert offered(second) is not None
    assert_all_is_well()


def test_lapse__leaves_the_line_and_the_next_is_asked(
    cast: Cast, taken: Reservation, rival: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = join(cast.lab, cast.booker, minutes=120)
    second = join(cast.lab, rival, minutes=120)
    reservation_cancel(actor=cast.stranger, reference=taken.reference)
    offer = offered(first)
    assert offer is not None
    assert offer.lapses_at is not None
    later = offer.lapses_at
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(WrongStatus):
        offer_accept(actor=cast.booker, reference=offer.reference)
    offer.refresh_from_db()
    assert (offer.status, is_at(first)) == (Status.EXPIRED, "lapsed")
    assert later == offer.starts_at or offered(second) is not None
    assert_all_is_well()


def test_accept__no_approval_needed__is_reserved(cast: Cast) -> None:
    entry = join(cast.lab, cast.booker)
    offer = offered(entry)
    assert offer is not None
    after = offer_accept(actor=cast.booker, reference=offer.reference)
    assert (after.status, is_at(entry)) == (Status.APPROVED, "served")
    assert [row.action for row in after.history.all()] == ["offered", "reserved"]
    assert_all_is_well()


def test_accept__needs_approval__is_requested(cast: Cast) -> None:
    offer = offered(join(cast.studio, cast.booker))
    assert offer is not None
    after = offer_accept(actor=cast.colleague, reference=offer.reference)
    assert (after.status, after.decided_by) == (Status.PENDING, None)
    assert after.lapses_at is not None
    assert [row.action for row in after.history.all()] == ["offered", "requested"]
    assert_all_is_well()


def test_accept__not_theirs__is_refused(cast: Cast) -> None:
    offer = offered(join(cast.lab, cast.booker))
    assert offer is not None
    with pytest.raises(Forbidden):
        offer_accept(actor=cast.manager, reference=offer.reference)
    with pytest.raises(Missing):
        offer_accept(actor=cast.stranger, reference=offer.reference)


def test_offer__cannot_be_cancelled_decided_or_moved(cast: Cast) -> None:
    offer = offered(join(cast.lab, cast.booker))
    assert offer is not None
    known: dict[str, Any] = {"actor": cast.manager, "reference": offer.reference}
    later = wish(15)
    times: dict[str, Any] = {"starts_at": later.starts_at, "ends_at": later.ends_at}
    with pytest.raises(WrongStatus):
        reservation_cancel(reason="x", **known)
    with pytest.raises(WrongStatus):
        reservation_decline(reason="x", **known)
    with pytest.raises(WrongStatus):
        reservation_move(**known, **times)


def test_freed__by_whatever_path__is_offered(
    cast: Cast, rival: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(of: Resource, hour: int) -> WaitingEntry:
        entry = join(of, cast.booker, hour)
        assert offered(entry) is None
        return entry

    declined = reserve(cast.studio, cast.stranger, wish(10, 2))
    entry = waits(cast.studio, 10)
    reservation_decline(
        actor=cast.manager, reference=declined.reference, reason="Painting"
    )
    assert offered(entry)

    moved = reserve(cast.lab, cast.stranger, wish(6, 2))
    entry = waits(cast.lab, 6)
    reservation_move(
        actor=cast.stranger,
        reference=moved.reference,
        starts_at=wish(20).starts_at,
        ends_at=wish(20).ends_at,
    )
    assert offered(entry)

    closure = closure_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=wish(12).starts_at,
        ends_at=wish(14).starts_at,
        reason="maintenance",
    )
    entry = waits(cast.lab, 12)
    assert closure.rule is not None
    closure_remove(
        actor=cast.manager, resource_slug=cast.lab.slug, closure_id=closure.rule.pk
    )
    assert offered(entry)

    used = reserve(cast.lab, cast.stranger, wish(15, 3))
    entry = waits(cast.lab, 16)
    here = used.starts_at + dt.timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: here)
    known: dict[str, Any] = {"actor": cast.stranger, "reference": used.reference}
    reservation_check_in(**known)
    reservation_check_out(**known)
    assert offered(entry)

    asked = reserve(cast.studio, cast.stranger, wish(16, 2))
    entry = waits(cast.studio, 16)
    at_last = asked.starts_at
    monkeypatch.setattr(clock, "now", lambda: at_last)
    reservations_expire_lapsed()
    assert offered(entry)
    assert_all_is_well()


def test_hall__freed_by_its_part__is_offered(cast: Cast) -> None:
    parts = [factories.open_lab(organisation=cast.host) for _ in range(2)]
    hall = factories.hall(parts)
    factories.set_policy(hall)
    factories.publish(hall)
    taken = reserve(parts[0], cast.stranger, wish(10, 2))
    entry = join(hall, cast.booker)
    assert offered(entry) is None
    reservation_cancel(actor=cast.stranger, reference=taken.reference)
    assert offered(entry)
    assert_all_is_well()


def test_pool__waits_for_as_many_as_it_wants(cast: Cast) -> None:
    pool = factories.open_lab(units=3, organisation=cast.host)
    one, two = (reserve(pool, cast.stranger, wish(10, 2)) for _ in range(2))
    entry = join(pool, cast.booker, quantity=3)
    reservation_cancel(actor=cast.stranger, reference=one.reference)
    assert offered(entry) is None
    reservation_cancel(actor=cast.stranger, reference=two.reference)
    offer = offered(entry)
    assert offer is not None
    assert offer.quantity == 3
    assert_all_is_well()


def test_serve__who_may_not_come_any_more__is_passed_over(
    cast: Cast, taken: Reservation, rival: User
) -> None:
    first, second = join(cast.lab, cast.booker), join(cast.lab, rival)
    User.objects.filter(pk=cast.booker.pk).update(is_active=False)
    reservation_cancel(actor=cast.stranger, reference=taken.reference)
    assert offered(first) is None
    assert offered(second)


def test_sweep__after_an_outage__closes_what_is_over_and_serves_the_rest(
    cast: Cast, taken: Reservation, rival: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = join(cast.lab, cast.booker)
    later = join(cast.lab, rival, 20)
    assert offered(later)
    # By no path that tells of it.
    taken.occupancy.all().delete()
    Reservation.objects.filter(pk=taken.pk).update(status=Status.CANCELLED)
    assert waiting_sweep() == 1
    assert waiting_sweep() == 0
    assert offered(entry)
    past = wish(12).starts_at
    monkeypatch.setattr(clock, "now", lambda: past)
    reservations_expire_lapsed()
    waiting_sweep()
    assert is_at(entry) == "lapsed"


def test_sweep__window_over__closes_it_silently(
    cast: Cast, taken: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = join(cast.lab, cast.booker)
    past = wish(12).starts_at
    monkeypatch.setattr(clock, "now", lambda: past)
    assert waiting_sweep() == 0
    assert is_at(entry) == "expired"
    assert not entry.offers.exists()


def test_leave__passes_what_is_offered(cast: Cast, rival: User) -> None:
    first = join(cast.lab, cast.booker, minutes=120)
    second = join(cast.lab, rival, minutes=120)
    with pytest.raises(Forbidden):
        waiting_leave(actor=cast.manager, reference=first.reference)
    with pytest.raises(Missing):
        waiting_leave(actor=rival, reference=first.reference)
    waiting_leave(actor=cast.booker, reference=first.reference)
    assert (is_at(first), offered(first)) == ("left", None)
    assert offered(second)
    with pytest.raises(WrongStatus):
        waiting_leave(actor=cast.booker, reference=first.reference)
    assert_all_is_well()


def test_list__place_counts_those_who_want_the_same_time(
    cast: Cast, taken: Reservation, rival: User
) -> None:
    join(cast.lab, rival)
    join(cast.lab, rival, 20)
    mine = join(cast.lab, cast.booker)
    (seen,) = lines_visible_to(cast.booker)
    assert (seen.pk, seen.place) == (mine.pk, 2)  # type: ignore[attr-defined]
    assert lines_visible_to(cast.manager).count() == 3
    assert not lines_visible_to(cast.stranger)
