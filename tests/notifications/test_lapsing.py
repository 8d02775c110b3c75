"""Who is asked again before something runs out, and who need not be."""

from __future__ import annotations

import datetime as dt

import pytest
from django_stubs_ext import WithAnnotations

from booking.models import Reservation
from booking.models.paths import Undecided
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.waiting import Want, waiting_join
from notifications.lapses import COUNTER, OFFER, REQUEST
from notifications.models import Kind, Message, State
from notifications.selectors import Sides, messages_to_judge
from notifications.services.delivery import messages_deliver_due
from notifications.texts import message_write
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import in_three_days, plan, requested

pytestmark = pytest.mark.django_db(transaction=True)


def lapsings(state: State = State.PLANNED) -> list[WithAnnotations[Message, Sides]]:
    found = messages_to_judge().filter(kind=Kind.LAPSING, state=state)
    return list(found.order_by("due_at"))


def offered(cast: Cast) -> Reservation:
    window = in_three_days()
    entry = waiting_join(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        want=Want(window.starts_at, window.ends_at, 60),
        purpose="Recording a pilot",
    )
    return entry.offers.get()


def counter(cast: Cast, made: Reservation) -> dt.datetime:
    wanted = in_three_days(14)
    reservation_counter(
        actor=cast.manager,
        reference=made.reference,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    until = Reservation.objects.get(pk=made.pk).counter.lapses_at
    assert until is not None
    return until


def test_lapsing__a_request__its_guest_hears_before_it_expires(cast: Cast) -> None:
    made = requested(cast)
    plan()
    (message,) = lapsings()
    assert made.lapses_at is not None
    assert message.person == cast.booker
    assert message.due_at == made.lapses_at - REQUEST
    assert message.useful_until == made.lapses_at
    text = message_write(message, message.due_at)
    assert text.subject.startswith("Not decided yet: Sound studio")
    assert "Nobody has decided on your request yet." in text.body


def test_lapsing__a_request_that_will_count_as_approved__nobody_hears(
    cast: Cast,
) -> None:
    made = requested(cast)
    Reservation.objects.filter(pk=made.pk).update(if_undecided=Undecided.APPROVE)
    plan()
    assert lapsings() == []


def test_lapsing__an_offer_of_the_waiting_list__says_what_is_lost(cast: Cast) -> None:
    held = offered(cast)
    plan()
    (message,) = lapsings()
    assert held.lapses_at is not None
    assert message.due_at == held.lapses_at - OFFER
    text = message_write(message, message.due_at)
    assert text.subject.startswith("To answer soon: ")
    assert "the next in line is asked" in text.body
    assert "Accept it or pass:" in text.body


def test_lapsing__a_counter_offer__takes_the_place_of_the_request(cast: Cast) -> None:
    made = requested(cast)
    plan()
    until = counter(cast, made)
    plan()
    (message,) = lapsings()
    assert message.due_at == until - COUNTER
    text = message_write(message, message.due_at)
    assert "14:00" in text.subject
    assert "your request goes on as it was" in text.body
    assert len(lapsings(State.WITHDRAWN)) == 1


def test_lapsing__a_counter_offer_passed__the_request_may_lapse_again(
    cast: Cast,
) -> None:
    made = requested(cast)
    plan()
    (first,) = lapsings()
    counter(cast, made)
    plan()
    offer_pass(actor=cast.booker, reference=made.reference)
    plan()
    assert [message.pk for message in lapsings()] == [first.pk]


def test_lapsing__answered_a_second_before__does_not_go_out(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    held = offered(cast)
    plan()
    (message,) = lapsings()
    time.set(message.due_at - dt.timedelta(seconds=1))
    offer_accept(actor=cast.booker, reference=held.reference)
    time.forward(seconds=2)
    messages_deliver_due()
    assert not any(each.startswith("To answer soon") for each in inbox.subjects())
    message.refresh_from_db()
    assert message.state == State.WITHDRAWN


def test_lapsing__unanswered__goes_out_once(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    offered(cast)
    plan()
    plan()
    (message,) = lapsings()
    time.set(message.due_at + dt.timedelta(seconds=1))
    messages_deliver_due()
    messages_deliver_due()
    told = [each for each in inbox.subjects() if each.startswith("To answer soon")]
    assert len(told) == 1
