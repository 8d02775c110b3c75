"""What the benchmark asks: the product's five questions, and a series of a year."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.hub import LEFT_FREE, RESOURCES, SOFIA, weekdays
from tests.benchmarks.load import Ask

#: Within the hub's horizon of half a year.
DAYS = 100


def _days(today: dt.date) -> list[dt.date]:
    return list(itertools.islice(weekdays(today), DAYS))


def _at(day: dt.date, hour: int) -> str:
    return dt.datetime.combine(day, dt.time(hour), SOFIA).isoformat()


def timeline(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    def asks(client: int) -> Iterator[Ask]:
        for day in itertools.cycle(_days(today)):
            yield Ask("/api/v1/timeline/", {"date": day})

    return asks


def free(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    def asks(client: int) -> Iterator[Ask]:
        chance = random.Random(client)
        days = _days(today)
        while True:
            day, hour = chance.choice(days), chance.randrange(8, 17)
            window = {"starts_at": _at(day, hour), "ends_at": _at(day, hour + 2)}
            yield Ask("/api/v1/free/", window)

    return asks


def first_free(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    def asks(client: int) -> Iterator[Ask]:
        for minutes in itertools.cycle((60, 120, 180)):
            yield Ask("/api/v1/first-free/", {"minutes": minutes})

    return asks


def month(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    def asks(client: int) -> Iterator[Ask]:
        chance = random.Random(client)
        first = today + dt.timedelta(days=1)
        window = {"from": _at(first, 0), "to": _at(first + dt.timedelta(days=31), 0)}
        while True:
            slug = f"lab-{chance.randrange(RESOURCES)}"
            yield Ask(f"/api/v1/resources/{slug}/availability/", window)

    return asks


def create(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    slots = itertools.product(_days(today), LEFT_FREE, range(RESOURCES))

    def asks(client: int) -> Iterator[Ask]:
        # One iterator for all clients and runs: no slot is asked for twice.
        for day, hour, number in slots:
            body = {
                "resource": f"lab-{number}",
                "starts_at": _at(day, hour),
                "ends_at": _at(day, hour + 1),
                "purpose": "Recording a voice-over",
                "people": 2,
            }
            yield Ask("/api/v1/reservations/", body=body)

    return asks


def _series(day: dt.date, number: int, clock: str, **given: Any) -> dict[str, Any]:
    return {
        "resource": f"lab-{number}",
        "first_on": str(day),
        "from": clock,
        "minutes": 30,
        "repeats": "weekly",
        "count": 52,
        "purpose": "The weekly recording",
        "keep": True,
    } | given


def preview(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    def asks(client: int) -> Iterator[Ask]:
        for number in itertools.cycle(range(RESOURCES)):
            body = _series(_days(today)[0], number, "10:00")
            yield Ask("/api/v1/series/", {"preview": 1}, body)

    return asks


def series(today: dt.date) -> Callable[[int], Iterator[Ask]]:
    # Their hours of the weekdays are full, on Sundays nobody is there.
    sunday = today + dt.timedelta(days=6 - today.weekday() or 7)
    clocks = [f"{hour:02}:{half}" for hour in range(8, 20) for half in ("00", "30")]
    slots = itertools.product(clocks, range(RESOURCES))

    def asks(client: int) -> Iterator[Ask]:
        for clock, number in slots:
            yield Ask("/api/v1/series/", body=_series(sunday, number, clock))

    return asks


QUESTIONS: dict[str, Callable[[dt.date], Callable[[int], Iterator[Ask]]]] = {
    "day timeline of all": timeline,
    "free for a window": free,
    "first free of all": first_free,
    "month of one": month,
    "create a reservation": create,
    "preview 52 weeks": preview,
    "create 52 weeks": series,
}
