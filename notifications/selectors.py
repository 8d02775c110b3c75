"""Everything that reads: parties, missed history, messages to send or to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypedDict

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django_stubs_ext import WithAnnotations

from booking.models import Delegation, History, Reservation
from booking.models.delegation import DelegationQuerySet
from booking.models.reservation import Status
from booking.permissions import GUEST, GUEST_MANAGER, HOST_MANAGER, deputies_of
from config import clock
from labs.models import Membership, User
from notifications.audience import SILENT, Parties
from notifications.lapses import lapse_of, lapsing_cause
from notifications.models import WAITING, Kind, Message, Preference, State, Wording
from notifications.models.preference import OFFSETS, USUAL_OFFSETS
from notifications.notices import NOTICES_BY_KIND
from notifications.reminders import reminder_cause
from notifications.resending import first_cause
from notifications.rules import Facts

#: Well before the first reminder, so that an outage of a day loses none.
AHEAD = dt.timedelta(days=2)
#: How far back the sweep looks for history that no message was planned from.
SWEEP = dt.timedelta(days=7)
#: After these a counter-offer is not open any more, or it is another one.
ENDS_A_COUNTER = frozenset(
    {
        History.Action.COUNTERED,
        History.Action.ACCEPTED,
        History.Action.PASSED,
        History.Action.MOVED,
    }
)


def parties_of(reservation: Reservation) -> Parties:
    """Return whom messages about a reservation can go to; one query, two for a request.

    The guest is the one who asked for it. Where that is not an active member (any more)
    the managers of the organisation are told, so that somebody is.
    """
    people = list(
        User.objects.filter(is_active=True)
        .annotate(
            is_member=GUEST.people(reservation),
            is_manager=GUEST_MANAGER.people(reservation),
            is_host=HOST_MANAGER.people(reservation),
        )
        .filter(
            Q(pk=reservation.requested_by_id)
            | Q(is_manager=True)
            | Q(is_host=True)
            | Q(is_hub_staff=True)
        )
        .values_list("pk", "is_member", "is_manager", "is_host", "is_hub_staff")
    )
    members = {pk for pk, member, *_ in people if member}
    staff = frozenset(pk for pk, *_, hub_staff in people if hub_staff)
    guests = {reservation.requested_by_id} & (members | staff)
    if reservation.requested_by_id not in members:
        guests |= {pk for pk, _, manager, *_ in people if manager}
    hosts = frozenset(pk for pk, _, _, host, _ in people if host)
    return Parties(
        frozenset(guests),
        hosts,
        staff,
        _deputies(reservation),
        reservation.turn,
        reservation.level,
    )


def _deputies(reservation: Reservation) -> frozenset[int]:
    if reservation.status != Status.PENDING:
        return frozenset()
    return frozenset(deputies_of(reservation).values_list("deputy_id", flat=True))


def preferences_of(people: Collection[int]) -> Mapping[int, Preference]:
    """Return how each wants to be told, by their ids; one query."""
    rows = Preference.objects.filter(person__in=people).select_related("person")
    return {pk: Preference() for pk in people} | {row.person_id: row for row in rows}


def told_with(history: History, reservation: Reservation) -> QuerySet[History]:
    """Return the rows that one message tells together: dates of a series, done at once.

    Only the first of them is told, and says how many more there are.
    """
    if reservation.series_id is None:
        return History.objects.none()
    return History.objects.filter(
        at=history.at,
        actor=history.actor_id,
        action=history.action,
        reservation__series=reservation.series_id,
    ).order_by("reservation__starts_at", "pk")


def history_missed(now: dt.datetime) -> QuerySet[History, int]:
    """Return the ids of history rows without a plan, oldest first.

    Those of the last days, and however old those of what is not over: it is told after
    the longest outage, and its reminders must come also when it was imported with a
    history from another system. Rows that
    only reminders follow from wait until these are near: an import has a hundred
    thousand of them, and every plan costs some milliseconds.
    """
    near = Q(reservation__starts_at__lte=now + _longest_offset() + AHEAD)
    missed = History.objects.filter(
        ~Q(action__in=SILENT) | ~Q(reservation__status=Status.APPROVED) | near,
        planned__isnull=True,
    ).order_by()
    recent = missed.filter(at__gt=now - SWEEP)
    ahead = missed.filter(
        reservation__status__in=Status.values,  # all; the index begins with it
        reservation__ends_at__gt=now,
    )
    ids = recent.values_list("pk", flat=True).union(ahead.values_list("pk", flat=True))
    return ids.order_by("pk")


def _longest_offset() -> dt.timedelta:
    """Return how long before the start anybody is reminded."""
    longer = [offset for offset in OFFSETS if offset > max(USUAL_OFFSETS)]
    chosen = [
        offset
        for offset in longer
        if Preference.objects.filter(reminders__contains=[offset]).exists()
    ]
    return dt.timedelta(minutes=max([*chosen, *USUAL_OFFSETS]))


class Sides(TypedDict):
    """Whether the person is a member of the guest's, a manager of the host's side.

    Or a deputy of somebody who decides. With what hub staff have its kind say in the
    person's language, which is "" where they went back to ours.
    """

    to_guest: bool
    to_host: bool
    to_deputy: bool
    wording: dict[str, str] | None


def messages_to_judge() -> QuerySet[WithAnnotations[Message, Sides]]:
    """Return messages with all that `message_facts` and their texts need."""
    of = Membership.objects.filter(
        user=OuterRef("person"), organisation__is_active=True
    )
    host = of.filter(
        organisation=OuterRef("reservation__resource__organisation"),
        role=Membership.Role.MANAGER,
    )
    standing: DelegationQuerySet = Delegation.objects.all().standing(clock.today())
    deputising = standing.filter(
        Q(organisation=None)
        | Q(organisation=OuterRef("reservation__resource__organisation")),
        deputy=OuterRef("person"),
    )
    wordings = Wording.objects.filter(
        kind=OuterRef("kind"), language=OuterRef("person__language")
    ).order_by("-version")
    return Message.objects.select_related(
        "person__preference",
        "history__actor",
        "reservation__kit",
        "reservation__requested_by",
        "reservation__organisation",
        "reservation__resource__organisation",
        "reservation__resource__site",
    ).annotate(
        to_guest=Exists(of.filter(organisation=OuterRef("reservation__organisation"))),
        to_host=Exists(host),
        to_deputy=Exists(deputising),
        wording=Subquery(
            wordings.values(words=JSONObject(subject="subject", text="text"))[:1]
        ),
    )


def message_facts(message: WithAnnotations[Message, Sides], now: dt.datetime) -> Facts:
    """Return what the rules look at, of a message from `messages_to_judge`."""
    person = message.person
    if message.reservation is None:
        return Facts(
            now=now,
            kind=message.kind,
            useful_until=message.useful_until,
            status=None,
            lapses_at=None,
            is_current=NOTICES_BY_KIND[Kind(message.kind)].is_true(message),
            may_know=person.is_active,
        )
    reservation = message.reservation
    sides = (message.to_guest, message.to_host, message.to_deputy)
    concerned = any(sides) or person.is_hub_staff
    return Facts(
        now=now,
        kind=message.kind,
        useful_until=message.useful_until,
        status=reservation.status,
        lapses_at=reservation.lapses_at,
        is_current=_speaks_of_what_is(message),
        may_know=person.is_active and concerned,
    )


def _speaks_of_what_is(message: Message) -> bool:
    """Of the time that it has now, and of the decision that stands."""
    reservation, history = message.booked, message.history
    if message.kind == Kind.REMINDER:
        cause = reminder_cause(reservation, message.offset_minutes or 0)
        return first_cause(message.cause) == cause and not _was_handed_on(message)
    if message.kind == Kind.LAPSING:
        lapse = lapse_of(reservation)
        return lapse is not None and first_cause(message.cause) == lapsing_cause(
            reservation, lapse
        )
    still = _STILL.get(Kind(message.kind))
    return still is None or history is None or still(reservation, history)


def _is_their_turn_to_come(reservation: Reservation, history: History) -> bool:
    after = history.changes["requested_by_id"][1]
    return bool(after == reservation.requested_by_id)


def _decision_stands(reservation: Reservation, history: History) -> bool:
    return reservation.decided_at == history.at


def _stage_stands(reservation: Reservation, history: History) -> bool:
    return reservation.decisions.filter(stands=True, at=history.at).exists()


def _waits_still(reservation: Reservation, history: History) -> bool:
    """At the stage that was passed on."""
    return reservation.turn_since is None or reservation.turn_since <= history.at


def _was_not_moved(reservation: Reservation, history: History) -> bool:
    changed = Q(action=History.Action.CHANGED, changes__has_key="starts_at")
    moved = Q(action=History.Action.MOVED) | changed
    return not reservation.history.filter(moved, pk__gt=history.pk).exists()


def _is_unanswered(reservation: Reservation, history: History) -> bool:
    later = reservation.history.filter(pk__gt=history.pk)
    return not later.filter(action__in=ENDS_A_COUNTER).exists()


def _is_then(reservation: Reservation, history: History) -> bool:
    changes = history.changes
    return all(
        dt.datetime.fromisoformat(changes[name][1]) == getattr(reservation, name)
        for name in ("starts_at", "ends_at")
        if name in changes
    )


def _is_first_stage(reservation: Reservation, _history: History) -> bool:
    """Whoever decides next was told of that on its own."""
    return reservation.stage == 0


_STILL: dict[Kind, Callable[[Reservation, History], bool]] = {
    Kind.REQUESTED: _is_first_stage,
    Kind.APPROVED: _decision_stands,
    Kind.DECLINED: _decision_stands,
    Kind.STAGE_APPROVED: _stage_stands,
    Kind.ESCALATED: _waits_still,
    Kind.MOVE_ASKED: _was_not_moved,
    Kind.COUNTERED: _is_unanswered,
    Kind.HANDED_OVER: _is_their_turn_to_come,
    Kind.MOVED: _is_then,
    Kind.CHANGED: _is_then,
}


def _was_handed_on(message: Message) -> bool:
    """Whether its person has given the reservation to a colleague."""
    reservation = message.booked
    # Without a sender it never was in other hands: no need to look.
    if reservation.sent_by_id is None or (
        message.person_id == reservation.requested_by_id
    ):
        return False
    by_them = {"changes__requested_by_id__0": message.person_id}
    handed = reservation.history.filter(action=History.Action.HANDED_OVER, **by_them)
    return handed.exists()


def messages_visible_to(user: User | AnonymousUser) -> QuerySet[Message]:
    """Return one's own messages and those to one's own side of a reservation.

    A guest's member sees what its colleagues were sent, a host's manager what the other
    managers were: never what went to the other side. Hub staff see all.
    """
    messages = Message.objects.select_related("person", "reservation")
    if not user.is_authenticated:
        return messages.none()
    if user.is_hub_staff:
        return messages
    to = Membership.objects.filter(user=OuterRef("person"))
    colleague = to.filter(organisation=OuterRef("reservation__organisation"))
    fellow = to.filter(
        organisation=OuterRef("reservation__resource__organisation"),
        role=Membership.Role.MANAGER,
    )
    # All of them go to somebody who shares an organisation with me: said first, and as
    # ids, so that the index on the person is used, not the whole table read.
    own = Membership.objects.filter(organisation__in=user.roles)
    people = {user.pk, *own.values_list("user_id", flat=True)}
    return messages.filter(person__in=people).filter(
        Q(person=user)
        | (Q(reservation__organisation__in=user.roles) & Exists(colleague))
        | (Q(reservation__resource__organisation__in=user.managed_ids) & Exists(fellow))
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """How many messages are in each state, and how late the oldest due one is."""

    by_state: dict[str, int]
    oldest_due_seconds: float


def messages_figures() -> Figures:
    """Return the figures for /metrics; one statement."""
    now = clock.now()
    due = Q(due_at__lte=now, state__in=WAITING)
    rows = list(
        Message.objects.order_by()
        .values("state")
        .annotate(count=Count("pk"), oldest=Min("due_at", filter=due))
        .values_list("state", "count", "oldest")
    )
    counted = {state: count for state, count, _ in rows}
    oldest = min((at for *_, at in rows if at is not None), default=now)
    return Figures(
        {state.value: counted.get(state.value, 0) for state in State},
        (now - oldest).total_seconds(),
    )
