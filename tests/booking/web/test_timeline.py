"""Timelines as people read them, and what they let nobody see or do."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils.html import escape

from booking.models import AvailabilityRule
from booking.selectors.facts import Wish
from booking.services.availability import closure_add, shared_calendars_set
from booking.services.holidays import SLUG, holiday_calendar_fill
from booking.weekly import DAYS, WeeklyHours, at_wall
from labs.models import Resource
from tests import factories
from tests.booking.examples import at
from tests.booking.web.browser import signed_in, text_of
from tests.booking.web.timelines import WORKDAY, day, links, tomorrow, words
from tests.cast import Cast
from tests.factories import DAY, HOUR, SOFIA, reserve, tomorrow_at, wish
from tests.statements import assert_flat


def test_day__party__reads_who_has_it_and_others_that_it_is_taken(
    cast: Cast, bench: Resource
) -> None:
    reserve(bench, cast.booker, wish(10, 2))
    for who in (cast.booker, cast.colleague, cast.manager, cast.staff):
        assert "Startup 10:00–12:00 · Approved" in words(day(signed_in(who)), bench)
    for client in (signed_in(cast.stranger), Client()):
        response = day(client)
        assert words(response, bench)[-5:] == [
            "Closed 00:00–09:00",
            "Free 09:00–10:00",
            "Taken 10:00–12:00",
            "Free 12:00–18:00",
            "Closed 18:00–24:00",
        ]
        assert "Startup" not in response.content.decode().split("<table")[1]


def test_day__name_with_markup__is_text(cast: Cast, bench: Resource) -> None:
    nasty = '"><script>alert(1)</script>'
    type(cast.startup).objects.filter(pk=cast.startup.pk).update(name=nasty)
    reserve(bench, cast.booker, wish(10))
    client = signed_in(cast.booker)
    for response in (day(client), day(client, view="list")):
        assert nasty not in response.content.decode()
        assert escape(nasty) in response.content.decode()


def test_day__request_of_others__is_requested(cast: Cast) -> None:
    reserve(cast.studio, cast.booker, wish(10, 2))
    found = words(day(signed_in(cast.stranger)), cast.studio)
    assert "Requested 10:00–12:00" in found
    assert "Startup 10:00–12:00 · Pending" in words(
        day(signed_in(cast.booker)), cast.studio
    )


def test_day__gaps__lead_to_the_form_filled_in(cast: Cast, bench: Resource) -> None:
    reserve(bench, cast.stranger, wish(10, 2))
    first, second = links(day(signed_in(cast.booker)), bench)
    assert first == {"day": tomorrow(), "from": "09:00", "hours": "1"}
    # Longer than an hour: its start and the usual length.
    assert second == {"day": tomorrow(), "from": "12:00", "hours": "2"}


def test_day__gap_too_short_for_the_policy__is_no_link(cast: Cast) -> None:
    slow = factories.open_lab(
        organisation=cast.host, hours=WORKDAY, policy={"min_duration_minutes": 120}
    )
    reserve(slow, cast.stranger, wish(10, 2))
    response = day(signed_in(cast.booker))
    assert "Free 09:00–10:00" in words(response, slow)
    assert [each["from"] for each in links(response, slow)] == ["12:00"]


def test_day__hours__at_least_the_usual_and_all_that_is_open(cast: Cast) -> None:
    Resource.objects.update(listing=Resource.Listing.DRAFT)
    early = factories.open_lab(
        organisation=cast.host,
        site=cast.lab.site,
        hours=(WeeklyHours(DAYS, 6 * 60 + 30, 22 * 60),),
    )
    (grid,) = day(Client()).context["grids"]
    assert [hour.clock for hour in grid.lanes[0].hours][::8] == ["06:00", "14:00"]
    factories.publish(early, (WeeklyHours(DAYS, 10 * 60, 12 * 60),))
    (grid,) = day(Client()).context["grids"]
    assert (grid.lanes[0].hours[0].clock, grid.lanes[0].clocks[-5:]) == (
        "08:00",
        "20:00",
    )


def test_day__sites__each_by_its_own_clock(cast: Cast) -> None:
    lisbon = factories.site(time_zone="Europe/Lisbon", name="Alfama")
    factories.open_lab(organisation=cast.host, site=lisbon, hours=WORKDAY)
    response = day(Client())
    assert response.context["grids"][0].site.name == "Alfama"
    assert "Times in Lisbon (UTC" in text_of(response)
    assert "Times in Sofia (UTC" in text_of(response)


def test_day__pool__says_how_many_are_free(cast: Cast) -> None:
    pool = factories.open_lab(organisation=cast.host, units=4, hours=WORKDAY)
    reserve(pool, cast.booker, wish(10, 2, quantity=2))
    reserve(pool, cast.stranger, wish(11, 2, quantity=2))
    response = day(signed_in(cast.booker))
    assert words(response, pool)[1:-1] == [
        "4 of 4 free 09:00–10:00",
        "2 of 4 free 10:00–11:00 · Startup",
        "0 of 4 free 11:00–12:00 · Startup",
        "2 of 4 free 12:00–13:00",
        "4 of 4 free 13:00–18:00",
    ]
    # One may reserve on into the next stretch, where some are free as well.
    assert links(response, pool)[0]["hours"] == "2"


def test_day__hall__shows_what_its_parts_have(cast: Cast) -> None:
    parts = [factories.open_lab(organisation=cast.host) for _ in range(2)]
    hall = factories.hall(parts)
    factories.set_policy(hall)
    factories.publish(hall)
    reserve(parts[0], cast.booker, wish(10, 2))
    reserve(parts[1], cast.stranger, wish(11, 2))
    found = words(day(signed_in(cast.booker)), hall)
    assert "Startup 10:00–11:00 · Approved" in [
        each.replace("10:00–12:00", "10:00–11:00") for each in found
    ]
    assert "Startup, Taken 11:00–12:00 · Approved" in found
    assert "Taken 11:00–13:00" in found


@pytest.mark.parametrize(
    ("who", "reads"),
    [("manager", True), ("staff", True), ("booker", False), (None, False)],
)
def test_day__closure__says_why_to_whom_it_concerns(
    cast: Cast, bench: Resource, who: str | None, reads: bool
) -> None:
    closure_add(
        actor=cast.manager,
        resource_slug=bench.slug,
        starts_at=tomorrow_at(12),
        ends_at=tomorrow_at(14),
        reason=AvailabilityRule.Reason.MAINTENANCE,
        note="New laser",
    )
    response = day(signed_in(getattr(cast, who)) if who else Client())
    why = "Maintenance: New laser" if reads else "Closed"
    assert f"{why} 12:00–14:00" in words(response, bench)
    assert ("laser" in response.content.decode()) is reads


def test_day__holiday__says_which_to_everybody(cast: Cast, bench: Resource) -> None:
    holiday_calendar_fill()
    shared_calendars_set(actor=cast.manager, resource_slug=bench.slug, slugs=[SLUG])
    year = at_wall(dt.date.fromisoformat(tomorrow()), 0, SOFIA).year + 1
    response = day(Client(), date=f"{year}-03-03")
    assert words(response, bench) == ["Holiday: Liberation Day 00:00–24:00"]


def test_day__midnight_crossed__is_on_both_days(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(22, 6))
    client = signed_in(cast.booker)
    assert words(day(client), cast.lab)[-1] == "Startup 22:00–04:00 · Approved"
    after = (dt.date.fromisoformat(tomorrow()) + DAY).isoformat()
    assert words(day(client, date=after), cast.lab)[0] == (
        "Startup 22:00–04:00 · Approved"
    )


@pytest.mark.parametrize(
    ("date", "hours", "labels"),
    [
        ("2027-03-28", 23, ["02:00", "04:00"]),
        ("2027-10-31", 25, ["03:00 EEST", "03:00 EET"]),
    ],
)
def test_day__clocks_change__every_hour_that_passes_is_a_column(
    cast: Cast, date: str, hours: int, labels: list[str]
) -> None:
    monday = dt.date.fromisoformat(date) - 6 * DAY
    with at(at_wall(monday, 8 * 60, SOFIA)):
        night = at_wall(dt.date.fromisoformat(date), 120, SOFIA)
        made = reserve(cast.lab, cast.booker, Wish(night, night + 3 * HOUR))
        response = day(signed_in(cast.booker), date=date)
    (grid,) = response.context["grids"]
    shown = [f"{hour.clock} {hour.zone}".strip() for hour in grid.lanes[0].hours]
    assert len(shown) == hours
    assert set(labels) <= set(shown)
    (cell,) = (
        each
        for lane in grid.lanes
        for each in lane.cells
        if each.reference == made.reference
    )
    assert (cell.at, cell.span) == (2 * 4, 3 * 4)


def test_day__present__is_marked_and_what_is_over_is_no_link(
    cast: Cast, bench: Resource
) -> None:
    date = tomorrow()
    with at(tomorrow_at(11, 5)):
        response = day(signed_in(cast.booker), date=date)
    found = words(response, bench)
    assert "Over 09:00–11:15" in found
    (link,) = links(response, bench)
    assert link["from"] == "11:15"
    cell = next(
        cell
        for grid in response.context["grids"]
        for lane in grid.lanes
        if lane.resource == bench
        for cell in lane.cells
        if cell.present
    )
    # Two hours and five minutes after nine, in quarters.
    assert (cell.kind, cell.present) == ("past", "8.33")


def test_day__filters__leave_what_they_say(cast: Cast, bench: Resource) -> None:
    elsewhere = factories.open_lab(kind=Resource.Kind.EQUIPMENT)

    def shown(**query: str) -> set[str]:
        grids = day(Client(), **query).context["grids"]
        return {lane.key for grid in grids for lane in grid.lanes}

    everything = {cast.lab.slug, cast.studio.slug, bench.slug, elsewhere.slug}
    assert shown() == everything
    assert shown(site=elsewhere.site.slug) == {elsewhere.slug}
    assert shown(kind="equipment") == {elsewhere.slug}
    assert shown(organisation=cast.host.slug) == everything - {elsewhere.slug}
    empty = day(Client(), kind="premises")
    assert "Nothing that is published fits these filters." in text_of(empty)


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("/timeline/", {"date": "tomorrow"}),
        ("/timeline/", {"site": "nowhere"}),
        ("/timeline/week/", {"date": "1999-01-01"}),
        ("/resources/{}/week/", {"date": "0001-01-01"}),
        ("/resources/{}/month/", {"date": "x"}),
    ],
)
def test_pages__bad_question__says_so(
    cast: Cast, url: str, query: dict[str, str]
) -> None:
    response = Client().get(url.format(cast.lab.slug), query)
    assert response.status_code == 400
    assert "Please check the input" in text_of(response)


def test_pages__draft__is_its_managers_alone(cast: Cast, bench: Resource) -> None:
    Resource.objects.filter(pk=bench.pk).update(listing=Resource.Listing.DRAFT)
    for part in ("week", "month"):
        url = f"/resources/{bench.slug}/{part}/"
        assert Client().get(url).status_code == 404
        assert signed_in(cast.booker).get(url).status_code == 404
        response = signed_in(cast.manager).get(url)
        assert response.status_code == 200
        assert not links(response, bench)
    response = day(signed_in(cast.manager))
    assert f'data-lane="{bench.slug}"' not in response.content.decode()


def test_list__says_the_same_as_the_table(cast: Cast, bench: Resource) -> None:
    reserve(bench, cast.booker, wish(10, 2))
    client = signed_in(cast.booker)
    response = day(client, view="list")
    text = text_of(response)
    assert "09:00–10:00 Free 09:00–10:00, Bench" in text
    assert "10:00–12:00 Startup 10:00–12:00, Bench Approved" in text
    assert "<td" not in response.content.decode()
    assert links(response, bench) == links(day(client), bench)


def test_resource_week__shows_days_and_hides_whose(cast: Cast, bench: Resource) -> None:
    reserve(bench, cast.booker, wish(10, 2))
    url = f"/resources/{bench.slug}/week/?date={tomorrow()}"
    mine, theirs = signed_in(cast.booker).get(url), Client().get(url)
    assert "Startup 10:00–12:00 · Approved" in text_of(mine)
    assert "Taken 10:00–12:00" in text_of(theirs)
    assert "Startup" not in text_of(theirs)
    spans = dict.fromkeys((lane.key for lane in mine.context["grid"].lanes), 0)
    html = mine.content.decode()
    pattern = r'rowspan="(\d+)" data-at="\d+" data-lane="(.*?)"'
    for span, lane in re.findall(pattern, html):
        spans[lane] += int(span)
    assert set(spans.values()) == {12 * 4}


def test_resource_week__clocks_change__shorter_day_ends_early(cast: Cast) -> None:
    response = Client().get(f"/resources/{cast.lab.slug}/week/?date=2027-03-28")
    lanes = response.context["grid"].lanes
    assert [lane.columns for lane in lanes] == [96] * 6 + [92]
    assert "23 h today: the clocks change" in text_of(response).replace("\xa0", " ")


def test_resource_month__says_free_full_and_closed(cast: Cast, bench: Resource) -> None:
    for hour, hours in ((9, 8), (17, 1)):
        reserve(bench, cast.stranger, wish(hour, hours))
    response = Client().get(f"/resources/{bench.slug}/month/?date={tomorrow()}")
    days = {str(x.day): x for week in response.context["weeks"] for x in week}
    full = days[tomorrow()]
    assert (full.kind, full.count) == ("full", 2)
    after = days.get((dt.date.fromisoformat(tomorrow()) + DAY).isoformat())
    assert after is None or after.text.replace("\xa0", " ") == "9 h free"
    assert "Elsewhere" not in response.content.decode()


def test_timeline_week__counts_what_is_free(cast: Cast, bench: Resource) -> None:
    reserve(bench, cast.stranger, wish(10, 2))
    response = Client().get("/timeline/week/", {"date": tomorrow()})
    (row,) = (days for lab, days in response.context["rows"] if lab == bench)
    (shown,) = (each for each in row if str(each.day) == tomorrow())
    assert shown.text.replace("\xa0", " ") == "7 h free"
    assert [bar.kind for bar in shown.bars] == ["closed", "taken", "closed"]


def test_part__for_htmx__is_the_grid_alone(cast: Cast) -> None:
    headers = {"HX-Request": "true"}
    for url in ("/timeline/", f"/resources/{cast.lab.slug}/week/"):
        html = Client().get(url, headers=headers).content.decode()
        assert html.strip().startswith('<div id="grid"')
        assert "<html" not in html


@pytest.mark.parametrize("path", ["/timeline/", "/timeline/week/"])
def test_pages__cost__flat_in_resources_and_reservations(cast: Cast, path: str) -> None:
    def many() -> None:
        for number in range(12):
            lab = factories.open_lab(organisation=cast.host)
            for hour in range(8, 8 + number % 4):
                reserve(lab, cast.booker, wish(hour))

    client, url = signed_in(cast.staff), f"{path}?date={tomorrow()}"
    assert_flat(client, url, few=lambda: reserve(cast.lab, cast.booker), many=many)
