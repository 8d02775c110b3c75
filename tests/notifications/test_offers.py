"""What is told of offers: the guest is told of them, who decides of the answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import Reservation
from booking.services.lifecycle import reservations_expire_lapsed
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.waiting import Want, waiting_join
from config import clock
from notifications.models import Kind, Message, State
from notifications.selectors import messages_to_judge
from notifications.services.planning import history_plan
from notifications.texts import message_write
from tests.cast import Cast
from tests.notifications.scenes import in_three_days, plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def countered(cast: Cast) -> Reservation:
    made, wanted = requested(cast), in_three_days(14)
    plan()
    after = reservation_counter(
        actor=cast.manager,
        reference=made.reference,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        reason="The band rehearses",
    )
    plan()
    return after


def told(kind: Kind, **known: Any) -> set[Any]:
    rows = Message.objects.filter(kind=kind, **known)
    return {message.person for message in rows}


def text_of(kind: Kind) -> str:
    message = messages_to_judge().filter(kind=kind).first()
    assert message is not None
    written = message_write(message, clock.now())
    return f"{written.subject}\n{written.body}"


def test_countered__says_what_is_held_and_until_when(
    cast: Cast, countered: Reservation
) -> None:
    assert told(Kind.COUNTERED, state=State.PLANNED) == {cast.booker}
    text = text_of(Kind.COUNTERED)
    assert text.startswith("Another offer: Sound studio")
    assert "14:00" in text.splitlines()[0]
    assert "The band rehearses" in text
    assert "It is held for you until" in text


@pytest.mark.parametrize("again", [False, True])
def test_countered__answered_or_another_made__is_withdrawn(
    cast: Cast, countered: Reservation, *, again: bool
) -> None:
    if again:
        wanted = in_three_days(16)
        reservation_counter(
            actor=cast.staff,
            reference=countered.reference,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
        )
    else:
        offer_pass(actor=cast.booker, reference=countered.reference)
    plan()
    first = Message.objects.filter(kind=Kind.COUNTERED).order_by("pk")[0]
    assert first.state == State.WITHDRAWN
    open_ones = Message.objects.filter(kind=Kind.COUNTERED, state=State.PLANNED)
    assert open_ones.count() == again


def test_accepted__deciders_are_told_and_the_guest_of_the_approval(
    cast: Cast, countered: Reservation
) -> None:
    offer_accept(actor=cast.booker, reference=countered.reference)
    plan()
    assert told(Kind.ACCEPTED) >= {cast.manager, cast.staff}
    assert cast.booker not in told(Kind.ACCEPTED)
    assert told(Kind.APPROVED) == {cast.booker}
    assert "Boyana Booker of Startup accepted" in text_of(Kind.ACCEPTED)


def test_passed__by_the_clock__says_that_nobody_answered(
    cast: Cast, countered: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = countered.counter.lapses_at
    monkeypatch.setattr(clock, "now", lambda: later)
    reservations_expire_lapsed()
    plan()
    assert told(Kind.PASSED) >= {cast.manager, cast.staff}
    assert cast.booker not in told(Kind.PASSED)
    assert "Startup did not answer" in text_of(Kind.PASSED)


def test_offered__to_the_one_whose_turn_it_is_then_expired(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = in_three_days()
    entry = waiting_join(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        want=Want(window.starts_at, window.ends_at, 60),
        purpose="Recording a pilot",
    )
    plan()
    assert told(Kind.OFFERED, state=State.PLANNED) == {cast.booker}
    assert "held for you alone until" in text_of(Kind.OFFERED)
    offer = entry.offers.get()
    assert offer.lapses_at is not None
    later = offer.lapses_at + dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    reservations_expire_lapsed()
    plan()
    assert told(Kind.OFFERED, state=State.WITHDRAWN) == {cast.booker}
    assert told(Kind.EXPIRED) == {cast.booker}
    assert text_of(Kind.EXPIRED).startswith("Not answered in time")
    assert not history_plan(history_id=offer.history.latest("pk").pk)
