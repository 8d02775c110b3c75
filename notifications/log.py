"""The log: what was sent to whom, when, and why not."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from booking.models import Reservation
from booking.permissions import HOST, rows_for
from config import clock
from labs.models import User
from notifications.models import Message, State
from notifications.rules import TRUE_WHILE
from notifications.selectors import messages_visible_to

#: A mailbox that has kept another mail for so long works again.
KEPT = dt.timedelta(days=1)
#: As a filter beside the states.
BOUNCED = "bounced"


def messages_log(user: User, reference: str = "") -> QuerySet[Message]:
    """Return what this person may know to have been sent, newest first.

    Of one reservation its host sees all, as it does the history; the texts of what
    went to the other side it does not: see `readable`.
    """
    found = messages_visible_to(user)
    hosted = Reservation.objects.filter(rows_for(HOST, user), reference=reference)
    if reference and hosted.exists():
        found = Message.objects.all()
    found = found.select_related(
        "person", "reservation__resource__organisation", "reservation__resource__site"
    )
    return found.filter(reservation__reference=reference) if reference else found


def readable(user: User, messages: list[Message]) -> set[int]:
    """Return the ids of those whose texts are this person's to read."""
    ids = [message.pk for message in messages]
    theirs = messages_visible_to(user).filter(pk__in=ids)
    return set(theirs.values_list("pk", flat=True))


def why_text(message: Message) -> str:
    """Say why a message stands as it does, by its reservation as it is now."""
    if message.state == State.WITHDRAWN:
        return _why_withdrawn(message)
    said = message.last_error
    retried = _("Not taken yet, it is tried again: %(said)s") if said else ""
    text = {
        State.MISSED: _(
            "It could not be sent in time, and would have been of no use later."
        ),
        State.FAILED: _("The mail server refused it: %(said)s"),
        State.COLLECTED: _("It waits for the digest, or went out in it."),
        State.UNWANTED: _("The person wants none of these."),
        State.PLANNED: retried,
    }.get(State(message.state), "")
    return text % {"said": said}


def _why_withdrawn(message: Message) -> str:
    reservation = message.reservation
    if not message.person.is_active:
        return _("The person may not sign in any more.")
    if reservation is None:
        return _("It was not so any more.")
    if reservation.status not in TRUE_WHILE[message.kind]:
        text = _("The reservation is “%(status)s” now.")
        return text % {"status": reservation.get_status_display()}
    return _("It was moved, decided anew or handed over before it was due.")


def bounces_of(address: str) -> QuerySet[Message]:
    """Return what an address sent back for good, the latest first, while it does.

    Not what came before a mail that it has kept.
    """
    later = Message.objects.filter(
        to=OuterRef("to"),
        state=State.SENT,
        bounced_at__isnull=True,
        sent_at__gt=OuterRef("sent_at"),
        sent_at__lt=clock.now() - KEPT,
    )
    returned = Message.objects.filter(
        to=address, bounced_at__isnull=False, bounce_status__startswith="5"
    )
    return returned.exclude(Exists(later)).order_by("-bounced_at")
