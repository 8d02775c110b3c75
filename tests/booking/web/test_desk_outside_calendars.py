"""The page of outside calendars at the desk."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from booking.models import OutsideCalendar
from tests.answering import Answering
from tests.booking.outside import added, at, calendar, closed, event, serve, tomorrow
from tests.cast import Cast
from tests.factories import reserve, wish


def page_of(cast: Cast) -> str:
    return reverse("desk-outside-calendars", args=[cast.lab.slug])


def text_of(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_page__a_calendar__is_looked_into_then_added_then_removed(
    cast: Cast, server: Answering, client: Client
) -> None:
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    client.force_login(cast.manager)
    text = text_of(client.post(page_of(cast), {"url": url, "do": "look"}))
    assert "1 event in the next 60 days" in text
    assert "No reservation falls into its events." in text
    assert not OutsideCalendar.objects.exists()
    response = client.post(page_of(cast), {"url": url, "do": "add"}, follow=True)
    text = text_of(response)
    assert "Added: its events close the resource." in text
    assert "<b>Studio</b>" in text
    assert "1 closure ahead" in text
    assert url not in text
    named = [cast.lab.slug, OutsideCalendar.objects.get().pk]
    done = client.post(reverse("desk-outside-calendar-remove", args=named), follow=True)
    assert "What it closed is open again." in text_of(done)
    assert closed(cast.lab) == []


def test_page__reservations_in_its_events__are_shown_then_decided_about(
    cast: Cast, server: Answering, client: Client
) -> None:
    kept = reserve(cast.lab, cast.booker, wish(10))
    url = serve(server, calendar(event(*at(tomorrow(10)))))
    client.force_login(cast.manager)
    text = text_of(client.post(page_of(cast), {"url": url, "do": "look"}))
    assert reverse("reservation", args=[kept.reference]) in text
    response = client.post(page_of(cast), {"url": url, "do": "add"})
    assert response.headers["Location"] == reverse("desk-outside", args=[cast.lab.slug])


def test_page__an_address_not_to_be_read__is_kept_with_what_is_wrong(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.manager)
    url = "https://127.0.0.1/secret.ics"
    response = client.post(page_of(cast), {"url": url, "do": "add"})
    assert response.status_code == 422
    assert "The address leads into a private network." in text_of(response)
    assert url in text_of(response)
    cast.manager.language = "bg"
    cast.manager.save()
    assert "частна мрежа" in text_of(client.post(page_of(cast), {"url": url}))


def test_page__a_failure__is_said_with_what_still_holds(
    cast: Cast, server: Answering, client: Client
) -> None:
    row = added(
        serve(server, calendar(event(*at(tomorrow(10))))), cast.manager, cast.lab
    )
    server.at("/a.ics", lambda asked: asked.say(410))
    client.force_login(cast.manager)
    named = [cast.lab.slug, row.pk]
    response = client.post(
        reverse("desk-outside-calendar-read", args=named), follow=True
    )
    text = text_of(response)
    assert "sends the error 410" in text
    assert "Cannot be read" in text
    assert "what was read before still holds" in text
    serve(server, calendar())
    response = client.post(
        reverse("desk-outside-calendar-read", args=named), follow=True
    )
    text = text_of(response)
    assert "Cannot be read" not in text
    assert "0 closures ahead" in text


def test_other_pages__its_closures__are_not_listed_one_by_one(
    cast: Cast, server: Answering, client: Client
) -> None:
    added(serve(server, calendar(event(*at(tomorrow(10))))), cast.manager, cast.lab)
    client.force_login(cast.manager)
    for name in ("desk-closures", "resource"):
        text = text_of(client.get(reverse(name, args=[cast.lab.slug])))
        assert "Recording" not in text
