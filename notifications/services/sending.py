"""Send what webhooks are to be told: claim, write, post, note; each on its own.

Posts run in threads, which know nothing of the database, and nothing remote happens in
a transaction. A process that is killed between a receiver's answer and our note sends
that one again, under the same name.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial

from django.db import transaction

from config import clock
from config.outbound import Answer, NoAnswer, post
from config.sealing import CannotOpen, unseal
from notifications.models import (
    EXCERPT_LENGTH,
    Delivery,
    DeliveryState,
    PausedWhy,
    Webhook,
)
from notifications.payloads import payload
from notifications.services.deliveries import deliveries_claim, delivery_settle
from notifications.services.webhook_pausing import (
    webhook_pause_if_failing,
    webhook_stop,
)
from notifications.signatures import signature
from notifications.webhook_selectors import deliveries_to_send

logger = logging.getLogger(__name__)

#: So many wait for their receivers at once.
PARALLEL = 8
#: For a whole attempt, from looking up the name to the end of the answer.
DEADLINE = dt.timedelta(seconds=10)
#: Until the next attempt, after the first, second, … and every later one.
BACKOFF = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360)]
#: How long it is tried, from the first attempt on.
PATIENCE = dt.timedelta(days=1)
#: Until a receiver that gave no answer at all is asked for anything else.
PAUSE = dt.timedelta(minutes=1)
GONE = 410

Post = Callable[[], Answer]
UnderWay = dict["Future[Answer]", Delivery]


def deliveries_send_due(*, seconds: float = 4) -> int:
    """Send until nothing is due or `seconds` are over; returns how many arrived.

    Any number may run at once. Shorter than the beat's tick: a receiver that is slow
    must not keep a second worker from the mails.
    """
    until, arrived = time.monotonic() + seconds, 0
    under_way: UnderWay = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        while True:
            free = PARALLEL - len(under_way)
            if free and time.monotonic() < until:
                under_way |= _begun(pool, *deliveries_claim(free))
            if not under_way:
                return arrived
            done, _others = wait(under_way, return_when=FIRST_COMPLETED)
            arrived += sum(_settle(under_way.pop(each), each) for each in done)


def _begun(pool: ThreadPoolExecutor, claim: uuid.UUID, ids: list[int]) -> UnderWay:
    """Begin to send what was claimed; what cannot be written fails at once."""
    begun: UnderWay = {}
    for delivery in deliveries_to_send(ids):
        try:
            send = _written(delivery)
        except CannotOpen:
            _fail(delivery, claim, None, "secret_lost")
        except Exception:
            # One that cannot be written must not keep those after it waiting.
            logger.exception("Delivery %s cannot be written", delivery.key)
            _fail(delivery, claim, None, "not_written")
        else:
            begun[pool.submit(send)] = delivery
    return begun


def _written(delivery: Delivery) -> Post:
    """Return what sends it, signed anew; keep its body for the log."""
    body, now = payload(delivery), clock.now()
    delivery.body = body.decode()
    headers = {
        "Content-Type": "application/json",
        "Atrium-Event": delivery.event,
        "Atrium-Delivery": str(delivery.key),
        "Atrium-Signature": signature(
            body, secrets_of(delivery.webhook, now), int(now.timestamp())
        ),
    }
    return partial(post, delivery.webhook.url, body, headers, deadline=DEADLINE)


def secrets_of(webhook: Webhook, now: dt.datetime) -> list[str]:
    """Return those that sign now; raise CannotOpen."""
    known = [webhook.sealed]
    if webhook.former_until is not None and webhook.former_until > now:
        known.append(webhook.former_sealed)
    return [unseal(each) for each in known]


def _settle(delivery: Delivery, done: Future[Answer]) -> bool:
    """Note what became of an attempt; returns whether it arrived."""
    claim = delivery.claim
    if claim is None:
        raise ValueError("This delivery was not claimed.")
    try:
        answer = done.result()
    except NoAnswer as error:
        _fail(delivery, claim, None, error.code)
    except Exception:
        logger.exception("Delivery %s cannot be sent", delivery.key)
        _fail(delivery, claim, None, "not_sent")
    else:
        if 200 <= answer.status < 300:
            _arrive(delivery, claim, answer)
            return True
        _fail(delivery, claim, answer, "")
    return False


def _arrive(delivery: Delivery, claim: uuid.UUID, answer: Answer) -> None:
    with transaction.atomic(durable=True):
        failing = Webhook.objects.filter(
            pk=delivery.webhook_id, failing_since__isnull=False
        )
        failing.update(failing_since=None, held_until=None)
        delivery_settle(
            delivery_id=delivery.pk,
            claim=claim,
            state=DeliveryState.DELIVERED,
            ended_at=clock.now(),
            status=answer.status,
            error="",
            body=delivery.body,
            answer=_excerpt(answer),
        )


def _fail(
    delivery: Delivery, claim: uuid.UUID, answer: Answer | None, error: str
) -> None:
    """Have it tried again, or give it up; pause a webhook that only ever fails."""
    now = clock.now()
    is_gone = answer is not None and answer.status == GONE
    again = _again_at(delivery, now)
    ends = is_gone or again is None
    # The webhook first, as everybody who changes it with its deliveries does.
    webhooks = Webhook.objects.select_for_update(no_key=True)
    with transaction.atomic(durable=True):
        webhook = webhooks.filter(pk=delivery.webhook_id).first()
        settled = delivery_settle(
            delivery_id=delivery.pk,
            claim=claim,
            state=DeliveryState.GIVEN_UP if ends else DeliveryState.PLANNED,
            due_at=again or now,
            ended_at=now if ends else None,
            status=answer.status if answer else None,
            error=error,
            body=delivery.body,
            answer=_excerpt(answer) if answer else "",
        )
        if webhook is None or not settled:
            logger.warning("Delivery %s is not ours any more", delivery.key)
            return
        webhook.failing_since = webhook.failing_since or now
        if answer is None:
            webhook.held_until = now + PAUSE
        webhook.save(update_fields=["failing_since", "held_until"])
        if is_gone:
            webhook_stop(webhook, PausedWhy.GONE, now)
        else:
            webhook_pause_if_failing(webhook, now)


def _again_at(delivery: Delivery, now: dt.datetime) -> dt.datetime | None:
    """Return when it is tried again; None when it has been for a day, or is a ping."""
    ends = (delivery.begun_at or now) + PATIENCE
    if delivery.history_id is None or now >= ends:
        return None
    wait_for = BACKOFF[min(delivery.attempts, len(BACKOFF)) - 1]
    return min(now + wait_for, ends)


def _excerpt(answer: Answer) -> str:
    # PostgreSQL keeps no NUL.
    text = answer.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return text[:EXCERPT_LENGTH]
