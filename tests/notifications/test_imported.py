from __future__ import annotations

import datetime as dt

import pytest

from booking.models import History, Reservation
from booking.selectors.facts import Wish
from booking.services.history import history_record
from config import clock
from notifications.models import Message, Planned
from notifications.services.planning import history_plan_missed
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at


def imported(cast: Cast, days: int) -> Reservation:
    """An approved reservation whose only history is that it was imported."""
    start = tomorrow_at(10, days=days)
    made = reserve(cast.lab, cast.booker, Wish(start, start + HOUR))
    history_record(made, History.Action.IMPORTED, actor=None, at=clock.now())
    Planned.objects.create(history=made.history.earliest("pk"), at=clock.now())
    return made


def test_imported__far_ahead__waits_until_it_is_near(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = imported(cast, days=20)
    history_plan_missed()
    assert not Message.objects.exists()
    later = made.starts_at - dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    history_plan_missed()
    planned = Message.objects.values_list("kind", "offset_minutes")
    assert sorted(planned) == [("reminder", 60), ("reminder", 24 * 60)]


def test_imported__near__is_planned_at_once(cast: Cast) -> None:
    imported(cast, days=2)
    history_plan_missed()
    assert Message.objects.filter(kind="reminder").count() == 2
