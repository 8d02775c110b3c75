"""Several want one time: the board's facts, approving one, and the swap."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.exceptions import WrongStatus
from booking.models import Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.selectors.contests import (
    entries_against,
    fairness_of,
    requests_beside,
    wanting,
)
from booking.services.contests import contest_approve, contest_swap
from booking.services.offers import offer_accept
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import User
from tests import factories
from tests.booking.test_guards_offers import an_entry
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import HOUR, reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rival(cast: Cast) -> User:
    return factories.person(factories.organisation(), name="Rosen Rival")


@pytest.fixture
def contested(cast: Cast, rival: User) -> tuple[Reservation, WaitingEntry]:
    """The booker asks for the studio from ten to twelve; a rival waits for it."""
    made = reserve(cast.studio, cast.booker, wish(10, 2))
    return made, wants(cast, rival)


def wants(cast: Cast, person: User, hour: int = 10, **fields: Any) -> WaitingEntry:
    window = wish(hour, 2)
    given = {
        "resource": cast.studio,
        "person": person,
        "organisation": person.memberships.get().organisation,
        "window_starts_at": window.starts_at,
        "window_ends_at": window.ends_at,
    }
    return an_entry(cast, **given | fields)


def test_wanting__counts_who_waits_for_some_of_that_time(
    cast: Cast, contested: tuple[Reservation, WaitingEntry]
) -> None:
    made, entry = contested
    alone = reserve(cast.studio, cast.booker, wish(20))
    wants(cast, cast.stranger, 14)
    assert wanting([made, alone]) == {made.pk: 2}
    assert list(entries_against(cast.manager, made)) == [entry]
    assert list(entries_against(cast.staff, made)) == [entry]
    assert not entries_against(cast.booker, made)


def test_beside__other_requests_of_the_pool(cast: Cast) -> None:
    pool = factories.open_lab(
        units=2, organisation=cast.host, policy={"needs_approval": True}
    )
    one, other = (reserve(pool, who) for who in (cast.booker, cast.stranger))
    assert list(requests_beside(cast.manager, one)) == [other]
    assert not requests_beside(cast.booker, one)


def test_fairness__hosts_see_their_own_resources_staff_see_all(cast: Cast) -> None:
    past = clock.now() - dt.timedelta(days=3)

    def had(resource: Any, organisation: Any, hours: int, status: str) -> None:
        Reservation.objects.create(
            resource=resource,
            organisation=organisation,
            requested_by=cast.booker,
            status=status,
            starts_at=past,
            ends_at=past + hours * HOUR,
            free_at=past + hours * HOUR,
            created_at=past,
        )

    elsewhere = factories.resource()
    own = factories.resource(organisation=cast.startup)
    had(cast.lab, cast.startup, 2, Status.COMPLETED)
    had(elsewhere, cast.startup, 3, Status.COMPLETED)
    had(elsewhere, cast.startup, 3, Status.NO_SHOW)
    had(own, cast.host, 4, Status.COMPLETED)
    had(own, cast.startup, 5, Status.COMPLETED)
    ids, now = [cast.startup.pk], clock.now()
    seen = fairness_of(cast.staff, ids, now)[cast.startup.pk]
    assert (seen.used_minutes, seen.no_shows, seen.given_minutes) == (600, 1, 240)
    seen = fairness_of(cast.manager, ids, now)[cast.startup.pk]
    assert (seen.used_minutes, seen.no_shows, seen.given_minutes) == (120, 0, None)


def test_approve__others_are_offered_the_nearest(
    cast: Cast, contested: tuple[Reservation, WaitingEntry]
) -> None:
    made, entry = contested
    approved, (other,) = contest_approve(
        actor=cast.manager, reference=made.reference, offer_to=[entry.reference]
    )
    assert approved.status == Status.APPROVED
    assert other.refusal is None
    offer = entry.offers.get()
    # The other of the host's, at the same time.
    assert (offer.resource, offer.starts_at) == (cast.lab, made.starts_at)
    after = offer_accept(actor=entry.person, reference=offer.reference)
    assert after.status == Status.APPROVED
    assert_all_is_well()


def test_approve__another_request_of_the_pool__gets_a_counter_offer(cast: Cast) -> None:
    pool = factories.open_lab(
        units=2, organisation=cast.host, policy={"needs_approval": True}
    )
    one, other = (reserve(pool, who) for who in (cast.booker, cast.stranger))
    _approved, (outcome,) = contest_approve(
        actor=cast.manager, reference=one.reference, offer_to=[other.reference]
    )
    assert outcome.refusal is None
    assert Reservation.objects.get(instead_of=other).status == Status.HELD
    assert_all_is_well()


def test_approve__nothing_near__says_so_and_it_stays_approved(
    cast: Cast, contested: tuple[Reservation, WaitingEntry], rival: User
) -> None:
    made, entry = contested
    offered = entry.reference
    WaitingEntry.objects.filter(pk=entry.pk).update(people=9)
    approved, (other,) = contest_approve(
        actor=cast.manager, reference=made.reference, offer_to=[offered]
    )
    assert approved.status == Status.APPROVED
    assert other.refusal is not None
    assert not entry.offers.exists()


def test_swap__declines_one_and_offers_it_to_the_other_alone(
    cast: Cast, contested: tuple[Reservation, WaitingEntry]
) -> None:
    made, entry = contested
    offer = contest_swap(
        actor=cast.manager,
        reference=made.reference,
        entry=entry.reference,
        reason="They have had none yet",
    )
    made.refresh_from_db()
    assert (made.status, made.decided_by) == (Status.DECLINED, cast.manager)
    assert (offer.offered_to, offer.starts_at) == (entry, made.starts_at)
    after = offer_accept(actor=entry.person, reference=offer.reference)
    assert (after.status, after.decided_by) == (Status.APPROVED, cast.manager)
    assert_all_is_well()


def test_swap__cannot_be_theirs__leaves_the_request_as_it_is(
    cast: Cast, contested: tuple[Reservation, WaitingEntry]
) -> None:
    made, entry = contested
    known: dict[str, Any] = {"reference": made.reference, "entry": entry.reference}
    with pytest.raises(Invalid):
        contest_swap(actor=cast.manager, reason=" ", **known)
    with pytest.raises(Missing):
        contest_swap(actor=cast.booker, reason="Mine", **known)
    WaitingEntry.objects.filter(pk=entry.pk).update(
        window_ends_at=made.ends_at + 3 * HOUR, minutes=300
    )
    reserve(cast.studio, cast.stranger, wish(12))
    with pytest.raises(WrongStatus) as refusal:
        contest_swap(actor=cast.manager, reason="Fair", **known)
    assert refusal.value.code == "does_not_fit"
    made.refresh_from_db()
    assert made.status == Status.PENDING
    assert_all_is_well()


def test_approve__not_theirs_to_decide__is_refused(
    cast: Cast, contested: tuple[Reservation, WaitingEntry]
) -> None:
    made, entry = contested
    with pytest.raises(Forbidden):
        contest_approve(
            actor=cast.booker, reference=made.reference, offer_to=[entry.reference]
        )
    assert not entry.offers.exists()
