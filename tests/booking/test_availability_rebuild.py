"""Whatever a host says in whatever order: open is what a naive calendar says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.services import availability
from booking.weekly import DAYS, WeeklyHours, at_wall
from labs.models import Resource, User
from tests import factories
from tests.booking.examples import at, examples, rolled_back
from tests.booking.opened import DAY, assert_projection_is_current, days_of
from tests.factories import SOFIA

#: Summer time begins on the ninth day of the three weeks that are looked at.
FIRST = dt.date(2027, 3, 20)
NOW = at_wall(FIRST, 6 * 60, SOFIA)
LENGTH = 21
SLOTS = 48

days = st.integers(0, LENGTH - 1)
# From six on: the hour that spring skips has tests of its own.
hours = st.tuples(st.integers(12, 48), st.integers(12, 48)).map(sorted)
spans = hours.filter(lambda h: h[0] < h[1]).map(tuple)
#: Hours for each of some days of the week.
weeks = st.dictionaries(st.sampled_from(DAYS), spans, max_size=5)


@dataclass
class Model:
    """What a person would write onto a paper calendar, in half hours of the clock."""

    weeks: list[tuple[Any, int, int]] = field(default_factory=list)
    dates: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def open_on(self, day: int, closures: list[tuple[int, int]]) -> list[str]:
        date = FIRST + day * DAY
        said: list[tuple[int, int]] = []
        for week, first, last in self.weeks:
            if first <= day <= last:
                letters = DAYS[date.weekday()]
                said = [week[letters]] if letters in week else []
        said = self.dates.get(day, said)
        slots = {slot for start, end in said for slot in range(start, end)}
        for start, end in closures:
            slots -= {slot - day * SLOTS for slot in range(start, end)}
        starts = sorted(slot for slot in slots if slot - 1 not in slots)
        ends = sorted(slot + 1 for slot in slots if slot + 1 not in slots)
        pairs = zip(starts, ends, strict=True)
        return [f"{clock_of(start)}–{clock_of(end)}" for start, end in pairs]


def clock_of(slot: int) -> str:
    return f"{slot // 2:02}:{slot % 2 * 30:02}"


def instant(slot: int) -> dt.datetime:
    return at_wall(FIRST + slot // SLOTS * DAY, slot % SLOTS * 30, SOFIA)


Step = Callable[["Scene"], None]


@dataclass
class Scene:
    """A hall and one of its parts; the paper calendars of both, and of closures."""

    actor: User
    resources: list[Resource]
    models: list[Model] = field(default_factory=lambda: [Model(), Model()])
    closures: dict[int, tuple[int, int]] = field(default_factory=dict)
    which: int = 0

    def call(self, service: Callable[..., Any], **given: Any) -> Any:
        resource = self.resources[self.which]
        return service(actor=self.actor, resource_slug=resource.slug, **given)

    @property
    def model(self) -> Model:
        return self.models[self.which]

    def switch(self) -> None:
        self.which = 1 - self.which

    def publish(self, week: Any, first: int, length: int | None) -> None:
        last = None if length is None else first + length
        weekly = [
            WeeklyHours((day,), start * 30, end * 30)
            for day, (start, end) in week.items()
        ]
        until = None if last is None else FIRST + last * DAY
        self.call(
            availability.opening_hours_publish,
            weekly=weekly,
            valid_from=FIRST + first * DAY,
            valid_until=until,
        )
        self.model.weeks.append((week, first, LENGTH if last is None else last))

    def set_date(self, day: int, said: list[tuple[int, int]]) -> None:
        minutes = [(start * 30, end * 30) for start, end in said]
        date = FIRST + day * DAY
        self.call(availability.opening_date_set, day=date, hours=minutes)
        self.model.dates[day] = said

    def forget_date(self, day: int) -> None:
        self.call(availability.opening_date_forget, day=FIRST + day * DAY)
        self.model.dates.pop(day, None)

    def close(self, day: int, start: int, length: int) -> None:
        first = day * SLOTS + start
        outcome = self.call(
            availability.closure_add,
            starts_at=instant(first),
            ends_at=instant(first + length),
            reason="other",
        )
        self.closures[outcome.rule.pk] = (first, first + length)

    def reopen(self) -> None:
        mine = self.resources[self.which].own_calendar.calendar.event_set
        rules = mine.filter(availability_rule__in=self.closures)
        for pk in rules.values_list("availability_rule", flat=True)[:1]:
            self.call(availability.closure_remove, closure_id=pk)
            del self.closures[pk]

    def check(self) -> None:
        closed = list(self.closures.values())
        for resource, model in zip(self.resources, self.models, strict=True):
            paper = [model.open_on(day, closed) for day in range(LENGTH)]
            assert days_of(resource, FIRST, LENGTH) == paper


def step(name: str, *drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(*drawn).map(lambda given: lambda s: getattr(s, name)(*given))


steps = st.lists(
    st.one_of(
        step("publish", weeks, days, st.none() | st.integers(0, 12)),
        step("publish", weeks, days, st.none() | st.integers(0, 12)),
        step("set_date", days, st.lists(spans, max_size=1)),
        step("forget_date", days),
        step("close", days, st.integers(12, 47), st.integers(1, 60)),
        step("reopen"),
        step("switch"),
    ),
    min_size=3,
    max_size=9,
)


@pytest.mark.django_db
@examples(6)
@given(steps)
def test_availability__any_sequence__is_the_naive_calendar(steps: list[Step]) -> None:
    with at(NOW), rolled_back():
        part = factories.resource()
        hall = factories.hall([part])
        scene = Scene(factories.staff(), [part, hall])
        # Each has its own calendar from the start, as a published resource does.
        for _ in scene.resources:
            scene.publish({}, 0, None)
            scene.switch()
        for take in steps:
            take(scene)
        scene.check()
        assert_projection_is_current()
