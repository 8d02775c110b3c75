from __future__ import annotations

from datetime import timedelta
from typing import Any

from schedule.models import Event

from booking.exceptions import Busy
from booking.models import Reservation
from booking.selectors.hours import opening_hours_of
from booking.services import availability
from labs.models import Resource
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, text_of
from tests.booking.web.test_desk_closures import closing, closures
from tests.booking.web.test_desk_hours import sent
from tests.cast import Cast

URL = "/desk/several/"


def both(cast: Cast, deed: str, **fields: Any) -> dict[str, Any]:
    return {"r": [cast.lab.slug, cast.studio.slug], "deed": deed, "do": "go"} | fields


def test_several__hours__are_published_for_each(cast: Cast) -> None:
    client = signed_in(cast.manager)
    shown = client.get(URL, both(cast, "hours"))
    assert "Motion lab" in text_of(shown)
    copied = client.post(URL, both(cast, "hours") | {"do": "copy-all", "MO_open": "on"})
    assert copied.context["form"].week["SU"].is_open
    done = client.post(URL, sent("08:00", "10:00") | both(cast, "hours"))
    assert text_of(done).count("Done") == 2
    for each in (cast.lab, cast.studio):
        assert opening_hours_of(each)["seasons"][0]["weekly"][0]["from"] == "08:00"


def test_several__close__decides_about_the_hits_of_all(cast: Cast) -> None:
    for resource in (cast.lab, cast.studio):
        ask_for(signed_in(cast.booker), resource, 10)
    client = signed_in(cast.manager)
    given = closing() | both(cast, "close")
    assert "Nothing is changed yet" in text_of(client.post(URL, given))
    assert closures() == 0
    chosen = {f"hit-{each.reference}": "cancel" for each in Reservation.objects.all()}
    done = client.post(URL, given | chosen | {"tell": "The power is off"})
    assert text_of(done).count("Of the reservations 1 is cancelled.") == 2
    assert closures() == 2
    assert set(Reservation.objects.values_list("status", flat=True)) == {"cancelled"}


def test_several__one_is_busy__it_is_left_and_says_so(
    cast: Cast, monkeypatch: Any
) -> None:
    close = availability.closure_add

    def busy(*, resource_slug: str, **given: Any) -> Any:
        if resource_slug == cast.studio.slug and not given["preview"]:
            raise Busy
        return close(resource_slug=resource_slug, **given)

    monkeypatch.setattr(availability, "closure_add", busy)
    done = signed_in(cast.manager).post(URL, closing() | both(cast, "close"))
    assert "Many people are here at once." in text_of(done)
    assert "Left as it was" in text_of(done)
    assert closures() == 1


def test_several__wrong_input__is_said_once_and_nothing_done(cast: Cast) -> None:
    wrong = closing(to_day="2020-01-01") | both(cast, "close")
    response = signed_in(cast.manager).post(URL, wrong)
    assert response.status_code == 400
    assert text_of(response).count("The end must come after the start.") == 2
    assert closures() == 0


def test_several__holidays_publish_archive__each(cast: Cast) -> None:
    client = signed_in(cast.manager)
    client.post(URL, both(cast, "holidays"))
    for each in (cast.lab, cast.studio):
        assert opening_hours_of(each)["calendars"] == ["holidays-bg"]
    client.post(URL, both(cast, "archive"))
    assert set(Resource.objects.values_list("listing", flat=True)) == {"archived"}
    factories.resource(organisation=cast.host, units=0, slug="bare", listing="draft")
    done = client.post(URL, both(cast, "publish") | {"r": [cast.lab.slug, "bare"]})
    assert "There is nothing to reserve: no units." in text_of(done)
    cast.lab.refresh_from_db()
    assert cast.lab.listing == "published"


def test_several__of_another__are_left_out(cast: Cast) -> None:
    other = factories.open_lab()
    client = signed_in(cast.manager)
    client.post(URL, both(cast, "archive") | {"r": [other.slug]})
    other.refresh_from_db()
    assert other.listing == "published"
    assert client.get(URL, {"r": other.slug, "deed": "hours"}).status_code == 302
    assert client.get(URL, both(cast, "explode")).status_code == 302


def test_several__closed_at_sites_in_two_zones__each_by_its_own_clock(
    cast: Cast,
) -> None:
    site = factories.site(time_zone="America/New_York")
    lab = factories.open_lab(organisation=cast.host, site=site)
    client = signed_in(cast.manager)
    given = closing(from_time="10:00", to_time="12:00") | both(cast, "close")
    given |= {"r": [cast.lab.slug, lab.slug]}
    assert text_of(client.post(URL, given)).count("Done") == 2
    starts = set(Event.objects.filter(rule=None).values_list("start", flat=True))
    assert max(starts) - min(starts) in {timedelta(hours=n) for n in (6, 7)}
    # New York's clocks skip that half hour, Sofia's do not.
    skipped = given | {"from_day": "2027-03-14", "to_day": "2027-03-14"}
    told = client.post(URL, skipped | {"from_time": "02:30"})
    assert told.status_code == 400
    assert "this time does not exist" in text_of(told)
    assert closures() == 2


def test_several__odd_slugs__find_nothing(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for wrong in ("\0", "no such"):
        response = client.get(URL, {"r": wrong, "deed": "close"})
        assert (response.status_code, response["Location"]) == (302, "/desk/")


def test_several__drop_of_an_endless_number__drops_nothing(cast: Cast) -> None:
    fields = both(cast, "hours") | {"do": f"drop-MO-{'9' * 5_000}"}
    fields |= {"MO_open": "on", "MO_from": "08:00", "MO_from_2": "12:00"}
    response = signed_in(cast.manager).post(URL, fields)
    assert response.status_code < 500
