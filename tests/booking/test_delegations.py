"""Away, and a named deputy decides: who may, when, for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import Delegation, Reservation
from booking.models.paths import Level
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve, reservation_decline
from booking.services.delegations import delegation_end, delegation_make
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Membership, User
from tests import factories
from tests.cast import Cast
from tests.factories import reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)

DAY = dt.timedelta(days=1)


def away(
    cast: Cast, deputy: User, *, first: int = 0, last: int = 3, **fields: Any
) -> Delegation:
    given: dict[str, Any] = {
        "actor": cast.manager,
        "organisation_slug": cast.host.slug,
        "deputy_email": deputy.email,
        "starts_on": clock.today() + first * DAY,
        "ends_on": clock.today() + last * DAY,
    }
    return delegation_make(**given | fields)


def again(user: User) -> User:
    """The same person as the next request finds them."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def deputy(cast: Cast) -> User:
    return factories.person(cast.host, name="Diana Deputy")


def asked(cast: Cast, path: str = "host", hour: int = 10) -> Reservation:
    factories.set_policy(cast.studio, approval_path=path)
    return reserve(cast.studio, cast.booker, wish(hour))


def test_deputy__while_it_holds__decides_and_history_says_for_whom(
    cast: Cast, deputy: User
) -> None:
    made = asked(cast)
    with pytest.raises(Missing):
        reservation_approve(actor=again(deputy), reference=made.reference)
    away(cast, deputy)
    deputy = again(deputy)
    assert made in Reservation.objects.decidable_by(deputy)
    assert made in Reservation.objects.visible_to(deputy)
    done = reservation_approve(actor=deputy, reference=made.reference)
    assert (done.status, done.decided_by) == (Status.APPROVED, deputy)
    row = made.history.last()
    assert row is not None
    assert row.changes["on_behalf_of"] == [None, "Hristo Host"]
    assert done.decisions.get().on_behalf_of == cast.manager
    # What they decided they see for so long as they are a deputy.
    assert made in Reservation.objects.visible_to(again(deputy))
    Delegation.objects.all().delete()
    assert made in Reservation.objects.visible_to(cast.manager)


def test_deputy__of_the_host__not_in_the_hubs_turn(cast: Cast, deputy: User) -> None:
    made = asked(cast, "hub")
    away(cast, deputy)
    with pytest.raises(Missing):
        reservation_approve(actor=again(deputy), reference=made.reference)


def test_deputy__before_and_after__decides_only_what_is_passed_on(
    cast: Cast, deputy: User
) -> None:
    made = asked(cast)
    away(cast, deputy, first=2, last=5)
    with pytest.raises(Missing):
        reservation_approve(actor=again(deputy), reference=made.reference)
    Reservation.objects.filter(pk=made.pk).update(level=Level.DEPUTIES)
    done = reservation_approve(actor=again(deputy), reference=made.reference)
    assert done.status == Status.APPROVED
    late = asked(cast, hour=13)
    Delegation.objects.update(
        starts_on=clock.today() - 5 * DAY, ends_on=clock.today() - DAY
    )
    Reservation.objects.filter(pk=late.pk).update(level=Level.DEPUTIES)
    with pytest.raises(Missing):
        reservation_approve(actor=again(deputy), reference=late.reference)


def test_deputy__of_somebody_who_manages_no_more__is_none(
    cast: Cast, deputy: User
) -> None:
    made = asked(cast)
    away(cast, deputy)
    factories.person(cast.host, Membership.Role.MANAGER)
    membership = Membership.objects.get(user=cast.manager)
    membership.role = Membership.Role.BOOKER
    membership.save()
    with pytest.raises(Missing):
        reservation_approve(actor=again(deputy), reference=made.reference)


def test_deputy__where_several_decide__counts_once_with_whom_they_stand_for(
    cast: Cast, deputy: User
) -> None:
    factories.set_policy(cast.studio, approval_path="several", approvals_needed=2)
    made = reserve(cast.studio, cast.booker)
    away(cast, deputy)
    reservation_approve(actor=cast.manager, reference=made.reference)
    with pytest.raises(Forbidden):
        reservation_approve(actor=again(deputy), reference=made.reference)
    done = reservation_approve(actor=cast.staff, reference=made.reference)
    assert done.status == Status.APPROVED


def test_deputy__of_hub_staff__decides_in_the_hubs_turn(cast: Cast) -> None:
    made = asked(cast, "hub")
    delegation_make(
        actor=cast.staff,
        organisation_slug="",
        deputy_email=cast.stranger.email,
        starts_on=clock.today(),
        ends_on=clock.today(),
    )
    done = reservation_decline(
        actor=again(cast.stranger), reference=made.reference, code="safety"
    )
    assert done.decisions.get().on_behalf_of == cast.staff


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"deputy_email": "nobody@example.com"}, "deputy"),
        ({"first": 3, "last": 2}, "ends_on"),
        ({"first": -3, "last": -1}, "ends_on"),
        ({"last": 366}, "ends_on"),
    ],
)
def test_make__nonsense__is_refused_by_field(
    cast: Cast, deputy: User, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        away(cast, deputy, **fields)
    assert set(refused.value.extra["fields"]) == {field}
    assert not Delegation.objects.exists()


def test_make__a_stranger_or_oneself_or_for_others__is_refused(cast: Cast) -> None:
    for wrong in (cast.stranger, cast.manager):
        with pytest.raises(Invalid):
            away(cast, wrong)
    with pytest.raises(Forbidden):
        away(cast, cast.colleague, actor=cast.booker)
    with pytest.raises(Forbidden):
        away(cast, cast.colleague, organisation_slug="")
    with pytest.raises(Missing):
        away(cast, cast.colleague, organisation_slug="nowhere")


def test_end__by_whom_it_is__and_nobody_else(cast: Cast, deputy: User) -> None:
    made = away(cast, deputy)
    with pytest.raises(Missing):
        delegation_end(actor=deputy, delegation_id=made.pk)
    delegation_end(actor=cast.manager, delegation_id=made.pk)
    assert not Delegation.objects.exists()
