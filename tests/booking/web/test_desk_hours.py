from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.models import OpenPeriod, Reservation
from booking.selectors.hours import dates_of, hours_version, opening_hours_of
from booking.weekly import WeeklyHours
from tests import factories
from tests.booking.web.browser import ask_for, hidden, signed_in, text_of, when
from tests.booking.web.test_journey import hours
from tests.cast import Cast

PART = {"HX-Request": "true"}


def sent(opens: str = "09:00", closes: str = "18:00", **fields: Any) -> dict[str, Any]:
    return hours(opens, closes) | {"valid_from": when(days=0)["day"], **fields}


def test_hours__wrong__are_kept_and_told(cast: Cast) -> None:
    before = list(OpenPeriod.objects.values_list("pk", flat=True))
    given = hours("18:00", "09:00") | {"valid_from": "2020-13-01", "do": "publish"}
    response = signed_in(cast.manager).post(f"/desk/{cast.lab.slug}/hours/", given)
    assert response.status_code == 400
    assert "It must close after it opens." in text_of(response)
    assert response.context["form"]["MO_from"].value() == "18:00"
    assert list(OpenPeriod.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("day", ["9999-12-31", "2199-01-01", "0001-01-01", "х" * 300])
def test_hours__from_an_absurd_day__are_refused(cast: Cast, day: str) -> None:
    client = signed_in(cast.manager)
    given = sent(valid_from=day, do="publish")
    assert client.post(f"/desk/{cast.lab.slug}/hours/", given).status_code == 400


def test_hours__split_day__is_shown_and_published(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    split = {"MO_from": "09:00", "MO_to": "12:00"}
    split |= {"MO_from_2": "13:00", "MO_to_2": "18:00"}
    client.post(url, sent(do="publish") | split)
    [season] = opening_hours_of(cast.lab)["seasons"]
    monday = [row for row in season["weekly"] if "MO" in row["days"]]
    assert [(row["from"], row["to"]) for row in monday] == [
        ("09:00", "12:00"),
        ("13:00", "18:00"),
    ]
    form = client.get(url).context["form"]
    assert form["MO_from_2"].value() == "13:00"
    overlap = client.post(url, sent(do="publish") | split | {"MO_to": "13:30"})
    assert overlap.status_code == 400
    assert "These hours overlap others of the same day." in text_of(overlap)


def test_grid__its_buttons__return_the_form_filled_in(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    given = {"MO_open": "on", "MO_from": "08:00", "MO_to": "17:00", "valid_from": "x"}

    def week(do: str, **more: str) -> Any:
        page = client.post(url, given | more | {"do": do})
        assert page.status_code == 200
        assert page.context["form"]["valid_from"].value() == "x"
        return page.context["form"].week

    weekdays = week("copy-weekdays")
    assert [day.is_open for day in weekdays.values()] == [True] * 5 + [False] * 2
    assert weekdays["FR"].spans == (("08:00", "17:00"),)
    assert week("copy-all")["SU"].is_open
    two = week("add-MO")["MO"].spans
    assert two == (("08:00", "12:00"), ("13:00", "17:00"))
    more = {"MO_from_2": "18:00", "MO_to_2": "20:00"}
    assert week("drop-MO-1", **more)["MO"].spans == (("18:00", "20:00"),)
    assert len(week("add-MO", **more)["MO"].spans) == 3
    assert week("add-MO", MO_to="nonsense")["MO"].spans[0] == ("08:00", "nonsense")
    for nonsense in ("drop-MO-9x", "add-XX", "copy-", "drop-"):
        done = client.post(url, given | {"do": nonsense})
        assert done.status_code == 400  # judged like any form: `valid_from` is wrong


def test_live_line__follows_without_changing_anything(cast: Cast) -> None:
    ask_for(signed_in(cast.booker), cast.lab, 20)
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    before = hours_version(cast.lab)
    live = client.post(url, sent(do="preview"), headers=PART)
    assert live.content.strip().startswith(b'<div id="live">')
    assert "63 h a week, 1 reservation falls outside" in text_of(live)
    assert hours_version(cast.lab) == before
    wrong = client.post(url, sent("10:00", "09:00", do="preview"), headers=PART)
    assert wrong.status_code == 400
    assert "It must close after it opens." in text_of(wrong)


def test_publish__with_hits__first_shows_them_then_does_what_is_chosen(
    cast: Cast,
) -> None:
    for hour in (19, 20, 21):
        ask_for(signed_in(cast.booker), cast.lab, hour)
    first, second, third = Reservation.objects.order_by("starts_at")
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    before = hours_version(cast.lab)
    shown = client.post(url, sent(do="publish"))
    assert "Nothing is changed yet" in text_of(shown)
    assert hours_version(cast.lab) == before
    choices = {f"hit-{first.reference}": "keep", f"hit-{second.reference}": "move"}
    choices |= {f"hit-{third.reference}": "cancel"}
    silent = client.post(url, sent(do="publish") | choices)
    assert silent.status_code == 400
    assert "Say why; the other side reads it." in text_of(silent)
    assert hours_version(cast.lab) == before
    done = client.post(url, sent(do="publish", tell="Short") | choices, follow=True)
    said = "Of the reservations 1 is kept, 1 is asked to move, 1 is cancelled."
    assert said in text_of(done)
    actions = [
        list(each.history.values_list("action", flat=True))[-1]
        for each in (first, second, third)
    ]
    assert actions == ["reserved", "move_asked", "cancelled"]


def test_publish__without_hits__is_done_at_once(cast: Cast) -> None:
    client = signed_in(cast.manager)
    done = client.post(f"/desk/{cast.lab.slug}/hours/", sent(do="publish"))
    assert done.status_code == 302
    assert opening_hours_of(cast.lab)["seasons"][0]["weekly"][0]["from"] == "09:00"


def test_publish__somebody_else_did_meanwhile__is_told_and_kept(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    seen = hidden(client.get(url), "seen")
    factories.publish(cast.lab, (WeeklyHours(("MO",), 600, 660),))
    late = client.post(url, sent("07:00", seen=seen, do="publish"))
    assert late.status_code == 409
    assert "Somebody published other hours meanwhile." in text_of(late)
    assert "Mon 10:00–11:00" in text_of(late)
    assert late.context["form"]["MO_from"].value() == "07:00"
    again = sent("07:00", seen=hidden(late, "seen"), do="publish")
    assert client.post(url, again).status_code == 302


def test_season__in_between__is_listed_and_can_be_edited(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    first, last = when(days=10)["day"], when(days=20)["day"]
    summer = sent("10:00", "14:00", valid_from=first, valid_until=last, do="publish")
    assert client.post(url, summer).status_code == 302
    page = client.get(f"{url}?season={first}")
    assert len(page.context["seasons"]) == 3
    assert page.context["form"]["MO_from"].value() == "10:00"
    assert str(page.context["form"]["valid_until"].value()) == last
    assert client.get(f"{url}?season=nonsense").status_code == 200
    turned = client.post(url, summer | {"valid_until": when(days=5)["day"]})
    assert "The last day lies before the first." in text_of(turned)


def test_hours__read_back_as_they_were_published(cast: Cast) -> None:
    week = (WeeklyHours(("MO", "WE"), 540, 1080), WeeklyHours(("SA",), 600, 840))
    factories.publish(cast.lab, week)
    [season] = opening_hours_of(cast.lab)["seasons"]
    assert [row["days"] for row in season["weekly"]] == [["MO", "WE"], ["SA"]]
    factories.publish(cast.lab, week)
    assert opening_hours_of(cast.lab)["seasons"] == [season]


def test_date__of_its_own__is_set_listed_and_forgotten(cast: Cast) -> None:
    ask_for(signed_in(cast.booker), cast.lab, 10)
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/hours/"
    day = when()["day"]
    closed = {"day": day, "is_closed": "on", "do": "go"}
    live = client.post(f"{url}date/", closed | {"do": "preview"}, headers=PART)
    assert "It hits 1 reservation" in text_of(live)
    made = Reservation.objects.get()
    assert client.post(f"{url}date/", closed).status_code == 200
    chosen = closed | {f"hit-{made.reference}": "keep"}
    assert client.post(f"{url}date/", chosen).status_code == 302
    assert dates_of(cast.lab) == {dt.date.fromisoformat(day): []}
    open_then = {"do": "go", "day": day, "opens": "10:00", "closes": "12:00"}
    client.post(f"{url}date/", open_then)
    assert dates_of(cast.lab) == {dt.date.fromisoformat(day): [("10:00", "12:00")]}
    assert "10:00–12:00" in text_of(client.get(url))
    client.post(f"{url}{day}/forget/")
    assert dates_of(cast.lab) == {}
    assert client.post(f"{url}2026-13-99/forget/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2020-01-01", "opens": "09:00", "closes": "10:00"},
        {"day": "9999-12-31", "is_closed": "on"},
        {"day": "", "is_closed": "on"},
        {"opens": "11:00", "closes": "10:00"},
        {"opens": "", "closes": ""},
        # Spring skips these hours in Sofia.
        {"day": "2027-03-28", "opens": "03:00", "closes": "04:00"},
    ],
)
def test_date__wrong__is_told(cast: Cast, wrong: dict[str, str]) -> None:
    client = signed_in(cast.manager)
    given = {"do": "go", "day": when()["day"]} | wrong
    response = client.post(f"/desk/{cast.lab.slug}/hours/date/", given)
    assert response.status_code == 400
    assert dates_of(cast.lab) == {}
