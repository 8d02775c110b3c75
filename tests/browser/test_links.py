"""A link out of a mail, opened by whoever is not signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

from booking.models import Reservation
from booking.models.reservation import Status
from booking.permissions import HOST_MANAGER
from config import clock
from labs.models import User
from notifications.links import link_url
from notifications.models import Kind, Message
from tests.browser.axe import ALL, violations
from tests.browser.visits import Visits


def asked() -> tuple[Reservation, Message]:
    """A request that waits for its host, and the mail that its manager got."""
    waiting = Reservation.objects.filter(
        status=Status.PENDING, turn__in=["host", "either"], lapses_at__gt=clock.now()
    )
    for made in waiting.order_by("starts_at"):
        managers = User.objects.filter(HOST_MANAGER.people(made), is_hub_staff=False)
        history = made.history.order_by("pk").first()
        if managers and history and made.kit_id is None and made.series_id is None:
            now = clock.now()
            message = Message.objects.create(
                cause="a mail",
                kind=Kind.REQUESTED,
                person=managers[0],
                reservation=made,
                history=history,
                due_at=now,
                created_at=now,
            )
            return made, message
    raise AssertionError("nobody waits")


def test_links__approve_from_a_mail__a_look_changes_nothing_a_click_does(
    visit: Visits,
) -> None:
    User.objects.update(language="en")
    made, message = asked()
    address = urlsplit(link_url(message, "approve")).path

    page = visit("nobody")
    page.goto(address)
    expect(page.get_by_text(f"You do this as {message.person.name}")).to_be_visible()
    assert violations(page, ALL) == []
    made.refresh_from_db()
    assert made.status == Status.PENDING

    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status").first).to_be_visible()
    made.refresh_from_db()
    assert made.status != Status.PENDING or made.decisions.exists()

    visit.expect(409, 410)
    page.goto(address)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
