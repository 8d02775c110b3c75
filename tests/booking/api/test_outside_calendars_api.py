from __future__ import annotations

from typing import Any

from booking.models import OutsideCalendar
from tests.answering import Answering
from tests.booking.outside import at, calendar, closed, event, serve, tomorrow
from tests.cast import Cast
from tests.factories import reserve, wish


def path_of(cast: Cast, more: str = "") -> str:
    return f"/api/v1/resources/{cast.lab.slug}/outside-calendars/{more}"


def test_outside_calendars__previewed_added_read_and_removed(
    cast: Cast, server: Answering
) -> None:
    kept = reserve(cast.lab, cast.booker, wish(10))
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    api = cast.api(cast.manager)
    seen = api.post(path_of(cast, "?preview=1"), {"url": url})
    assert (seen.status_code, seen.data["soon"], seen.data["calendar"]) == (
        200,
        1,
        None,
    )
    assert not OutsideCalendar.objects.exists()
    made: Any = api.post(path_of(cast), {"url": url})
    assert made.status_code == 201
    assert [hit["reference"] for hit in made.data["hits"]] == [kept.reference]
    row = made.data["calendar"]
    assert (row["name"], row["host"], row["error"]) == ("Studio", "127.0.0.1", "")
    assert url not in str(made.data)
    server.at("/a.ics", lambda asked: asked.say(503))
    read = api.post(path_of(cast, f"{row['id']}/read/"))
    assert (read.status_code, read.data["error"]) == (200, "bad_status")
    assert "503" in read.data["detail"]
    assert [each["failures"] for each in api.get(path_of(cast)).data] == [1]
    assert api.delete(path_of(cast, f"{row['id']}/")).status_code == 204
    assert (api.get(path_of(cast)).data, closed(cast.lab)) == ([], [])


def test_outside_calendars__an_address_inside__is_a_problem_with_its_code(
    cast: Cast,
) -> None:
    answer = cast.api(cast.manager).post(path_of(cast), {"url": "https://10.0.0.1/"})
    assert (answer.status_code, answer.data["code"]) == (422, "private_address")
    answer = cast.api(cast.manager).post(path_of(cast), {"url": ""})
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")


def test_closures__of_an_outside_calendar__keep_their_titles_to_the_host(
    cast: Cast, server: Answering
) -> None:
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    cast.api(cast.manager).post(path_of(cast), {"url": url})
    closures = f"/api/v1/resources/{cast.lab.slug}/closures/"
    [mine] = cast.api(cast.manager).get(closures).data
    [theirs] = cast.api(cast.booker).get(closures).data
    assert (mine["note"], mine["reason"]) == ("Recording", "private_use")
    assert (theirs["note"], theirs["reason"]) == ("", "other")
