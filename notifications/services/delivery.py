"""Send what is due: claim, look again, write, send, mark; each message on its own.

Exactly once over SMTP does not exist. The one window in which a repeat can arise is
between the server's 250 and our mark, for one message of a process that is killed in
it; it carries the same Message-ID.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid

from django.db import transaction
from django.db.models import F
from django_stubs_ext import WithAnnotations

from booking.models import Reservation
from config import clock
from config.post import Deferred, Post, Refused, Unreachable
from notifications.links import links_mask
from notifications.mails import mail_of
from notifications.models import Message, State
from notifications.rules import state_due
from notifications.selectors import (
    Sides,
    message_facts,
    messages_to_judge,
    parties_of,
)
from notifications.services.claims import (
    ReservationNow,
    message_begin,
    message_settle,
    messages_claim,
    messages_release,
)
from notifications.services.planning import message_hand_on
from notifications.texts import Text, message_write
from notifications.wishes import waits_until

logger = logging.getLogger(__name__)

#: Until the next attempt, after the first, second, third and every later one.
BACKOFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
MAX_ATTEMPTS = 8
#: Until a server that took nothing from us is asked again.
PAUSE = dt.timedelta(minutes=1)
ERROR_LENGTH = 500


def messages_deliver_due(*, seconds: float = 50) -> int:
    """Send until nothing is due or `seconds` are over; returns how many went out.

    Any number may run at once. A server that is away ends it; its messages wait.
    """
    until = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < until:
        claim, message_ids = messages_claim()
        if not message_ids:
            break
        try:
            sent += _deliver_batch(claim, message_ids, until)
        except Unreachable as error:
            logger.warning("The mail server cannot be used now: %s", error)
            break
    return sent


def _deliver_batch(claim: uuid.UUID, message_ids: list[int], until: float) -> int:
    """Send a batch over one connection; what cannot be tried is given back."""
    sent = 0
    messages = messages_to_judge().in_bulk(message_ids)
    with Post() as post:
        for number, message_id in enumerate(message_ids):
            rest = message_ids[number:]
            if time.monotonic() > until:
                messages_release(message_ids=rest, claim=claim)
                break
            try:
                sent += _deliver(post, claim, messages[message_id])
            except Unreachable as error:
                _hold_back(claim, rest, error)
                raise
    return sent


def _hold_back(claim: uuid.UUID, rest: list[int], error: Unreachable) -> None:
    """Give back the first, whose attempt was none, and those after it."""
    values = {"due_at": clock.now() + PAUSE, "last_error": str(error)[:ERROR_LENGTH]}
    first = {"attempts": F("attempts") - 1, **values}
    messages_release(message_ids=rest[:1], claim=claim, **first)
    messages_release(message_ids=rest[1:], claim=claim, **values)


def _deliver(
    post: Post, claim: uuid.UUID, message: WithAnnotations[Message, Sides]
) -> bool:
    """Send one message if that is still right; returns whether it went out."""
    begun = message_begin(message_id=message.pk, claim=claim)
    if begun is None:
        return False
    attempts, reservation = begun
    if reservation != _as_loaded(message.reservation):
        message = messages_to_judge().get(pk=message.pk)
    message.attempts = attempts
    if not _may_go_out(claim, message):
        return False
    try:
        text = message_write(message, clock.now())
        post.send(mail_of(message, text))
    except Unreachable:
        raise
    except Refused as error:
        _fail(claim, message, str(error))
    except Deferred as error:
        _retry(claim, message, str(error))
    except Exception as error:
        # A message that cannot be written must not keep those after it waiting.
        logger.exception("Message %s cannot be written", message.pk)
        _retry(claim, message, repr(error))
    else:
        _mark_sent(claim, message, text)
        return True
    return False


def _may_go_out(claim: uuid.UUID, message: WithAnnotations[Message, Sides]) -> bool:
    """Tell whether it is right to send it now; end it or give it back where not."""
    now = clock.now()
    if state_due(message_facts(message, now)) != State.PLANNED:
        _drop(claim, message)
    elif end := waits_until(message, now):
        _hold_until(claim, message, end)
    elif message.attempts > MAX_ATTEMPTS:
        _fail(claim, message, message.last_error or "It never came to an end.")
    else:
        return True
    return False


def _hold_until(claim: uuid.UUID, message: Message, end: dt.datetime) -> None:
    """Give it back until its person's quiet hours end; it was no attempt."""
    values = {"due_at": end, "attempts": F("attempts") - 1}
    messages_release(message_ids=[message.pk], claim=claim, **values)


def _as_loaded(reservation: Reservation | None) -> ReservationNow | None:
    if reservation is None:
        return None
    return ReservationNow(
        reservation.version,
        reservation.status,
        reservation.starts_at,
        reservation.ends_at,
    )


def _mark_sent(claim: uuid.UUID, message: Message, text: Text) -> None:
    marked = message_settle(
        message_id=message.pk,
        claim=claim,
        state=State.SENT,
        sent_at=clock.now(),
        to=message.person.email,
        subject=text.subject,
        body=links_mask(text.body),
        last_error="",
    )
    if not marked:
        logger.warning(
            "Message %s took longer than its lease, and may go out again", message.pk
        )


def _drop(claim: uuid.UUID, message: Message) -> None:
    """End a message that is no longer right, unless it has become so again.

    Under the reservation's lock, which planning takes too: without it, a reservation
    that is moved back between our look and our mark would lose its reminder. What only
    its person may no longer know is planned for those who are there in their place.
    """
    with transaction.atomic(durable=True):
        if message.reservation:
            rows = Reservation.objects.select_for_update(of=("self",), no_key=True)
            rows.get(pk=message.reservation.pk)
        fresh = messages_to_judge().get(pk=message.pk)
        now = clock.now()
        state = state_due(message_facts(fresh, now))
        settled = message_settle(message_id=message.pk, claim=claim, state=state)
        if settled and state == State.WITHDRAWN and fresh.reservation:
            message_hand_on(fresh, parties_of(fresh.reservation), now)


def _retry(claim: uuid.UUID, message: Message, error: str) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _fail(claim, message, error)
        return
    wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
    message_settle(
        message_id=message.pk,
        claim=claim,
        state=State.PLANNED,
        due_at=clock.now() + wait,
        last_error=error[:ERROR_LENGTH],
    )


def _fail(claim: uuid.UUID, message: Message, error: str) -> None:
    logger.error("Message %s cannot be delivered: %s", message.pk, error)
    message_settle(
        message_id=message.pk,
        claim=claim,
        state=State.FAILED,
        last_error=error[:ERROR_LENGTH],
    )
