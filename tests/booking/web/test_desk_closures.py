from __future__ import annotations

from typing import Any

import pytest

from booking.models import AvailabilityRule, Reservation
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, text_of, when
from tests.cast import Cast

PART = {"HX-Request": "true"}


def closing(**fields: Any) -> dict[str, Any]:
    day = when()["day"]
    sent = {"from_day": day, "from_time": "00:00", "to_day": day, "to_time": "24:00"}
    return sent | {"reason": "maintenance", "do": "close"} | fields


def closures() -> int:
    closed = AvailabilityRule.Effect.CLOSED
    return AvailabilityRule.objects.filter(effect=closed).count()


def test_closure__previewed_made_and_taken_back(cast: Cast) -> None:
    ask_for(signed_in(cast.booker), cast.lab, 10)
    made = Reservation.objects.get()
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/closures/"
    sent = closing(note="New <floor>", note_bg="Нов под")
    preview = client.post(url, sent | {"do": "preview"})
    assert "It hits 1 reservation" in text_of(preview)
    assert "None is planned." in text_of(preview)
    assert preview.context["form"]["note"].value() == "New <floor>"
    first = client.post(url, sent)
    assert "Nothing is changed yet" in text_of(first)
    assert closures() == 0
    chosen = sent | {f"hit-{made.reference}": "keep"}
    done = client.post(url, chosen, follow=True)
    assert "Maintenance · New <floor>" in text_of(done)
    assert "Of the reservations 1 is kept." in text_of(done)
    client.post(url, chosen)
    assert closures() == 1  # sent twice, it is one
    glance = text_of(client.get(f"/desk/{cast.lab.slug}/"))
    assert "1 reservation lies outside of the published hours." in glance
    closure = done.context["closures"][0]
    assert closure.note_bg == "Нов под"
    client.post(f"{url}{closure.pk}/remove/")
    assert "None is planned." in text_of(client.get(url))
    assert client.post(f"{url}{closure.pk}/remove/").status_code == 404
    assert client.post(f"{url}{10**30}/remove/").status_code == 404


def test_closure__nothing_hit__is_made_by_one_click(cast: Cast) -> None:
    client = signed_in(cast.manager)
    done = client.post(f"/desk/{cast.lab.slug}/closures/", closing())
    assert done.status_code == 302
    assert closures() == 1


def test_closure__all_of_them__are_chosen_for_at_once(cast: Cast) -> None:
    for hour in (10, 12):
        ask_for(signed_in(cast.booker), cast.lab, hour)
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/closures/"
    live = client.post(url, closing(do="all-cancel"), headers=PART)
    assert live.content.count(b'value="cancel" checked') == 2
    assert closures() == 0


def test_closure__hit_changed_meanwhile__is_left_and_told(cast: Cast) -> None:
    ask_for(signed_in(cast.booker), cast.lab, 10)
    made = Reservation.objects.get()
    client = signed_in(cast.manager)
    chosen = {f"hit-{made.reference}": "cancel", f"version-{made.reference}": "7"}
    done = client.post(
        f"/desk/{cast.lab.slug}/closures/",
        closing(tell="Floor") | chosen,
        follow=True,
    )
    assert "stays as it is: Somebody changed this reservation" in text_of(done)
    made.refresh_from_db()
    assert (made.status, closures()) == ("approved", 1)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"to_day": "2020-01-01"}, "The end must come after the start."),
        (
            {"from_day": "2020-01-01", "to_day": "2020-01-02"},
            "That is over already.",
        ),
        ({"to_day": "9999-12-31"}, "The year must lie between 2000 and 2200."),
        ({"to_day": "2035-01-01"}, "A closure lasts at most two years."),
        (
            {"from_day": "2027-03-28", "to_day": "2027-03-28", "from_time": "03:30"},
            "That night the clocks go forward: this time does not exist.",
        ),
        ({"note": "я" * 301}, "at most 300"),
        ({"reason": "<script>"}, "Select a valid choice."),
    ],
)
def test_closure__wrong__is_told_and_kept(
    cast: Cast, wrong: dict[str, str], text: str
) -> None:
    client = signed_in(cast.manager)
    sent = closing(note="Under way") | wrong
    response = client.post(f"/desk/{cast.lab.slug}/closures/", sent)
    assert response.status_code == 400
    assert text in text_of(response)
    assert response.context["form"]["note"].value() == sent["note"]
    assert closures() == 0


def test_holidays__ticked_and_unticked(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/holidays/"
    ticked = client.post(url, {"holidays": "1"}, follow=True)
    assert ticked.context["has_holidays"] is True
    assert "Liberation Day" in text_of(ticked)
    assert "Take back" not in text_of(ticked)
    assert client.post(url, follow=True).context["has_holidays"] is False


def test_outside__what_was_kept__is_decided_later(cast: Cast) -> None:
    for hour in (10, 12):
        ask_for(signed_in(cast.booker), cast.lab, hour)
    factories.publish(cast.lab, ())
    first, second = Reservation.objects.order_by("starts_at")
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/outside/"
    page = client.get(url)
    assert "Startup" in text_of(page)
    every = client.post(url, {"do": "all-move"}, headers=PART)
    assert every.content.count(b'value="move" checked') == 2
    chosen = {f"hit-{first.reference}": "cancel", "do": "decide"}
    assert client.post(url, chosen).status_code == 400
    client.post(url, chosen | {"tell": "The floor is new"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("cancelled", "approved")
    assert first.reason == "The floor is new"
