from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.services.decisions import reservation_approve
from labs.models import User
from notifications.models import Message, State
from tests.cast import Cast
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import approved, deliver, many, plan, requested

URL = "/messages/"


def page(of: User, query: str = "") -> str:
    client = Client()
    client.force_login(of)
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def test_page__guest__reads_own_mails_and_no_others(cast: Cast, inbox: Inbox) -> None:
    asked = requested(cast)
    plan()
    deliver()
    reservation_approve(actor=cast.manager, reference=asked.reference)
    plan()
    deliver()

    html = page(cast.booker)

    assert "approved your request" in html
    assert "asks for Sound studio" not in html
    assert "approved your request" not in page(cast.stranger)
    assert "asks for Sound studio" in page(cast.manager)


def test_page__hostile_purpose__is_escaped(cast: Cast, inbox: Inbox) -> None:
    reservation = approved(cast)
    reservation.purpose = "<script>alert(1)</script>"
    reservation.save()
    plan()
    deliver()

    html = page(cast.booker)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_page__nothing__says_what_it_is_for(cast: Cast) -> None:
    assert "Nothing has been sent yet" in page(cast.booker)


def test_page__one_reservation__only_its_own(cast: Cast) -> None:
    reservation = approved(cast)
    plan()

    assert "<h2>Reminder" in page(cast.booker, f"?reservation={reservation.reference}")
    assert "<h2>Reminder" not in page(cast.booker, "?reservation=NOSUCHTH")
    client = Client()
    client.force_login(cast.booker)
    for other in ("%00", "x" * 2000):
        refused = client.get(f"{URL}?reservation={other}")
        assert refused.status_code == 400
        assert "<h2>Reminder" not in refused.content.decode()


def test_page__many__has_older_ones_behind_a_link(cast: Cast) -> None:
    many(cast, 60)

    assert 'rel="next"' in page(cast.booker)
    assert 'rel="prev"' in page(cast.booker, "?page=2")


def test_page__signed_out__is_sent_to_sign_in(cast: Cast) -> None:
    response = Client().get(URL)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


def test_page__statements__as_many_for_1_as_for_40(cast: Cast) -> None:
    counts = []
    for hour, number in [(10, 1), (12, 40)]:
        Message.objects.all().delete()
        many(cast, number, hour)
        client = Client()
        client.force_login(cast.booker)
        with CaptureQueriesContext(connection) as statements:
            client.get(URL)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_admin__looks_and_changes_nothing(cast: Cast) -> None:
    approved(cast)
    plan()
    admin = User.objects.create_superuser("root@example.com", None, name="Root")
    client = Client()
    client.force_login(admin)
    message = Message.objects.first()
    assert message is not None
    url = "/admin/notifications/message/"

    assert client.get(url).status_code == 200
    assert client.get(f"{url}{message.pk}/change/").status_code == 200
    assert (
        client.post(f"{url}{message.pk}/change/", {"state": State.SENT}).status_code
        == 403
    )
    assert client.get(f"{url}add/").status_code == 403
    assert client.post(f"{url}{message.pk}/delete/", {"post": "yes"}).status_code == 403
