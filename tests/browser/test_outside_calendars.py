"""The page of outside calendars by hand."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import expect

from booking.models import OutsideCalendar
from tests.browser.pages import rig
from tests.browser.visits import Visits


def test_outside_calendars__an_address_inside__takes_the_focus_and_stays(
    visit: Visits,
) -> None:
    page = visit("host")
    page.goto(reverse("desk-outside-calendars", args=rig()))
    visit.expect(422)
    field = page.get_by_label("Address of the calendar")
    field.fill("webcal://127.0.0.1/ours.ics")
    field.press("Enter")
    faults = page.get_by_role("alert")
    expect(faults).to_contain_text("The address leads into a private network.")
    expect(faults).to_be_focused()
    expect(field).to_have_value("webcal://127.0.0.1/ours.ics")
    expect(page.get_by_role("button", name="Look into it")).to_be_visible()


def test_outside_calendars__one_is_removed__in_a_click_without_javascript(
    visit: Visits,
) -> None:
    page = visit("host", javascript=False)
    page.goto(reverse("desk-outside-calendars", args=rig()))
    expect(page.get_by_text("closures ahead")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert not OutsideCalendar.objects.exists()
