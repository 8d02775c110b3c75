from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from booking.models import History, Reservation
from booking.selectors.facts import Wish
from booking.services.decisions import (
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_ask_to_move,
    reservation_decline,
)
from booking.services.lifecycle import (
    reservation_cancel,
    reservations_expire_lapsed,
)
from config import clock
from labs.models import Membership, User
from notifications.models import Kind, Message, Planned, State
from notifications.services import planning
from notifications.services.planning import history_plan, history_plan_missed
from tests.cast import Cast
from tests.factories import DAY, HOUR, person, reserve, tomorrow_at
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import (
    approved,
    at_once,
    deliver,
    in_three_days,
    move,
    plan,
    reminders,
    requested,
    told,
)


def staff() -> set[User]:
    return set(User.objects.filter(is_hub_staff=True))


def test_plan__requested__those_who_decide_are_told(cast: Cast) -> None:
    gone = person(cast.host, Membership.Role.MANAGER, is_active=False)
    person(cast.host, Membership.Role.BOOKER)
    requested(cast)

    assert plan()

    deciders = staff() | {cast.manager}
    assert gone not in deciders
    assert told() == {(Kind.REQUESTED, someone) for someone in deciders}


def test_plan__reserved__guest_and_host_are_told(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, in_three_days())
    plan()

    assert told() == {(Kind.RESERVED, cast.booker), (Kind.RESERVED, cast.manager)}


def test_plan__asked_and_answered__each_time_the_other_side(cast: Cast) -> None:
    asked = requested(cast)
    reservation_ask(actor=cast.manager, reference=asked.reference, reason="Who comes?")
    reservation_answer(actor=cast.booker, reference=asked.reference, reason="We two.")
    plan()

    assert told(Kind.ASKED) == {(Kind.ASKED, cast.booker)}
    assert told(Kind.ANSWERED) == {
        (Kind.ANSWERED, someone) for someone in staff() | {cast.manager}
    }


def test_plan__asked_to_move__guest_is_told_until_it_is_moved(cast: Cast) -> None:
    made = approved(cast)
    reservation_ask_to_move(
        actor=cast.manager, reference=made.reference, reason="New floor."
    )
    plan()
    assert told(Kind.MOVE_ASKED) == {(Kind.MOVE_ASKED, cast.booker)}
    planned = Message.objects.get(kind=Kind.MOVE_ASKED)
    assert (planned.state, planned.useful_until) == (State.PLANNED, made.ends_at)

    made.refresh_from_db()
    move(made, cast.booker, hours=2)
    plan()
    planned.refresh_from_db()
    assert planned.state == State.WITHDRAWN


def test_plan__declined__guest_is_told_and_the_request_withdrawn(cast: Cast) -> None:
    asked = requested(cast)
    plan()
    reservation_decline(actor=cast.manager, reference=asked.reference, reason="Broken.")
    plan()

    assert told(Kind.DECLINED) == {(Kind.DECLINED, cast.booker)}
    states = Message.objects.filter(kind=Kind.REQUESTED).values_list("state", flat=True)
    assert set(states) == {State.WITHDRAWN}


def test_plan__expired__guest_is_told(cast: Cast, time: Clock) -> None:
    requested(cast)
    time.forward(days=4)
    reservations_expire_lapsed()
    plan()

    assert told(Kind.EXPIRED) == {(Kind.EXPIRED, cast.booker)}


def test_plan__requester_left__the_organisations_managers_are_told(cast: Cast) -> None:
    asked = requested(cast)
    cast.booker.memberships.all().delete()
    reservation_approve(actor=cast.manager, reference=asked.reference)
    plan()

    assert told(Kind.APPROVED) == {(Kind.APPROVED, cast.colleague)}


def test_plan__staff_reserved_for_others__they_are_told_too(cast: Cast) -> None:
    reserve(cast.lab, cast.staff, in_three_days(), organisation_slug=cast.startup.slug)
    plan()

    assert told() == {
        (Kind.RESERVED, someone)
        for someone in (cast.staff, cast.colleague, cast.manager)
    }


def test_plan__nobody_elses_manager_is_told(cast: Cast) -> None:
    approved(cast)
    plan()

    assert cast.stranger not in {someone for _kind, someone in told()}


def test_plan__twice__plans_once(cast: Cast) -> None:
    row = approved(cast).history.get(action=History.Action.APPROVED)

    assert history_plan(history_id=row.pk)
    before = Message.objects.count()
    assert not history_plan(history_id=row.pk)

    assert Message.objects.count() == before == 3  # the guest's, and two reminders
    assert Planned.objects.count() == 1


def test_plan__another_row__plans_again(cast: Cast) -> None:
    for row in approved(cast).history.all():
        assert history_plan(history_id=row.pk)

    assert Planned.objects.count() == 2


def test_plan__unknown_row__does_nothing(cast: Cast) -> None:
    assert not history_plan(history_id=987_654)


@pytest.mark.django_db(transaction=True)
def test_plan__many_at_once__plan_once(cast: Cast) -> None:
    row = approved(cast).history.get(action=History.Action.APPROVED)

    results = at_once(*[lambda: history_plan(history_id=row.pk)] * 8)

    assert results.count(True) == 1
    assert Message.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_plan__two_rows_at_once_in_any_order__end_alike(cast: Cast) -> None:
    """Approved and cancelled: the cancelled one has no reminder, whoever is last."""
    reservation = approved(cast)
    reservation_cancel(actor=cast.booker, reference=reservation.reference)
    rows = list(History.objects.order_by("-pk").values_list("pk", flat=True))

    at_once(*[lambda pk=pk: history_plan(history_id=pk) for pk in rows])

    assert reminders(reservation) == {}
    waiting = Message.objects.filter(state=State.PLANNED)
    assert {message.kind for message in waiting} == {Kind.CANCELLED}


