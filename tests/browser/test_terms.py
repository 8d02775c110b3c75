"""Terms and rules as those meet them who reserve: accepted, or gone against."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from booking.models import History
from booking.selectors.finding import Search, free_slots
from booking.web.links import reserve_url, when_values
from labs.models import Resource
from tests.browser import axe
from tests.browser.hub import Hub
from tests.browser.moment import MOMENT
from tests.browser.pages import rig
from tests.browser.visits import Visits
from tests.factories import DAY, HOUR, SOFIA

CHEMICALS = "Which chemicals do you bring for skin and markers?"


@pytest.fixture
def free(hub: Hub) -> dt.datetime:
    """A full hour of next week from which the rig is free for two."""
    lab = Resource.objects.get(slug=rig()[0])
    week = Search(MOMENT + 7 * DAY, MOMENT + 14 * DAY, 180)
    start = free_slots(lab, week, MOMENT)[0].start
    return start.replace(minute=0) + HOUR


def opened(page: Page, start: dt.datetime, hours: int) -> Page:
    when = when_values(start, start + hours * HOUR, SOFIA)
    page.goto(reserve_url(str(rig()[0]), when, people=2))
    page.get_by_label("Purpose").fill("Faces for the trailer")
    page.get_by_label(CHEMICALS).select_option("None, ours will do")
    page.get_by_role("group", name="under 18").get_by_label("No").check()
    return page


def test_terms__startup__reads_accepts_and_finds_them_with_the_reservation(
    visit: Visits, free: dt.datetime
) -> None:
    page = opened(visit("startup"), free, 2)
    page.get_by_text("Terms of use: Facial").click()
    expect(page.get_by_text("Nobody films the work")).to_be_visible()
    page.get_by_label("I accept version 2 of the terms of use").check()
    page.locator("#reserve-form .steps .primary").click()
    expect(page).to_have_url(re.compile("/reservations/[A-Z0-9]{8}/$"))
    page.get_by_text("Terms of use: Facial").click()
    expect(page.get_by_text("Nobody films the work")).to_be_visible()
    assert axe.violations(page, axe.ALL) == []


def test_override__staff__names_what_it_goes_against_and_why(
    visit: Visits, free: dt.datetime
) -> None:
    visit.expect(422)
    page = opened(visit("staff"), free, 2)
    page.get_by_label("People").fill("40")
    page.get_by_label("I accept version 2 of the terms of use").check()
    page.locator("#reserve-form .steps .primary").click()
    expect(page.get_by_text("This overrides:")).to_be_visible()
    assert axe.violations(page, axe.ALL) == []
    page.get_by_label("Why it is overridden").fill("The whole class only looks on.")
    page.get_by_role("button", name="Reserve nevertheless").click()
    expect(page.get_by_text("The whole class only looks on.")).to_be_visible()
    expect(page.get_by_text("40 instead of")).to_be_visible()
    row = History.objects.latest("pk")
    assert [each["code"] for each in row.changes["overrides"]] == ["too_many_people"]
