"""Subscribing: the address is made, shown once, and read."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.visits import Visits


def test_subscribe__address_is_made_read_and_ended(visit: Visits) -> None:
    page = visit("startup")
    page.goto("/account/")
    page.get_by_role("link", name="My reservations in my calendar").click()
    page.get_by_label("Where you use it").fill("phone")
    page.get_by_role("button", name="Make the address").click()
    expect(page.get_by_role("heading", name="Your new address")).to_be_visible()
    assert axe.violations(page, axe.ALL) == []
    button = page.get_by_role("link", name="Subscribe in my calendar")
    assert str(button.get_attribute("href")).startswith("webcal://")
    address = page.locator("a.address").inner_text()
    path = urlsplit(address).path
    assert page.request.get(path).text().startswith("BEGIN:VCALENDAR")

    page.goto("/account/calendars/")
    expect(page.get_by_text(address)).to_have_count(0)
    visit.expect(404)
    page.get_by_role("button", name="End phone").click()
    expect(page.get_by_text("The address no longer works.")).to_be_visible()
    assert page.request.get(path).status == 404
