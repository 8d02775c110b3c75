"""People say how they want to be told; what waits for them follows."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.db import transaction

from booking.models import Reservation
from booking.models.reservation import Status
from config import clock
from labs.models import User
from labs.services.checks import require_clean
from notifications.models import Kind, Message, Preference, State
from notifications.models.preference import GROUP_OF, Group, How
from notifications.services.planning import reminders_of
from notifications.wishes import next_digest, too_late_at


class Choices(TypedDict, total=False):
    """What people may choose; `choices` has a way of being told by group."""

    choices: dict[str, str]
    reminders: list[int]
    quiet_from: dt.time | None
    quiet_until: dt.time | None
    digest_hour: int


def preference_of(person: User) -> Preference:
    """Return what somebody chose, or the usual."""
    return Preference.objects.filter(person=person).first() or Preference(person=person)


def preferences_save(*, actor: User, **chosen: Unpack[Choices]) -> Preference:
    """Save what is given of one's own; raises Invalid (400) with the faults by field.

    What waits is told as chosen now. Under the locks that planning takes, so that
    nothing is planned meanwhile by what was chosen before.
    """
    with transaction.atomic(durable=True):
        ahead = list(
            Reservation.objects.select_for_update(of=("self",), no_key=True)
            .filter(
                requested_by=actor,
                status=Status.APPROVED,
                starts_at__gt=clock.now(),
            )
            .order_by("pk")
        )
        preference = preference_of(actor)
        before = {group: preference.choices.get(group) for group in Group}
        for field, value in chosen.items():
            setattr(preference, field, value)
        preference.choices = {
            group: how for group, how in preference.choices.items() if how
        }
        require_clean(preference)
        preference.save()
        for group in Group:
            if preference.choices.get(group) != before[group]:
                _tell_otherwise(preference, group)
        _collect_until(preference)
        for reservation in ahead:
            _remind_otherwise(preference, reservation)
    return preference


def switch_off(*, person: User, what: str) -> None:
    """Do without a group, or without reminders, by the link in a mail."""
    if what == Kind.REMINDER:
        preferences_save(actor=person, reminders=[])
    else:
        chosen = preference_of(person).choices | {what: How.NONE.value}
        preferences_save(actor=person, choices=chosen)


def switch_on(*, person: User, what: str) -> None:
    """Take that back: it comes as it usually does."""
    usual = Preference()
    if what == Kind.REMINDER:
        preferences_save(actor=person, reminders=usual.reminders)
    else:
        chosen = preference_of(person).choices
        chosen.pop(what, None)
        preferences_save(actor=person, choices=chosen)


def _tell_otherwise(preference: Preference, group: Group) -> None:
    kinds = [kind for kind, of in GROUP_OF.items() if of == group]
    waiting = Message.objects.filter(
        person=preference.person,
        kind__in=kinds,
        state__in=[State.PLANNED, State.COLLECTED],
        digest=None,
    )
    how = preference.how(kinds[0])
    if how == How.NONE:
        waiting.update(state=State.UNWANTED)
    elif how == How.DIGEST:
        waiting.filter(state=State.PLANNED).update(state=State.COLLECTED)
    else:
        collected = waiting.filter(state=State.COLLECTED)
        collected.update(state=State.PLANNED, due_at=clock.now())


def _collect_until(preference: Preference) -> None:
    """Let what is collected wait for the hour that is chosen now, unless too late."""
    now = clock.now()
    at = next_digest(preference, now)
    collected = Message.objects.filter(
        person=preference.person, state=State.COLLECTED, digest=None
    )
    late = [
        message.pk
        for message in collected.select_related("reservation", "history")
        if (until := too_late_at(message)) and until <= at
    ]
    collected.filter(pk__in=late).update(state=State.PLANNED, due_at=now)
    collected.update(due_at=at)


def _remind_otherwise(preference: Preference, reservation: Reservation) -> None:
    """Plan the reminders that are wanted now, and withdraw the others.

    None whose time has passed: nobody asked for it then.
    """
    now, person = clock.now(), preference.person
    wanted = [
        message
        for message in reminders_of(
            reservation, [person.pk], {person.pk: preference}, now
        )
        if message.due_at > now
    ]
    planned: dict[str, Any] = {
        "person": person,
        "reservation": reservation,
        "kind": Kind.REMINDER,
        "state": State.PLANNED,
    }
    causes = [message.cause for message in wanted]
    Message.objects.filter(**planned).exclude(cause__in=causes).update(
        state=State.WITHDRAWN
    )
    for message in wanted:
        Message.objects.filter(**planned, cause=message.cause).update(
            due_at=message.due_at, useful_until=message.useful_until
        )
    Message.objects.bulk_create(wanted, ignore_conflicts=True)
