"""Two who deliver at once, in threads on real connections."""

from __future__ import annotations

import uuid

import pytest

from config import clock
from notifications.models import Kind, Message, State
from notifications.services import claims, delivery
from notifications.services.claims import ReservationNow
from tests.cast import Cast
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import at_once, deliver, many

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_deliverers__200_messages__each_goes_out_once(
    cast: Cast, inbox: Inbox
) -> None:
    many(cast, 200)

    shares = at_once(deliver, deliver)

    assert sum(shares) == len(inbox.mails) == 200
    assert min(shares) > 0
    assert inbox.repeats() == 0
    assert set(
        Message.objects.filter(
            kind=Kind.APPROVED, cause__startswith="number"
        ).values_list("state", "attempts")
    ) == {(State.SENT, 1)}


def test_control__without_claims__they_go_out_twice(
    cast: Cast, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the claims are for: looking, then sending, is not enough."""
    many(cast, 20)

    def look_only() -> tuple[uuid.UUID, list[int]]:
        due = Message.objects.filter(due_at__lte=clock.now(), state=State.PLANNED)
        return uuid.uuid4(), list(due.values_list("pk", flat=True))

    def begin(
        *, message_id: int, claim: uuid.UUID
    ) -> tuple[int, ReservationNow | None]:
        reservation = Message.objects.get(pk=message_id).reservation
        return 1, delivery._as_loaded(reservation)

    def settle(
        *, message_id: int, claim: uuid.UUID, state: State, **values: object
    ) -> bool:
        return bool(Message.objects.filter(pk=message_id).update(state=state, **values))

    monkeypatch.setattr(delivery, "messages_claim", look_only)
    monkeypatch.setattr(delivery, "message_begin", begin)
    monkeypatch.setattr(delivery, "message_settle", settle)
    at_once(deliver, deliver)

    assert inbox.repeats() > 0


def test_claim__many_at_once__no_message_is_claimed_twice(cast: Cast) -> None:
    many(cast, 4 * claims.BATCH)

    taken = at_once(*[claims.messages_claim] * 4)

    ids = [pk for _claim, pks in taken for pk in pks]
    assert len(ids) == len(set(ids)) == 4 * claims.BATCH
