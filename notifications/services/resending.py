"""Send a message once more, as a message of its own."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking.permissions import HOST_MANAGER
from config import clock
from config.errors import Conflict, Forbidden, Missing, TooMany
from labs.models import User
from notifications.log import messages_log, why_text
from notifications.models import WAITING, Message, State
from notifications.resending import first_cause, resend_cause
from notifications.rules import still_true, still_useful
from notifications.selectors import message_facts, messages_to_judge

#: What has ended, and may be sent once more.
RESENDABLE = frozenset({State.SENT, State.FAILED, State.MISSED})
#: One message is not sent again more often than this.
EVERY = dt.timedelta(minutes=10)
MOST_TIMES = 5


def can_resend(user: User, message: Message) -> bool:
    """Hub staff, and the managers of the host that it is about."""
    if user.is_hub_staff:
        return user.is_active
    reservation = message.reservation
    return reservation is not None and HOST_MANAGER.holds(user, reservation)


def message_resend(*, actor: User, message_id: int) -> Message:
    """Plan a message once more, due now; its text is written anew.

    Raises Missing (404), Forbidden (403), Conflict (409) `not_ended` or `not_true`,
    TooMany (429). Two at once: the second waits for the lock, and is too soon.
    """
    found = Message.objects.filter(pk=message_id).select_related("reservation").first()
    reference = found.reservation.reference if found and found.reservation else ""
    if not messages_log(actor, reference).filter(pk=message_id).exists():
        raise Missing
    with transaction.atomic(durable=True):
        Message.objects.select_for_update(no_key=True).get(pk=message_id)
        message = messages_to_judge().get(pk=message_id)
        if not can_resend(actor, message):
            raise Forbidden(_("Its host’s managers and hub staff send it again."))
        _require_sense(message)
        return _again(message)


def _require_sense(message: Message) -> None:
    if message.state not in RESENDABLE:
        raise Conflict(_("It has not been sent: there is nothing to repeat."))
    facts = message_facts(message, clock.now())  # type: ignore[arg-type]
    if not still_true(facts):
        message.state = State.WITHDRAWN  # not saved: for the words alone
        text = _("It is not true any more. %(why)s")
        raise Conflict(text % {"why": why_text(message)}, code="not_true")
    if not still_useful(facts):
        raise Conflict(_("It would be of no use any more."), code="not_useful")


def _again(message: Message) -> Message:
    now, first = clock.now(), first_cause(message.cause)
    again = Message.objects.filter(
        person=message.person_id,
        channel=message.channel,
        cause__in=[resend_cause(first, n) for n in range(1, MOST_TIMES + 1)],
    )
    before = list(again.order_by("created_at"))
    soon = before and now < before[-1].created_at + EVERY
    if soon or len(before) >= MOST_TIMES or any(x.state in WAITING for x in before):
        raise TooMany(_("It was sent again already. Wait a while, or call them."))
    return Message.objects.create(
        cause=resend_cause(first, len(before) + 1),
        kind=message.kind,
        channel=message.channel,
        person_id=message.person_id,
        reservation=message.reservation,
        about_id=message.about_id,
        history=message.history,
        offset_minutes=message.offset_minutes,
        due_at=now,
        useful_until=message.useful_until,
        created_at=now,
    )
