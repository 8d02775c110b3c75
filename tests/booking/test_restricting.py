"""Hours of a resource that only some may use: whom they keep out, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from booking.exceptions import RuleViolation
from booking.models import Programme, RestrictedHours, WaitingEntry
from booking.restricting import Restricted
from booking.selectors.facts import Wish
from booking.selectors.finding import (
    Search,
    first_free,
    free_slots,
    resources_free,
    slots_of_each,
)
from booking.selectors.lines import places_for
from booking.services.restricting import (
    restricted_hours_add,
    restricted_hours_remove,
)
from booking.weekly import DAYS
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Qualification, QualificationType, Resource, User
from tests import factories
from tests.booking.test_limits import monday_at, on, refused
from tests.cast import Cast
from tests.factories import HOUR, reserve

MINUTE = dt.timedelta(minutes=1)
ZONES = tuple(ZoneInfo(name) for name in ("Europe/Sofia", "Australia/Lord_Howe", "UTC"))
#: In it the clocks of both zones go forward and back.
YEAR = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def restrict(
    cast: Cast, starts: int = 18 * 60, ends: int = 1440, **given: Any
) -> RestrictedHours:
    known: dict[str, Any] = {"days": ["MO", "TU"], "for_host": True}
    return restricted_hours_add(
        actor=cast.manager, resource=cast.lab, starts=starts, ends=ends, **known | given
    )


@given(
    start=st.integers(0, 365 * 96),
    quarters=st.integers(1, 40),
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    hours=st.tuples(st.integers(0, 96), st.integers(0, 96)).filter(
        lambda pair: pair[0] < pair[1]
    ),
    zone=st.sampled_from(ZONES),
)
def test_touches__any_time__is_what_each_minute_says(
    start: int,
    quarters: int,
    days: set[str],
    hours: tuple[int, int],
    zone: ZoneInfo,
) -> None:
    starts, ends = hours[0] * 15, hours[1] * 15
    restricted = Restricted(tuple(days), starts, ends)
    first = YEAR + start * 15 * MINUTE
    last = first + quarters * 15 * MINUTE

    def is_in_them(minute: dt.datetime) -> bool:
        wall = minute.astimezone(zone)
        return (
            DAYS[wall.weekday()] in days
            and starts <= wall.hour * 60 + wall.minute < ends
        )

    minutes = [first + n * MINUTE for n in range(15 * quarters)]
    if any(minute.astimezone(zone).fold for minute in minutes):
        return  # in the hour that comes twice the end is that of the first
    assert restricted.touches(first, last, zone) == any(map(is_in_them, minutes))


def test_reserve__for_none_of_those__is_refused_in_those_hours_alone(
    cast: Cast,
) -> None:
    restrict(cast, organisations=[cast.startup])
    told = refused(cast.lab, cast.stranger, on(monday_at(17.5)))
    assert told["code"] == "hours_restricted"
    assert (told["found"], told["overridable"]) == ("not among them", True)
    assert told["needed"] == [cast.host.name, "Startup"]
    assert told["detail"] == f"Mon, Tue, 18:00–24:00: only {cast.host.name}, Startup."
    with translation.override("bg"):
        again = refused(cast.lab, cast.stranger, on(monday_at(17.5)))
    assert "само" in again["detail"]
    reserve(cast.lab, cast.stranger, on(monday_at(17)))
    reserve(cast.lab, cast.stranger, on(monday_at(19, days=2)))
    reserve(cast.lab, cast.booker, on(monday_at(18)))
    reserve(cast.lab, cast.manager, on(monday_at(20)))


def test_reserve__over_days_into_them__is_refused(cast: Cast) -> None:
    factories.set_policy(cast.lab, max_duration_minutes=3 * 1440)
    restrict(cast, 600, 660, days=["TU"])
    start = monday_at(20)
    told = refused(cast.lab, cast.booker, Wish(start, start + 20 * HOUR))
    assert told["code"] == "hours_restricted"
    reserve(cast.lab, cast.booker, Wish(start, start + 14 * HOUR))


def test_reserve__by_a_programme__counts_while_it_runs(cast: Cast) -> None:
    monday = monday_at(18)
    cohort = Programme.objects.create(
        name="Cohort 7", starts_on=clock.today(), ends_on=monday.date()
    )
    cohort.organisations.add(cast.startup)
    restrict(cast, for_host=False, programmes=[cohort])
    reserve(cast.lab, cast.booker, on(monday))
    over = refused(cast.lab, cast.booker, on(monday_at(18, days=1)))
    assert over["needed"] == ["Cohort 7"]
    for other in (cast.manager, cast.stranger):
        assert refused(cast.lab, other, on(monday_at(20)))["needed"] == ["Cohort 7"]


def test_reserve__by_who_is_qualified__on_that_day(cast: Cast) -> None:
    laser = QualificationType.objects.create(slug="laser", name="Laser safety")
    other = QualificationType.objects.create(slug="other", name="Other")
    restrict(cast, for_host=False, qualifications=[laser])

    def grant(
        to: User, what: QualificationType, until: dt.date | None, **more: Any
    ) -> None:
        Qualification.objects.create(
            type=what,
            person=to,
            granted_at=clock.now(),
            valid_from=clock.today(),
            valid_until=until,
            **more,
        )

    monday = monday_at(18)
    grant(cast.booker, laser, monday.date())
    grant(cast.colleague, other, None)
    grant(
        cast.stranger, laser, None, revoked_at=clock.now(), revoked_reason="It was lost"
    )
    reserve(cast.lab, cast.booker, on(monday))
    late = refused(cast.lab, cast.booker, on(monday_at(18, days=1)))
    assert late["code"] == "hours_restricted"
    for person in (cast.colleague, cast.stranger, cast.manager):
        assert refused(cast.lab, person, on(monday_at(20)))["needed"] == [laser.name]


def test_reserve__two_that_overlap__must_both_let_one_in(cast: Cast) -> None:
    restrict(cast, organisations=[cast.startup])
    restrict(cast, 20 * 60, for_host=True)
    reserve(cast.lab, cast.booker, on(monday_at(19)))
    assert refused(cast.lab, cast.booker, on(monday_at(20)))["needed"] == [
        cast.host.name,
        "Startup",
        cast.host.name,
    ]
    reserve(cast.lab, cast.manager, on(monday_at(20)))


def test_reserve__staff_override__is_let_in(cast: Cast) -> None:
    restrict(cast)
    wanted = {"organisation_slug": cast.startup.slug}
    refused(cast.lab, cast.staff, on(monday_at(19)), **wanted)
    made = reserve(
        cast.lab,
        cast.staff,
        on(monday_at(19)),
        overrides=["hours_restricted"],
        override_reason="An open evening",
        **wanted,
    )
    assert made.history.get().changes["overrides"][0]["code"] == "hours_restricted"


def test_restrict__makes_no_sense__is_refused(cast: Cast) -> None:
    wrongs: list[dict[str, Any]] = [
        {"for_host": False},
        {"days": []},
        {"starts": 1200, "ends": 1200},
        {"ends": 1441},
    ]
    for wrong in wrongs:
        with pytest.raises(Invalid):
            restrict(cast, **wrong)
    assert not RestrictedHours.objects.exists()


def test_restrict__is_the_hosts_and_can_be_taken_back(cast: Cast) -> None:
    hours = restrict(cast)
    for other in (cast.booker, cast.stranger):
        with pytest.raises(Forbidden):
            restricted_hours_remove(actor=other, resource=cast.lab, hours_id=hours.pk)
    with pytest.raises(Missing):
        restricted_hours_remove(
            actor=cast.manager, resource=cast.studio, hours_id=hours.pk
        )
    restricted_hours_remove(actor=cast.manager, resource=cast.lab, hours_id=hours.pk)
    reserve(cast.lab, cast.stranger, on(monday_at(19)))


def test_find__hours_of_others__are_not_promised(cast: Cast) -> None:
    restrict(cast, 18 * 60, 20 * 60, organisations=[cast.startup], for_host=False)
    evening, now = on(monday_at(18)), clock.now()
    rows = Resource.objects.filter(pk=cast.lab.pk)
    ours, theirs = cast.startup.pk, cast.host.pk

    def free(guests: list[int] | None) -> bool:
        return bool(resources_free(rows, evening, now, guests))

    assert [free(None), free([ours]), free([theirs, ours])] == [True] * 3
    assert [free([theirs]), free([])] == [False] * 2
    search = Search(monday_at(18), monday_at(23), 60)
    assert first_free(rows, search, now)[0].starts_at == monday_at(18)
    for guests, start in (((ours,), 18), ((theirs,), 20), ((), 20)):
        mine = replace(search, guests=guests)
        assert first_free(rows, mine, now)[0].starts_at == monday_at(start)
        (slot,) = slots_of_each(rows, mine, now)
        assert slot.period.start == monday_at(start)
        if guests:
            one = replace(search, guest=guests[0])
            assert free_slots(cast.lab, one, now)[0].start == monday_at(start)


def test_refused__in_hours_of_others__is_offered_what_can_be_had(cast: Cast) -> None:
    restrict(cast, 18 * 60, 20 * 60, days=DAYS)
    with pytest.raises(RuleViolation) as refusal:
        reserve(cast.lab, cast.booker, on(monday_at(19)))
    near = refusal.value.extra["alternatives"]
    starts = {each["starts_at"] for each in near if each["why"] == "nearest_time"}
    assert {monday_at(17), monday_at(20)} <= starts
    for row in near:
        if row["resource"] == cast.lab.slug:
            assert row["starts_at"] != monday_at(19)


def test_waiting__hours_of_others__are_not_offered(cast: Cast) -> None:
    restrict(cast, 18 * 60, 20 * 60, days=DAYS)
    entry = WaitingEntry.objects.create(
        resource=cast.lab,
        organisation=cast.startup,
        person=cast.booker,
        created_at=clock.now(),
        window_starts_at=monday_at(18),
        window_ends_at=monday_at(21),
        minutes=60,
        purpose="x",
    )
    assert [each.start for each in places_for(entry, clock.now())] == [monday_at(20)]
    entry.organisation = cast.host
    entry.save()
    assert places_for(entry, clock.now())[0].start == monday_at(18)
