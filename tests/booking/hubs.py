"""Random small hubs for the tests of the finder."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from booking.selectors.facts import Wish
from tests.booking.oracle import MINUTE, STEP, Hub, Span, Taken, Thing
from tests.factories import HOUR

SOFIA, LORD_HOWE = ZoneInfo("Europe/Sofia"), ZoneInfo("Australia/Lord_Howe")

#: Evenings before the clocks change, with the coarsest grid that the change keeps to;
#: and one before a day like any other.
EVENINGS = [
    (SOFIA, dt.datetime(2027, 3, 27, 17, 55, tzinfo=dt.UTC), 60),
    (SOFIA, dt.datetime(2027, 10, 30, 16, 55, tzinfo=dt.UTC), 60),
    (LORD_HOWE, dt.datetime(2027, 4, 3, 6, 55, tzinfo=dt.UTC), 30),
    (LORD_HOWE, dt.datetime(2027, 10, 2, 7, 55, tzinfo=dt.UTC), 30),
    (SOFIA, dt.datetime(2027, 6, 7, 16, 55, tzinfo=dt.UTC), 60),
]
#: From six hours ago until two days ahead, in steps of five minutes.
EARLIEST, LATEST = -72, 576

steps = st.integers(EARLIEST, LATEST)


def period(now: dt.datetime, start: int, length: int) -> Span:
    return now + start * STEP, now + (start + length) * STEP


@st.composite
def opened(draw: st.DrawFn, now: dt.datetime) -> list[Span]:
    """Day and night; or some spans that neither overlap nor touch."""
    if draw(st.integers(0, 2)):
        return [period(now, -5000, 10_000)]
    edges = sorted(draw(st.sets(steps, min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [period(now, start, end - start) for start, end in pairs]


@st.composite
def policies(draw: st.DrawFn, coarsest: int) -> dict[str, int]:
    grids = [grid for grid in (5, 15, 30, 60) if grid <= coarsest]
    shortest = draw(st.sampled_from([5, 30, 60]))
    return {
        "min_duration_minutes": shortest,
        "max_duration_minutes": shortest + draw(st.sampled_from([0, 30, 240, 240])),
        "start_grid_minutes": draw(st.sampled_from(grids)),
        "notice_minutes": draw(st.sampled_from([0, 0, 0, 7, 600])),
        "horizon_days": draw(st.sampled_from([30, 30, 2, 1])),
        "turnaround_minutes": draw(st.sampled_from([0, 5, 10, 45])),
    }


@st.composite
def hubs(draw: st.DrawFn) -> Hub:
    """Two labs, the hall that they are, a pool of three; some reservations in each."""
    zone, now, coarsest = draw(st.sampled_from(EVENINGS))
    # Not always on the grid's beat, nor on the minute.
    moment = now + draw(st.sampled_from([0, 1, 300, 301])) * dt.timedelta(seconds=1)
    shapes = [("Lab", (1,)), ("Other lab", (2,)), ("Hall", (1, 2)), ("Pool", (3, 4, 5))]
    things = [
        Thing(
            name,
            units,
            is_pool=name == "Pool",
            policy=draw(policies(coarsest)),
            opened=draw(opened(now)),
            people=draw(st.integers(2, 4)),
            is_published=bool(draw(st.integers(0, 5))),
        )
        for name, units in shapes
    ]
    hub = Hub(moment, zone, things)
    wanted = st.tuples(
        st.sampled_from([0, 1, 2, 3, 3, 3]),
        steps,
        st.integers(1, 96),
        st.integers(0, 12),
    )
    many = st.lists(wanted, max_size=14) | st.lists(wanted, min_size=10, max_size=24)
    for number, start, length, turnaround in draw(many):
        thing = things[number]
        begins, ends = period(now, start, length)
        # Whatever the turnaround is today, it may have been another then.
        free = ends + turnaround * STEP
        policy = {**thing.policy, "turnaround_minutes": turnaround * 5}
        left = hub.free_units(
            Thing("", thing.units, thing.is_pool, policy, []), begins, ends
        )
        units = left[: draw(st.integers(1, 3))] if thing.is_pool else left
        if units and (thing.is_pool or len(left) == len(thing.units)):
            hub.taken.append(Taken(number, tuple(units), begins, ends, free))
    return hub


@st.composite
def windows(draw: st.DrawFn, hub: Hub) -> Span:
    """A period to look in: from now or later, for up to two days."""
    base = hub.now.replace(second=0)
    base -= base.minute % 5 * MINUTE
    start = draw(st.integers(1, 200))
    return period(base, start, draw(st.integers(60, LATEST)))


quantities = st.sampled_from([1, 1, 1, 2, 2, 3, 4])


@st.composite
def lengths(draw: st.DrawFn, thing: Thing) -> int:
    """How many minutes to look for: mostly as many as the rules allow."""
    grid, shortest = (
        thing.policy[name] for name in ("start_grid_minutes", "min_duration_minutes")
    )
    fitting = -(-shortest // grid) * grid
    return draw(st.sampled_from([fitting, fitting, fitting + grid, 45]))


@st.composite
def wishes(draw: st.DrawFn, hub: Hub) -> Wish:
    """A window: mostly on the hour and to come, mostly of a length that many allow."""
    hour = hub.now.replace(minute=0, second=0) + HOUR
    at_random = st.integers(-24, 300)
    start = draw(st.integers(0, 30).map(lambda n: n * 12) | at_random)
    length = draw(st.sampled_from([6, 12, 12, 18]) | st.integers(1, 60))
    return Wish(*period(hour, start, length), draw(st.integers(1, 3)), draw(quantities))
