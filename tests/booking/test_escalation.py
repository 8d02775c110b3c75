"""What the clock does while nobody decides, in the hub's working hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from booking.models import Delegation, History, Occupancy, Reservation
from booking.models.paths import Level
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.decisions import reservation_approve
from booking.services.escalation import reservations_pass_on
from booking.services.holidays import holiday_calendar_fill
from booking.services.lifecycle import reservations_expire_lapsed
from booking.services.working_hours import working_hours_set
from config import clock
from config.errors import Forbidden, Invalid
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, SOFIA, reserve

pytestmark = pytest.mark.django_db(transaction=True)

At = Callable[[dt.datetime], None]
OFFICE = dict.fromkeys(range(5), (9 * 60, 17 * 60))
#: A Monday; the holiday is the Wednesday after it.
MONDAY = dt.datetime(2027, 3, 1, 10, tzinfo=SOFIA)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    def move(when: dt.datetime) -> None:
        utc = when.astimezone(dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: utc)

    return move


def asked(cast: Cast, path: str = "host", **policy: Any) -> Reservation:
    """Asked on Monday at ten for the Monday after it, to be decided in 16 hours."""
    values: dict[str, Any] = {
        "decide_within_hours": 16,
        "approval_path": path,
        **policy,
    }
    factories.set_policy(cast.studio, **values)
    start = MONDAY + dt.timedelta(days=14)
    return reserve(cast.studio, cast.booker, Wish(start, start + HOUR))


def levels(made: Reservation) -> list[int]:
    rows = made.history.filter(action=History.Action.ESCALATED)
    return [row.changes["level"][1] for row in rows]


def hours_set(cast: Cast) -> None:
    working_hours_set(actor=cast.staff, week=OFFICE)


def test_due__in_working_hours__without_the_holiday(cast: Cast, at: At) -> None:
    at(MONDAY)
    hours_set(cast)
    holiday_calendar_fill()
    made = asked(cast)
    # Seven hours on Monday, eight on Tuesday, none on the 3rd of March.
    assert made.lapses_at == dt.datetime(2027, 3, 4, 10, tzinfo=SOFIA)
    assert made.alarm_at == dt.datetime(2027, 3, 2, 10, tzinfo=SOFIA)


def test_pass_on__nobody_decides__reminds_then_deputies_then_staff(
    cast: Cast, at: At
) -> None:
    at(MONDAY)
    hours_set(cast)
    made = asked(cast)
    deputy = factories.person(cast.host)
    Delegation.objects.create(
        person=cast.manager,
        organisation=cast.host,
        deputy=deputy,
        starts_on=dt.date(2027, 3, 9),
        ends_on=dt.date(2027, 3, 12),
    )
    assert reservations_pass_on() == 0
    steps = [
        (dt.datetime(2027, 3, 2, 11, tzinfo=SOFIA), Level.REMINDED),
        (dt.datetime(2027, 3, 2, 15, tzinfo=SOFIA), Level.DEPUTIES),
        (dt.datetime(2027, 3, 3, 9, 1, tzinfo=SOFIA), Level.STAFF),
    ]
    for when, level in steps:
        at(when)
        assert reservations_pass_on() == 1
        assert reservations_pass_on() == 0, "once"
        made.refresh_from_db()
        assert made.level == level
        assert levels(made)[-1] == level
    assert made.alarm_at is None
    assert made.version == 1, "who is deciding just now need not look again"
    # Hub staff may decide for the host now.
    done = reservation_approve(actor=cast.staff, reference=made.reference)
    assert done.status == Status.APPROVED


def test_pass_on__no_deputies__goes_to_staff(cast: Cast, at: At) -> None:
    at(MONDAY)
    made = asked(cast)
    assert made.lapses_at is not None
    at(made.created_at + 12.5 * HOUR)
    with pytest.raises(Forbidden):
        reservation_approve(actor=cast.staff, reference=made.reference)
    assert reservations_pass_on() == 1
    assert levels(made) == [Level.STAFF]


def test_pass_on__after_an_outage__is_one_step(cast: Cast, at: At) -> None:
    at(MONDAY)
    made = asked(cast)
    at(MONDAY + 15 * HOUR)
    assert reservations_pass_on() == 1
    assert levels(made) == [Level.STAFF]
    assert reservations_pass_on() == 0


def test_pass_on__decided_or_lapsed__does_nothing(cast: Cast, at: At) -> None:
    at(MONDAY)
    made = asked(cast)
    at(MONDAY + 17 * HOUR)
    assert reservations_pass_on() == 0
    reservations_expire_lapsed()
    made.refresh_from_db()
    assert (made.status, made.alarm_at) == (Status.EXPIRED, None)
    assert not Occupancy.objects.exists()


def test_undecided__counts_as_approved__stage_after_stage(cast: Cast, at: At) -> None:
    at(MONDAY)
    made = asked(cast, "host_hub", when_undecided="approve")
    at(MONDAY + 16 * HOUR)
    assert reservations_expire_lapsed() == 1
    made.refresh_from_db()
    assert (made.status, made.turn) == (Status.PENDING, "hub")
    assert made.lapses_at == (MONDAY + 32 * HOUR).astimezone(dt.UTC)
    at(MONDAY + 32 * HOUR)
    assert reservations_expire_lapsed() == 1
    assert reservations_expire_lapsed() == 0
    done = Reservation.objects.get(pk=made.pk)
    assert (done.status, done.decided_by_id) == (Status.APPROVED, None)
    assert done.lapses_at is None
    assert Occupancy.objects.filter(reservation=made).exists()
    assert [each.how for each in made.decisions.all()] == ["clock", "clock"]


def test_undecided__its_time_is_over__expires_all_the_same(cast: Cast, at: At) -> None:
    at(MONDAY)
    made = asked(cast, when_undecided="approve")
    at(made.ends_at)
    reservations_expire_lapsed()
    made.refresh_from_db()
    assert made.status == Status.EXPIRED


def test_working_hours__not_staff_or_nonsense__is_refused(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        working_hours_set(actor=cast.manager, week=OFFICE)
    with pytest.raises(Invalid):
        working_hours_set(actor=cast.staff, week={0: (600, 600)})
