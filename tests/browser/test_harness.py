"""What the other files here lean on: that faults are heard, that writes are undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from booking.models import Reservation
from labs.models import Resource
from tests.browser import moment
from tests.browser.hub import Hub
from tests.browser.journey import Journey
from tests.browser.visits import Visits

INLINE_STYLE = "document.body.setAttribute('style', 'color: red')"
FAULTS = {
    "console: meant": "console.error('meant')",
    "error: ReferenceError": "setTimeout(() => nowhere())",
    "404: GET": "fetch('/nowhere/')",
    "Content Security Policy": INLINE_STYLE,
    "no answer: GET": "fetch('/unplugged/').catch(() => 0)",
}


def until(page: Page, done: Callable[[], bool]) -> None:
    """Let the page go on until it is done, for at most ten seconds."""
    for _ in range(100):
        if done():
            return
        page.wait_for_timeout(100)


@pytest.mark.parametrize("said", FAULTS)
def test_visit__page_complains__the_test_fails(
    browser: Browser, address: str, hub: Hub, said: str
) -> None:
    visits = Visits(browser, address, hub)
    page = visits("startup")
    page.route("**/unplugged/", lambda route: route.abort("connectionrefused"))
    page.goto("/")
    page.evaluate(f"() => {{ {FAULTS[said]} }}")
    until(page, lambda: bool(visits.unexpected()))
    with pytest.raises(AssertionError, match=said):
        visits.close()


def test_visit__complaint_expected__passes(visit: Visits) -> None:
    visit.expect(404, "Content Security Policy")
    page = visit("startup")
    page.goto("/nowhere/")
    page.evaluate(INLINE_STYLE)


def test_visit__as_somebody__in_their_language_and_colours(visit: Visits) -> None:
    page = visit("host", language="bg", dark=True, device="phone")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "bg")
    expect(page.locator("body")).to_contain_text("Kamen Velinov")
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert page.evaluate("innerWidth") == 390
    assert page.evaluate("Date.now()") == moment.MOMENT.timestamp() * 1000


def test_visit__nobody__in_their_language__without_javascript(visit: Visits) -> None:
    page = visit(language="bg", javascript=False)
    page.goto("/find/")
    assert "/sign-in/" in page.url
    expect(page.locator("html")).to_have_attribute("lang", "bg")


@pytest.mark.parametrize("time", ["first", "again"])
def test_visit__writes__whoever_comes_after_finds_the_hub_as_new(
    visit: Visits, time: str
) -> None:
    lab = Resource.objects.get(slug="motion-capture-stage")
    assert lab.name != "Renamed"
    Resource.objects.filter(pk=lab.pk).update(name="Renamed")
    page = visit("startup")
    page.goto("/reserve/motion-capture-stage/")
    expect(page.locator("main")).to_contain_text("Renamed")


def test_journey__counts_what_is_done(visit: Visits) -> None:
    journey, page = Journey(), visit("startup")
    page.set_content("<input type=date><select><option>a<option>b</select><button>")
    journey.choose(page.locator("input"), "2026-10-14")
    journey.choose(page.locator("select"), "b")
    journey.fill(page.locator("input"), "2026-10-15")
    journey.click(page.locator("button"))
    journey.press(page.locator("button"), "Enter")
    assert journey == Journey(clicks=1, fields=1, changes=2, keys=1)
    assert page.locator("select").input_value() == "b"
    assert Reservation.objects.exists()
