"""What most tests here begin with, and the steps of a message's life."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from typing import Any

from django.db import connection

from booking.models import History, Reservation
from booking.selectors.facts import Wish
from booking.services.decisions import reservation_approve
from booking.services.offers import offer_accept, offer_pass, reservation_counter
from booking.services.reservations import reservation_move
from booking.services.waiting import Want, waiting_join
from labs.models import User
from notifications.audience import KINDS
from notifications.models import TIMED, Kind, Message, State
from notifications.services.delivery import messages_deliver_due
from notifications.services.planning import history_plan
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at

#: What is told of at all: the kinds of silent steps have no words.
TOLD = (*KINDS.values(), Kind.REMINDER, Kind.LAPSING)


def plan() -> bool:
    """Plan all history, as the workers do; returns whether something is due now."""
    rows = History.objects.filter(planned__isnull=True).values_list("pk", flat=True)
    due = [history_plan(history_id=pk) for pk in list(rows)]
    return any(due)


def deliver() -> int:
    return messages_deliver_due()


def in_three_days(hour: int = 10) -> Wish:
    """An hour of the third day: all reminders of it are still ahead."""
    starts_at = tomorrow_at(hour, days=3)
    return Wish(starts_at, starts_at + HOUR)


def requested(cast: Cast, hour: int = 10) -> Reservation:
    """The startup's request for the studio, in three days at ten."""
    return reserve(cast.studio, cast.booker, in_three_days(hour))


def approved(cast: Cast, hour: int = 10) -> Reservation:
    asked = requested(cast, hour)
    return reservation_approve(actor=cast.manager, reference=asked.reference)


def reminded(cast: Cast) -> Reservation:
    """The same, all its messages sent but for the reminders."""
    reservation = approved(cast)
    plan()
    others = Message.objects.exclude(kind=Kind.REMINDER)
    others.update(state=State.WITHDRAWN)
    return reservation


def reminders(reservation: Reservation) -> dict[tuple[int, str], int]:
    """How many reminders there are by minutes before the start, and state."""
    found: dict[tuple[int, str], int] = {}
    for message in Message.objects.filter(
        reservation=reservation, kind=Kind.REMINDER
    ).order_by("due_at"):
        key = (message.offset_minutes or 0, message.state)
        found[key] = found.get(key, 0) + 1
    return found


def move(reservation: Reservation, by: User, *, hours: float) -> None:
    """Move it to so much later than the given instance says."""
    reservation_move(
        actor=by,
        reference=reservation.reference,
        starts_at=reservation.starts_at + hours * HOUR,
        ends_at=reservation.ends_at + hours * HOUR,
    )


def many(cast: Cast, number: int, hour: int = 10) -> None:
    """So many messages that are due, about one approval, to the guest."""
    reservation = approved(cast, hour)
    history = reservation.history.get(action=History.Action.APPROVED)
    for row in reservation.history.all():
        history_plan(history_id=row.pk)
    Message.objects.filter(state=State.PLANNED).update(state=State.WITHDRAWN)
    Message.objects.bulk_create(
        Message(
            cause=f"number-{n}",
            kind=Kind.APPROVED,
            person=cast.booker,
            reservation=reservation,
            history=history,
            due_at=history.at,
            created_at=history.at,
        )
        for n in range(number)
    )


def told(kind: Kind | None = None) -> set[tuple[str, User]]:
    """Who is to be told what, by what is planned."""
    messages = Message.objects.exclude(kind__in=TIMED).select_related("person")
    if kind:
        messages = messages.filter(kind=kind)
    return {(message.kind, message.person) for message in messages}


def body(mail: EmailMessage) -> str:
    """Its plain text."""
    return _part(mail, "plain")


def html(mail: EmailMessage) -> str:
    return _part(mail, "html")


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all starting together; raise what they raise."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)
    errors: list[Exception] = []

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[number] = work()
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    start_and_join(threads)
    if errors:
        raise errors[0]
    return results


def start_and_join(threads: Iterable[threading.Thread]) -> None:
    threads = list(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def make_offers(cast: Cast, requests: list[str]) -> None:
    """Offer each another hour, of which one is accepted; the last is in line, too."""
    start = tomorrow_at(6, days=3)
    times: dict[str, Any] = {"starts_at": start, "ends_at": start + HOUR}
    for answer, reference in zip((offer_accept, offer_pass), requests, strict=True):
        reservation_counter(
            actor=cast.manager,
            reference=reference,
            resource=cast.lab.slug,
            reason="Ремонт",
            **times,
        )
        plan()
        answer(actor=cast.booker, reference=reference)
        times = {"starts_at": start + HOUR, "ends_at": start + 2 * HOUR}
    waiting_join(
        actor=cast.booker,
        resource_slug=cast.lab.slug,
        organisation_slug="",
        want=Want(start + 8 * HOUR, start + 9 * HOUR, 60),
        purpose="Запис",
    )
