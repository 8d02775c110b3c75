"""A series in a real browser: a year looked through, kept, moved and cancelled."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from booking.expander import to_wall
from booking.models import Policy, Reservation, Series
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.reservations import reservation_reserve
from labs.models import Resource, User
from tests.browser import axe
from tests.browser.journey import Journey
from tests.browser.moment import MOMENT
from tests.browser.visits import Visits
from tests.factories import HOUR, SOFIA

LAB = "podcast-studio"
#: A clear year: nobody has the studio so early so far ahead.
DAY = (to_wall(MOMENT, SOFIA) + timedelta(days=30)).date()
WHEN = f"day={DAY}&from=08:00&hours=1&people=2"


@pytest.fixture
def far(hub: object) -> Resource:
    """The studio, to be reserved a year ahead; somebody has one of the dates."""
    lab = Resource.objects.get(slug=LAB)
    Policy.objects.update_or_create(
        resource=lab, defaults={"horizon_days": 540, "approval_path": "none"}
    )
    start = MOMENT.astimezone(SOFIA).replace(hour=8, minute=0, day=1)
    start = start.replace(year=DAY.year, month=DAY.month, day=DAY.day)
    taken = start + timedelta(days=70)
    reservation_reserve(
        actor=User.objects.get(email="yavor@podlez.example"),
        resource_slug=LAB,
        organisation_slug="",
        wish=Wish(taken, taken + HOUR, 2, 1),
        purpose="Quicker",
    )
    return lab


def opened(page: Page) -> Page:
    page.goto(f"/reserve/{LAB}/?{WHEN}")
    return page


def test_series__a_year_from_the_reserve_form__previewed_kept_and_cancelled(
    visit: Visits, far: Resource
) -> None:
    journey, page = Journey(), opened(visit("startup"))
    journey.click(page.get_by_role("button", name="Repeat"))
    expect(page.locator("#preview tbody tr")).to_have_count(10)
    journey.choose(page.locator("[name=count]"), "52")
    expect(page.locator("#preview tbody tr")).to_have_count(52)
    # Once in the year somebody else is there; two dates may fall on other things.
    expect(page.locator("#preview tr.taken")).to_have_count(1)
    expect(page.locator("#preview")).to_contain_text("51 can be had")
    assert axe.violations(page, axe.ALL) == []
    journey.fill(page.locator("[name=purpose]"), "Every week")
    journey.click(page.get_by_role("button", name="Reserve 51 dates"))
    page.wait_for_url("**/series/*/")
    assert journey == Journey(clicks=2, fields=1, changes=1)
    expect(page.locator("main")).to_contain_text("51 dates are reserved.")
    expect(page.locator(".dates tbody tr")).to_have_count(52)
    expect(page.locator(".dates")).to_contain_text("It is yours as soon as it is free.")
    with page.expect_download() as download:
        page.click("text=Add to calendar")
    assert download.value.suggested_filename.endswith(".ics")
    made = Series.objects.get(purpose="Every week")
    page.click("summary:has-text('Cancel dates')")
    cancel = page.locator("details[open]")
    cancel.locator("[name=which]").select_option("following")
    cancel.locator("[name=number]").select_option("40")
    cancel.get_by_role("button", name="Cancel dates").click()
    expect(page.locator("main")).to_contain_text("Cancelled.")
    gone = Reservation.objects.filter(series=made, status=Status.CANCELLED)
    assert gone.count() == 13


def test_series__on_a_date__moves_this_and_following(
    visit: Visits, far: Resource
) -> None:
    page = visit("startup")
    page.goto(f"/reserve/{LAB}/repeat/?{WHEN}")
    page.fill("[name=purpose]", "Daily")
    page.select_option("[name=repeats]", "daily")
    page.fill("[name=count]", "5")
    expect(page.locator("#preview tbody tr")).to_have_count(5)
    page.get_by_role("button", name="Reserve 5 dates").click()
    page.wait_for_url("**/series/*/")
    page.locator(".dates tbody a").nth(2).click()
    page.wait_for_url("**/reservations/*/")
    page.click("summary:has-text('Move')")
    move = page.locator("details[open]")
    move.locator("[name=from]").select_option("09:00")
    move.locator("[name=which]").select_option("following")
    move.get_by_role("button", name="Move").click()
    expect(page.locator("main")).to_contain_text("Moved.")
    made = Series.objects.get(purpose="Daily")
    hours = [to_wall(each.when.start, SOFIA).hour for each in made.dates.all()]
    assert hours == [8, 8, 9, 9, 9]


@pytest.mark.parametrize("language", ["en", "bg"])
def test_repeat__on_a_phone_and_dark__fits_and_is_for_everybody(
    visit: Visits, far: Resource, language: str
) -> None:
    page = visit("startup", language=language, device="tiny", dark=True)
    page.goto(f"/reserve/{LAB}/repeat/?{WHEN}&repeats=weekly&interval=1&count=12")
    expect(page.locator("#preview tbody tr")).to_have_count(12)
    assert axe.violations(page, axe.ALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_repeat__without_javascript__is_looked_at_and_sent(
    visit: Visits, far: Resource
) -> None:
    page = visit("startup", javascript=False)
    page.goto(f"/reserve/{LAB}/repeat/?{WHEN}")
    page.fill("[name=count]", "3")
    page.fill("[name=purpose]", "Thrice")
    page.click("button.no-js")
    expect(page.locator("#preview tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Reserve 3 dates").click()
    page.wait_for_url(re.compile("/series/"))
    assert Series.objects.get(purpose="Thrice").reservations.count() == 3
