"""Several resources at once as a startup; for a colleague, and handed to one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from booking.models import Kit, Reservation
from booking.web.links import reserve_url
from labs.models import User
from tests.browser import axe
from tests.browser.test_reserve import LAB, slot
from tests.browser.visits import Visits

__all__ = ["slot"]
PURPOSE = "Стъпки, светлина и камера"
LANGUAGES = {"en": "Send for all of them", "bg": "Изпращане за всички"}


def add(page: Page, word: str, name: str) -> None:
    page.fill("[name=q]", word)
    page.press("[name=q]", "Enter")
    found = page.locator("li", has_text=name)
    found.locator("button[name=add]").click()
    expect(page.locator("input[name=part] + div", has_text=name)).to_be_visible()


def test_kit__of_three__from_the_form_of_one(
    visit: Visits, slot: dict[str, str]
) -> None:
    page = visit("startup")
    page.goto(reserve_url(LAB, slot, people=2))
    page.fill("[name=purpose]", PURPOSE)
    page.click("text=Add another resource")
    page.wait_for_url("**/kits/new/**")
    add(page, "lighting", "Location Lighting Kits")
    add(page, "camera", "Cinema Camera Kits")
    page.fill("[name=quantity-cinema-camera-kits]", "2")
    # They are lent for half a day at least, and the page has said so.
    expect(page.locator(".amiss").first).to_be_visible()
    page.select_option("[name=hours]", "4")
    page.locator(".steps button[name=look]").click()
    expect(page.locator(".kit-parts .tag.bad")).to_have_count(1)
    page.locator(".choices a").first.click()
    expect(page.locator(".kit-parts .tag.good")).to_have_count(3)
    expect(page.locator("[name=purpose]")).to_have_value(PURPOSE)
    assert axe.violations(page, axe.ALL) == []
    page.click(f"text={LANGUAGES['en']}")
    expect(page.locator("h1")).to_contain_text("Request for 3 resources")
    kit = Kit.objects.get(parts__purpose=PURPOSE, parts__resource__slug=LAB)
    assert kit.parts.count() == 3
    assert kit.parts.get(resource__slug="cinema-camera-kits").quantity == 2
    expect(page.locator("ul.cards > li")).to_have_count(3)
    with page.expect_download() as download:
        page.click("text=Add to calendar")
    assert download.value.suggested_filename == f"{kit.reference}.ics"
    page.locator("summary", has_text="Cancel all of it").click()
    page.locator("form[action$='cancel/'] button").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled")
    assert {part.status for part in kit.parts.all()} == {"cancelled"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_kit_new__on_a_phone_in_the_dark__fits(visit: Visits, language: str) -> None:
    page = visit("startup", language=language, device="tiny", dark=True)
    page.goto("/kits/new/?part=foley-studio&part=cinema-camera-kits&q=light")
    expect(page.locator("button[name=send]")).to_have_text(LANGUAGES[language])
    assert axe.violations(page, axe.ALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reserve__manager_for_a_colleague__then_hands_it_over(
    visit: Visits, slot: dict[str, str]
) -> None:
    manager = User.objects.get(email="viktor@kadifka.example")
    page = visit(manager, language="en")
    page.goto(reserve_url(LAB, slot, people=2))
    page.fill("[name=purpose]", PURPOSE)
    expect(page.locator(".held")).to_be_visible()
    with page.expect_response("**/hold/"):
        page.select_option("[name=for]", label="Radina Popova")
    page.locator("#reserve-form button.primary").click()
    page.wait_for_url("**/reservations/*/")
    made = Reservation.objects.get(purpose=PURPOSE)
    assert made.requested_by.name == "Radina Popova"
    expect(page.locator("dl").first).to_contain_text(
        f"by {manager.name} for Radina Popova"
    )
    page.locator("summary", has_text="Hand over").click()
    page.select_option("[name=to]", label="Симеон Желев")
    page.locator("form[action$='hand-over/'] button").click()
    expect(page.locator("#toasts")).to_contain_text("Handed over")
    made.refresh_from_db()
    assert made.requested_by.name == "Симеон Желев"
    expect(page.locator(".history")).to_contain_text("Handed over")
