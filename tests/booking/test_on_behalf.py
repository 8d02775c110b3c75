from __future__ import annotations

from typing import Any

import pytest

from booking.exceptions import ChangedMeanwhile, WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.services.handing import reservation_hand_over
from booking.services.lifecycle import reservation_cancel
from booking.services.reservations import Idempotency
from config.errors import Forbidden, Invalid, Missing
from labs.models import User
from tests import factories
from tests.cast import Cast
from tests.factories import reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


def test_reserve__manager_for_a_member__the_member_comes(cast: Cast) -> None:
    made = reserve(cast.lab, cast.colleague, guest=cast.booker.email.upper())
    assert (made.requested_by, made.sent_by) == (cast.booker, cast.colleague)
    assert made.history.get().actor == cast.colleague


def test_reserve__staff_for_a_member__of_the_named_organisation(cast: Cast) -> None:
    given: dict[str, Any] = {"organisation_slug": cast.startup.slug}
    made = reserve(cast.lab, cast.staff, guest=cast.booker.email, **given)
    assert (made.requested_by, made.organisation) == (cast.booker, cast.startup)
    with pytest.raises(Invalid) as refusal:
        reserve(cast.lab, cast.staff, wish(14), guest=cast.stranger.email, **given)
    assert "for" in refusal.value.extra["fields"]


def test_reserve__for_oneself__is_not_on_behalf(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, guest=cast.booker.email)
    assert (made.requested_by, made.sent_by) == (cast.booker, None)


def test_reserve__booker_for_a_colleague__is_forbidden(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        reserve(cast.lab, cast.booker, guest=cast.colleague.email)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("who", ["stranger", "gone", "nobody"])
def test_reserve__for_no_member__is_invalid(cast: Cast, who: str) -> None:
    gone = factories.person(cast.startup, is_active=False)
    emails = {"stranger": cast.stranger.email, "gone": gone.email, "nobody": "a@b.eu"}
    with pytest.raises(Invalid):
        reserve(cast.lab, cast.colleague, guest=emails[who])


def test_reserve__for_a_member_with_the_same_key_as_theirs__makes_both(
    cast: Cast,
) -> None:
    key = Idempotency("a", "1")
    own = reserve(cast.lab, cast.booker, idempotency=key)
    given: dict[str, Any] = {"guest": cast.booker.email, "idempotency": key}
    made = reserve(cast.lab, cast.colleague, wish(14), **given)
    assert made != own
    assert reserve(cast.lab, cast.colleague, wish(14), **given) == made


def hand_over(actor: User, made: Reservation, to: User, **given: int) -> Reservation:
    return reservation_hand_over(
        actor=actor, reference=made.reference, to=to.email, **given
    )


@pytest.mark.parametrize("who", ["booker", "colleague", "staff"])
def test_hand_over__by_the_guests_side__the_other_comes(cast: Cast, who: str) -> None:
    made = reserve(cast.studio, cast.booker)
    other = factories.person(cast.startup, name="Other")
    hand_over(getattr(cast, who), made, other, version=1)
    made.refresh_from_db()
    assert (made.requested_by, made.status, made.version) == (other, Status.PENDING, 2)
    assert made.lapses_at is not None
    last = made.history.last()
    assert last is not None
    assert last.action == History.Action.HANDED_OVER
    assert last.changes["requested_by"] == ["Boyana Booker", "Other"]


def test_hand_over__then_the_same_key__is_still_the_senders(cast: Cast) -> None:
    key = Idempotency("a", "1")
    made = reserve(cast.lab, cast.booker, idempotency=key)
    hand_over(cast.booker, made, cast.colleague)
    assert reserve(cast.lab, cast.booker, idempotency=key) == made


def test_hand_over__by_others__is_refused(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    other = factories.person(cast.startup)
    with pytest.raises(Forbidden):
        hand_over(cast.manager, made, other)
    with pytest.raises(Forbidden):
        hand_over(other, made, other)
    with pytest.raises(Missing):
        hand_over(cast.stranger, made, other)
    with pytest.raises(Invalid):
        hand_over(cast.booker, made, cast.stranger)
    with pytest.raises(Invalid):
        hand_over(cast.booker, made, cast.booker)
    with pytest.raises(ChangedMeanwhile):
        hand_over(cast.booker, made, other, version=7)
    assert made.history.count() == 1


def test_hand_over__cancelled__is_refused(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    reservation_cancel(actor=cast.booker, reference=made.reference)
    with pytest.raises(WrongStatus):
        hand_over(cast.booker, made, cast.colleague)
