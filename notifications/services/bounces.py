"""Record what came back."""

from __future__ import annotations

from config import clock
from config.mail import one_line
from notifications.bounces import OURS, STATUS, Bounce
from notifications.models import Message

SAID_LENGTH = 500


def bounce_record(bounce: Bounce) -> Message | None:
    """Note at its message that a mail came back; None where it is none of ours.

    What came back for good stays so; saying it twice changes nothing.
    """
    named, status = OURS.search(bounce.message_id), STATUS.search(bounce.status)
    if named is None or status is None or status.group(1) == "2":
        return None
    message = Message.objects.filter(pk=int(named.group(1))).first()
    if message is None or message.message_id != named.group():
        return None
    open_ones = Message.objects.filter(pk=message.pk).exclude(
        bounce_status__startswith="5"
    )
    open_ones.update(
        bounced_at=clock.now(),
        bounce_status=status.group(),
        bounce=one_line(bounce.diagnostic)[:SAID_LENGTH],
    )
    message.refresh_from_db()
    return message
