"""From history to messages. Planning twice, or twice at once, plans once."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q
from django_stubs_ext import WithAnnotations

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.services.decisions import DECIDED, TAKE_BACK
from config import clock
from notifications.audience import (
    GUESTS_ONLY,
    KINDS,
    SILENT,
    Parties,
    Place,
    people_told,
)
from notifications.models import Kind, Message, Planned, Preference, State
from notifications.reminders import reminder_cause, reminder_times
from notifications.rules import only_person_left, state_due
from notifications.selectors import (
    Sides,
    history_missed,
    message_facts,
    messages_to_judge,
    parties_of,
    preferences_of,
    told_with,
)
from notifications.services.deliveries import deliveries_plan
from notifications.services.lapsing import lapsings
from notifications.wishes import wish

logger = logging.getLogger(__name__)

#: Messages about these are of no use once the reservation is over.
USEFUL_TO_THE_END = frozenset(
    {Kind.RESERVED, Kind.APPROVED, Kind.MOVE_ASKED, Kind.MOVED, Kind.CHANGED}
)
#: What had happened longer ago when it was recorded is nobody's news: it was loaded
#: from elsewhere. What was recorded when it happened is told however long the workers
#: were away, unless the reservation is over. Reminders are planned all the same.
OLD_NEWS = dt.timedelta(days=1)
#: How many rows a sweep takes at once; what is left waits for the next.
SWEEP_ROWS = 2_000
QUIET_ROWS = 20_000


def history_plan(*, history_id: int) -> bool:
    """Plan the messages of one history row, and its reservation's reminders.

    Returns whether one of them is due now. Does nothing for a row that is planned
    already or does not exist (the reservation's lock makes two at once one after the
    other). What it withdraws or revives follows from the reservation as it is now, so
    the order in which rows are planned does not matter.
    """
    found = History.objects.filter(pk=history_id)
    with transaction.atomic(durable=True):
        reservation = (
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("resource", "counter")
            .filter(history__in=found)
            .first()
        )
        if reservation is None or Planned.objects.filter(history=history_id).exists():
            return False
        history, now = found.get(), clock.now()
        deliveries_plan([reservation.pk])
        Planned.objects.create(history=history, at=now)
        parties = parties_of(reservation)
        planned = _events(history, reservation, parties, now)
        preferences = preferences_of(parties.guests | told_of(planned))
        planned += reminders_of(reservation, parties.guests, preferences, now)
        planned += lapsings(reservation, parties, now)
        as_wished(planned, preferences, now)
        Message.objects.bulk_create(planned, ignore_conflicts=True)
        _withdraw_untrue(reservation, parties, now)
    return any(
        message.due_at <= now and message.state == State.PLANNED for message in planned
    )


def _events(
    history: History, reservation: Reservation, parties: Parties, now: dt.datetime
) -> list[Message]:
    if not is_news(history, reservation, now):
        return []
    if told_with(history, reservation).filter(pk__lt=history.pk).exists():
        return []
    people = people_told(
        action=history.action,
        to_status=history.to_status,
        actor_id=history.actor_id,
        of=parties,
        place=_place_of(reservation),
        former=frozenset(history.changes.get("requested_by_id", [])[:1]),
    )
    if not people:
        return []
    kind = KINDS[History.Action(history.action)]
    # So long whoever decided may take it back; only then people are told.
    wait = TAKE_BACK if history.action in DECIDED else dt.timedelta()
    return [
        Message(
            cause=f"history-{history.pk}",
            kind=kind,
            person_id=person_id,
            reservation=reservation,
            history=history,
            due_at=history.at + wait,
            useful_until=reservation.ends_at if kind in USEFUL_TO_THE_END else None,
            created_at=now,
        )
        for person_id in sorted(people)
    ]


def told_of(planned: Collection[Message]) -> frozenset[int]:
    return frozenset(message.person_id for message in planned)


def as_wished(
    planned: Collection[Message],
    preferences: Mapping[int, Preference],
    now: dt.datetime,
) -> None:
    """Set when each comes, but for reminders, which were planned by it."""
    for message in planned:
        if message.kind != Kind.REMINDER:
            wish(message, preferences[message.person_id], now)


def _place_of(reservation: Reservation) -> Place:
    if reservation.kit_id is None:
        return Place.ALONE
    before = Reservation.objects.filter(kit=reservation.kit_id, pk__lt=reservation.pk)
    return Place.LATER if before.exists() else Place.FIRST


def is_news(history: History, reservation: Reservation, now: dt.datetime) -> bool:
    """Tell whether people should still hear of what a row says."""
    if history.at < history.recorded_at - OLD_NEWS:
        return False
    # A request may expire as its time ends, and that is told.
    return reservation.ends_at > now or history.at >= now - OLD_NEWS


def reminders_of(
    reservation: Reservation,
    people: Collection[int],
    preferences: Mapping[int, Preference],
    now: dt.datetime,
) -> list[Message]:
    """Return the reminders that people should have; those withdrawn are revived.

    Not those whose time had passed when it last changed: who reserves for in an hour
    needs no reminder of it. What passed since then is planned all the same, late.
    """
    if reservation.status != Status.APPROVED or reservation.starts_at <= now:
        return []
    changes = reservation.history.order_by("-at").values_list("at", flat=True)
    changed_at = changes.first() or now
    wanted = [
        wish(
            Message(
                cause=reminder_cause(reservation, minutes),
                kind=Kind.REMINDER,
                person_id=person_id,
                reservation=reservation,
                offset_minutes=minutes,
                due_at=due_at,
                useful_until=useful_until,
                created_at=now,
            ),
            preferences[person_id],
            now,
        )
        for person_id in sorted(people)
        for minutes, due_at, useful_until in reminder_times(
            reservation.starts_at, preferences[person_id].reminders
        )
        if due_at > changed_at
    ]
    # Quiet hours may bring one forward, to before it was known.
    wanted = one_at_a_time([each for each in wanted if each.due_at > changed_at])
    if wanted:
        revived = Q()
        for message in wanted:
            revived |= Q(cause=message.cause, person=message.person_id)
        Message.objects.filter(revived, state=State.WITHDRAWN).update(
            state=State.PLANNED
        )
    return wanted


def one_at_a_time(wanted: list[Message]) -> list[Message]:
    """Return reminders, each person's longest first, without those that come together.

    Of those that quiet hours bring to one moment the last is left, and each is of use
    until the next comes.
    """
    kept: list[Message] = []
    for message in reversed(wanted):
        after = kept[-1] if kept and kept[-1].person_id == message.person_id else None
        if after is None:
            kept.append(message)
        elif message.due_at < after.due_at:
            message.useful_until = after.due_at
            kept.append(message)
    return kept[::-1]


def message_hand_on(
    message: WithAnnotations[Message, Sides], parties: Parties, now: dt.datetime
) -> None:
    """Plan for the guests of now what its person, who has left, can no longer be told.

    Under the reservation's lock, with a message that was read under it. Does nothing
    where it went to the host's side, or is not right for anybody.
    """
    reservation, history = message.booked, message.history
    of_guest = message.person_id == reservation.requested_by_id
    if not only_person_left(message_facts(message, now)) or not (
        of_guest or message.kind in GUESTS_ONLY
    ):
        return
    preferences = preferences_of(parties.guests)
    if history is None:
        planned = reminders_of(reservation, parties.guests, preferences, now)
        planned += lapsings(reservation, parties, now)
    else:
        planned = _events(history, reservation, parties, now)
    theirs = [
        each
        for each in planned
        if each.cause == message.cause and each.person_id in parties.guests
    ]
    as_wished(theirs, preferences, now)
    Message.objects.bulk_create(theirs, ignore_conflicts=True)


def _withdraw_untrue(
    reservation: Reservation, parties: Parties, now: dt.datetime
) -> None:
    """Withdraw what waits and is no longer so; whoever is sending looks for himself."""
    waiting = messages_to_judge().filter(reservation=reservation, state=State.PLANNED)
    untrue = [
        message
        for message in waiting
        if state_due(message_facts(message, now)) == State.WITHDRAWN
    ]
    # Where somebody began to send one meanwhile it is his to judge.
    Message.objects.filter(
        pk__in=[message.pk for message in untrue], state=State.PLANNED
    ).update(state=State.WITHDRAWN)
    for message in untrue:
        message_hand_on(message, parties, now)


def history_plan_missed(*, seconds: float = 25) -> bool:
    """Plan what the signal did not bring about; returns whether something is due now.

    Ends after `seconds`, or when nothing is left.
    """
    until = time.monotonic() + seconds
    quiet = _plan_quiet()
    is_due = False
    for history_id in history_missed(clock.now())[:SWEEP_ROWS]:
        if time.monotonic() > until:
            break
        try:
            is_due |= history_plan(history_id=history_id)
        except Exception:
            # One row that cannot be planned must not keep those after it waiting.
            logger.exception("No messages could be planned for history %s", history_id)
    if quiet:
        logger.info("Noted %s history rows that concern nobody", quiet)
    return is_due


def _plan_quiet() -> int:
    """Note, all at once, the rows that no message or reminder follows from.

    An import has a hundred thousand of them.
    """
    now = clock.now()
    rows = History.objects.filter(pk__in=history_missed(now), action__in=SILENT)
    quiet = rows.exclude(
        reservation__status=Status.APPROVED, reservation__starts_at__gt=now
    )
    found = list(quiet.values_list("pk", "reservation_id")[:QUIET_ROWS])
    planned = [Planned(history_id=pk, at=now) for pk, _reservation in found]
    with transaction.atomic(durable=True):
        deliveries_plan({reservation for _pk, reservation in found})
        Planned.objects.bulk_create(planned, batch_size=5_000, ignore_conflicts=True)
    return len(planned)