def test_plan__statements__as_many_for_one_recipient_as_for_thirty(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        person(is_hub_staff=True)
    row = requested(cast).history.get()
    # Savepoint / reservation under lock, planned?, history, webhooks, note / parties,
    # deputies, preferences / when it last changed, what is to be told of its lapse /
    # insert / what waits, its counter-offer / release; nothing to withdraw
    with django_assert_num_queries(15):
        history_plan(history_id=row.pk)


def test_plan_missed__signal_was_lost__plans_what_is_not_planned(cast: Cast) -> None:
    reservation = approved(cast)

    assert history_plan_missed()

    assert Planned.objects.count() == reservation.history.count()
    assert not history_plan_missed()


def test_plan_missed__old_and_over__is_left(cast: Cast, time: Clock) -> None:
    approved(cast)
    time.forward(days=11)

    assert not history_plan_missed()
    assert not Planned.objects.exists()


def in_ten_days() -> Wish:
    starts_at = tomorrow_at(10, days=10)
    return Wish(starts_at, starts_at + HOUR)


def _asked_and_done(cast: Cast, deed: str) -> Reservation:
    """A request for in ten days, planned; then done with it what is to be told."""
    asked = reserve(cast.studio, cast.booker, in_ten_days())
    plan()
    which: dict[str, Any] = {"reference": asked.reference}
    if deed == "decline":
        return reservation_decline(actor=cast.manager, reason="Broken.", **which)
    made = reservation_approve(actor=cast.manager, **which)
    if deed == "approve":
        return made
    plan()
    return reservation_cancel(actor=cast.manager, reason="Flooded.", **which)


@pytest.mark.parametrize("hours", [25, 5 * 24, 9 * 24])
@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        ("approve", Kind.APPROVED),
        ("decline", Kind.DECLINED),
        ("cancel", Kind.CANCELLED),
    ],
)
def test_plan_missed__after_an_outage__it_is_told(
    cast: Cast, time: Clock, inbox: Inbox, deed: str, kind: Kind, hours: int
) -> None:
    _asked_and_done(cast, deed)
    time.forward(hours=hours)

    assert history_plan_missed()
    deliver()

    sent = Message.objects.filter(kind=kind, state=State.SENT)
    assert [message.person for message in sent] == [cast.booker]
    assert len(inbox.to(cast.booker.email)) >= 1


@pytest.mark.parametrize("deed", ["approve", "decline", "cancel"])
def test_plan__late_and_over__nobody_is_told(
    cast: Cast, time: Clock, deed: str
) -> None:
    made = _asked_and_done(cast, deed)
    before = Message.objects.count()
    time.set(made.ends_at + DAY)

    plan()

    assert Message.objects.count() == before


@pytest.mark.parametrize("days", [1.1, 20])
def test_plan__was_old_when_recorded__nobody_is_told(cast: Cast, days: float) -> None:
    """Loaded from elsewhere, with what had happened there; reminders come."""
    made = reserve(cast.lab, cast.booker, in_three_days())
    History.objects.bulk_create(
        History(
            reservation=made,
            at=clock.now() - dt.timedelta(days=days),
            action=action,
            to_status=made.status,
        )
        for action in (History.Action.REQUESTED, History.Action.APPROVED)
    )
    old = History.objects.filter(actor=None)
    Planned.objects.bulk_create(
        Planned(history=row, at=clock.now()) for row in made.history.exclude(actor=None)
    )

    assert old.count() == 2
    assert not plan()

    assert told() == set()
    assert reminders(made) == {(1440, "planned"): 1, (60, "planned"): 1}


def test_plan_missed__old_but_ahead__is_reminded(cast: Cast, time: Clock) -> None:
    wanted = in_three_days()
    later = type(wanted)(wanted.starts_at + 30 * DAY, wanted.ends_at + 30 * DAY)
    reservation = reserve(cast.lab, cast.booker, later)
    time.forward(days=20)

    history_plan_missed()

    assert reminders(reservation) == {(1440, "planned"): 1, (60, "planned"): 1}


def test_plan_missed__imported__tells_nobody_and_reminds(cast: Cast) -> None:
    ahead = _imported(cast, tomorrow_at(10, days=2))
    over = _imported(cast, clock.now() - 3 * DAY)

    assert not history_plan_missed()

    assert told() == set()
    assert reminders(ahead) == {(1440, "planned"): 1, (60, "planned"): 1}
    assert reminders(over) == {}
    assert Planned.objects.count() == 2


def _imported(cast: Cast, starts_at: dt.datetime) -> Reservation:
    made = Reservation.objects.create(
        resource=cast.lab,
        organisation=cast.startup,
        requested_by=cast.booker,
        status="approved",
        starts_at=starts_at,
        ends_at=starts_at + DAY / 24,
        free_at=starts_at + DAY / 24,
        purpose="From the old system",
        created_at=clock.now(),
    )
    History.objects.create(
        reservation=made,
        at=clock.now(),
        action=History.Action.IMPORTED,
        to_status=made.status,
    )
    return made


def test_plan_missed__one_row_fails__the_others_are_planned(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = approved(cast).history.order_by("pk")
    really_plan = history_plan

    def plan_but_first(*, history_id: int) -> bool:
        if history_id == first.pk:
            raise ValueError(history_id)
        return really_plan(history_id=history_id)

    monkeypatch.setattr(planning, "history_plan", plan_but_first)
    assert history_plan_missed()

    assert list(Planned.objects.values_list("pk", flat=True)) == [second.pk]
    assert f"history {first.pk}" in caplog.text
