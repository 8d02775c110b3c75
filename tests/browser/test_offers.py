"""Offers and waiting, as the people who need them: who waits, who asks, who decides."""

from __future__ import annotations

from playwright.sync_api import expect

from booking.models import Reservation, WaitingEntry
from booking.models.reservation import Status
from tests.browser.journey import Journey
from tests.browser.pages import request, turn
from tests.browser.visits import Visits


def test_waiting__from_a_taken_time__in_line_and_then_accepted(visit: Visits) -> None:
    page = visit("startup")
    # What is their turn is offered on top of what waits, one click away.
    (reference,) = turn()
    page.goto("/waiting/")
    page.get_by_role("link", name="Accept or pass").click()
    expect(page.get_by_role("heading", name="It is your turn")).to_be_visible()
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_role("heading", name="Another offer")).to_have_count(0)
    made = Reservation.objects.get(reference=reference)
    assert made.status in {Status.PENDING, Status.APPROVED}


def test_waiting__taken_while_reserving__joins_with_two_clicks(visit: Visits) -> None:
    mine = {"organisation__slug": "kadifka-games"}
    taken = Reservation.objects.filter(
        status=Status.APPROVED,
        resource__is_pool=False,
        resource__listing="published",
        lapses_at=None,
    )
    other = taken.exclude(**mine).order_by("-starts_at", "pk")[0]
    page, journey = visit("startup"), Journey()
    zone = other.resource.site.zone
    start = other.starts_at.astimezone(zone)
    hours = (other.ends_at - other.starts_at).total_seconds() / 3600
    page.goto(
        f"/reserve/{other.resource.slug}/?day={start:%Y-%m-%d}"
        f"&from={start:%H:%M}&hours={hours:g}&people=1"
    )
    page.get_by_label("Purpose").fill("The second act")
    journey.click(page.get_by_role("button", name="Join the waiting list"))
    expect(page.get_by_role("heading", name="Wait for")).to_be_visible()
    expect(page.get_by_label("Purpose")).to_have_value("The second act")
    journey.click(page.get_by_role("button", name="Join the waiting list"))
    expect(page.get_by_role("status").first).to_contain_text("You are in line.")
    entry = WaitingEntry.objects.get(purpose="The second act")
    assert (entry.resource, entry.status) == (other.resource, "waiting")
    assert journey.clicks == 2


def test_contest__decider_gives_it_to_one_and_the_other_an_offer(
    visit: Visits,
) -> None:
    page, journey = visit("host"), Journey()
    (reference,) = request()
    page.goto("/approvals/")
    row = page.locator(f"#request-{reference}")
    journey.click(row.get_by_role("link", name="2 want this time"))
    expect(page.get_by_role("heading", name="Who wants this time")).to_be_visible()
    journey.click(page.get_by_role("button", name="Approve, and offer the ticked"))
    expect(page.get_by_text("Approved. They are told in a moment.")).to_be_visible()
    made = Reservation.objects.get(reference=reference)
    assert made.status == Status.APPROVED
    entry = WaitingEntry.objects.get(resource=made.resource)
    assert entry.offers.get().status == Status.HELD
    assert journey.clicks == 2


def test_counter__offered_by_the_host_and_accepted_by_the_guest(visit: Visits) -> None:
    (reference,) = request()
    page = visit("host")
    visit.expect(422)
    page.goto(f"/reservations/{reference}/")
    page.locator("summary", has_text="Offer another time").click()
    form = page.locator("form[action$='/counter/']")
    form.get_by_label("From").select_option("06:00")
    form.get_by_role("button", name="Offer another time").click()
    # Closed at six: refused, with the input kept; then an hour that is free.
    expect(page.get_by_role("alert")).to_be_visible()
    form = page.locator("form[action$='/counter/']")
    form.get_by_label("From").select_option("14:00")
    form.get_by_label("Hours").select_option("1")
    form.get_by_role("button", name="Offer another time").click()
    expect(page.get_by_text("They have not answered yet.")).to_be_visible()
    guest = visit("startup")
    guest.goto(f"/reservations/{reference}/")
    expect(guest.get_by_role("heading", name="Another offer")).to_be_visible()
    guest.get_by_role("button", name="Accept", exact=True).click()
    made = Reservation.objects.get(reference=reference)
    assert made.status == Status.APPROVED
    assert made.starts_at.astimezone(made.resource.site.zone).hour == 14
