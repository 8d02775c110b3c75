"""What waits, for the night's end or for a digest, must not come too late for it."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.models import Reservation
from booking.services.lifecycle import reservation_cancel
from booking.services.offers import reservation_counter
from config.errors import Invalid
from labs.models import User
from notifications.models import Kind, Message, State
from notifications.services.preferences import Choices, preferences_save
from notifications.wishes import next_digest
from tests.cast import Cast
from tests.factories import HOUR, tomorrow_at
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import approved, deliver, plan, reminders, requested

NIGHT: Choices = {"quiet_from": dt.time(22), "quiet_until": dt.time(7)}


def planned(kind: Kind, person: User) -> Message:
    return Message.objects.get(kind=kind, person=person)


def test_digest__lapses_before_it__the_request_comes_at_once(cast: Cast) -> None:
    preference = preferences_save(actor=cast.manager, choices={"requests": "digest"})
    asked = requested(cast)
    soon = next_digest(preference, asked.created_at) - dt.timedelta(minutes=10)
    Reservation.objects.filter(pk=asked.pk).update(lapses_at=soon)
    plan()

    assert planned(Kind.REQUESTED, cast.manager).state == State.PLANNED


def test_digest__starts_before_it__a_cancellation_comes_at_once(
    cast: Cast, time: Clock
) -> None:
    preferences_save(actor=cast.booker, choices={"changes": "digest"})
    made = approved(cast)
    plan()
    time.set(made.starts_at - 12 * HOUR)  # 22:00; it begins at 10, the digest is at 8
    preferences_save(actor=cast.booker, digest_hour=11)
    reservation_cancel(actor=cast.manager, reference=made.reference, reason="Flooded.")
    plan()

    assert planned(Kind.CANCELLED, cast.booker).state == State.PLANNED


def test_quiet_hours__an_offer_that_lapses_in_them__comes_at_once(
    cast: Cast, time: Clock
) -> None:
    preferences_save(actor=cast.booker, **NIGHT)
    asked = requested(cast)
    plan()
    night = tomorrow_at(23)
    time.set(night)
    start = tomorrow_at(14, days=2)
    reservation_counter(
        actor=cast.manager,
        reference=asked.reference,
        resource=cast.lab.slug,
        starts_at=start,
        ends_at=start + HOUR,
    )
    Reservation.objects.filter(instead_of=asked).update(lapses_at=night + 2 * HOUR)
    plan()

    told = planned(Kind.COUNTERED, cast.booker)
    assert told.due_at < night + 2 * HOUR


def test_quiet_hours__two_reminders_in_one_night__one_comes_before(
    cast: Cast,
) -> None:
    preferences_save(actor=cast.booker, **NIGHT)
    preferences_save(actor=cast.booker, reminders=[180, 60])
    approved(cast, 6)
    plan()

    rows = Message.objects.filter(kind=Kind.REMINDER, state=State.PLANNED)
    dues = list(rows.values_list("due_at", flat=True))
    assert len(dues) == len(set(dues)) == 1


def test_quiet_hours__late_after_an_outage__wait_for_their_end(
    cast: Cast, time: Clock, inbox: Inbox
) -> None:
    preferences_save(actor=cast.booker, **NIGHT)
    approved(cast)
    plan()
    time.set(tomorrow_at(23))
    deliver()

    told = planned(Kind.APPROVED, cast.booker)
    assert (told.state, told.attempts) == (State.PLANNED, 0)
    assert told.due_at == tomorrow_at(7)
    time.set(told.due_at)
    deliver()
    assert len(inbox.to(cast.booker.email)) == 1


def test_reminders__none_wanted__the_rest_is_planned(cast: Cast) -> None:
    preferences_save(actor=cast.booker, reminders=[])
    made = approved(cast)
    plan()

    assert reminders(made) == {}
    assert planned(Kind.APPROVED, cast.booker).state == State.PLANNED


def test_reminders__a_time_that_is_not_offered__is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        preferences_save(actor=cast.booker, reminders=[17])
    assert set(refused.value.extra["fields"]) == {"reminders"}
