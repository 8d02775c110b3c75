from __future__ import annotations

from icalendar import Calendar

from booking.ics.events import calendar_of
from booking.services.lifecycle import reservation_cancel
from config import clock
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.factories import reserve, wish


def test_page_and_file__a_deadline__is_the_real_one(cast: Cast) -> None:
    factories.set_policy(cast.lab, cancel_until_minutes=60)
    made = reserve(cast.lab, cast.booker)
    page = text_of(signed_in(cast.booker).get(f"/reservations/{made.reference}/"))
    assert "Cancel until" in page
    assert "09:00" in page
    assert "Later it is marked as late." in page
    made.refresh_from_db()
    (event,) = Calendar.from_ical(calendar_of([made], clock.now())).walk("VEVENT")
    purpose, until = str(event["DESCRIPTION"]).split("\n")
    assert purpose == "Recording a pilot"
    assert until.startswith("Cancel until")
    assert "09:00 (Sofia" in until


def test_page__cancelled_late__says_so_to_both_sides_and_in_the_queue(
    cast: Cast,
) -> None:
    factories.set_policy(cast.lab, cancel_until_minutes=48 * 60)
    made = reserve(cast.lab, cast.booker)
    reservation_cancel(actor=cast.booker, reference=made.reference)
    for person in (cast.booker, cast.manager):
        page = text_of(signed_in(person).get(f"/reservations/{made.reference}/"))
        assert "Cancelled late" in page
        assert "a late cancellation" in page
    type(made).objects.filter(pk=made.pk).update(
        starts_at=clock.now() - factories.DAY,
    )
    reserve(cast.studio, cast.booker, wish(15))
    queue = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "1 late cancellation" in queue
    body = cast.api(cast.booker).get(f"/api/v1/reservations/{made.reference}/").json()
    assert body["is_late_cancel"] is True


def test_page__there_is_none__can_be_cancelled_until_it_ends(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    page = text_of(signed_in(cast.booker).get(f"/reservations/{made.reference}/"))
    assert "You can cancel until" in page
    assert "marked as late" not in page
