"""The main job by hand: a host publishes, a startup asks, staff approve."""

from __future__ import annotations

from booking.models import Reservation
from booking.models.reservation import Status
from labs.models import Resource
from tests.booking.web.browser import ask_for, hidden, signed_in, text_of, when
from tests.cast import Cast

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def hours(opens: str = "08:00", closes: str = "20:00") -> dict[str, str]:
    """Every day from, until, as the desk's form sends it."""
    sent: dict[str, str] = {}
    for day in WEEK:
        sent |= {f"{day}_open": "on", f"{day}_from": opens, f"{day}_to": closes}
    return sent


def publish_a_lab(cast: Cast) -> Resource:
    """As the host's manager: add a resource, publish its hours, publish it."""
    host = signed_in(cast.manager)
    added = host.post(
        "/desk/add/",
        {
            "name": "Foley <stage>",
            "name_bg": "Студио за шумове",
            "kind": "laboratory",
            "site": cast.lab.site.slug,
            "people": "6",
            "shape": "single",
        },
        follow=True,
    )
    resource = Resource.objects.get(name="Foley <stage>")
    assert added.redirect_chain[-1][0] == f"/desk/{resource.slug}/"
    assert "No hours are published yet" in text_of(added)
    today = when(days=0)["day"]
    sent = hours() | {"valid_from": today}
    url = f"/desk/{resource.slug}/hours/"
    preview = host.post(url, sent | {"do": "preview"})
    assert "84 h a week, 0 reservations fall outside" in text_of(preview)
    assert "No hours are published yet" in text_of(host.get(f"/desk/{resource.slug}/"))
    assert host.post(url, sent | {"do": "publish"}).status_code == 302
    host.post(f"/desk/{resource.slug}/listing/", {"to": "publish"})
    resource.refresh_from_db()
    assert resource.listing == Resource.Listing.PUBLISHED
    return resource


def test_main_job__by_hand__is_done(cast: Cast) -> None:
    lab = publish_a_lab(cast)
    startup = signed_in(cast.booker)
    found = startup.get("/find/", when() | {"people": "2"})
    assert "Foley <stage>" in text_of(found)
    assert "<stage>" not in found.content.decode()
    sent = ask_for(startup, lab)
    made = Reservation.objects.get()
    assert sent.headers["Location"] == f"/reservations/{made.reference}/"
    assert made.status == Status.PENDING

    staff = signed_in(cast.staff)
    queue = staff.get("/approvals/")
    assert "1 request waits" in text_of(queue)
    decided = staff.post(
        f"/approvals/{made.reference}/approve/",
        {"version": hidden(queue, "version")},
        follow=True,
    )
    assert "Foley <stage>: Approved. They are told in a moment." in text_of(decided)
    assert "Nothing waits for your decision" in text_of(decided)

    page = text_of(startup.get(f"/reservations/{made.reference}/"))
    assert "Approved" in page
    assert "Approved · Stella Staff" in page
    made.refresh_from_db()
    assert (made.status, made.decided_by) == (Status.APPROVED, cast.staff)


def test_hours__that_leave_a_reservation_outside__list_it(cast: Cast) -> None:
    startup, host = signed_in(cast.booker), signed_in(cast.manager)
    ask_for(startup, cast.lab, 10)
    reference = Reservation.objects.get().reference
    url = f"/desk/{cast.lab.slug}/hours/"
    sent = hours("12:00", "18:00") | {"valid_from": when(days=0)["day"]}
    preview = host.post(url, sent | {"do": "preview"})
    assert "1 reservation falls outside" in text_of(preview)
    assert reference in preview.content.decode()
    shown = host.post(url, sent | {"do": "publish"})
    assert "Nothing is changed yet" in text_of(shown)
    chosen = sent | {"do": "publish", f"hit-{reference}": "keep"}
    host.post(url, chosen)
    outside = host.get(f"/desk/{cast.lab.slug}/outside/")
    assert reference in outside.content.decode()
    assert Reservation.objects.get().status == Status.APPROVED
