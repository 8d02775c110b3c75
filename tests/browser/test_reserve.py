"""Reserve in a real browser: the hold, what goes wrong meanwhile, what comes after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from booking.models import Reservation
from booking.selectors.facts import Wish
from booking.services.reservations import reservation_reserve
from booking.web.forms.base import WhenForm
from booking.web.links import find_url, reserve_url, when_values
from labs.models import Resource, User
from tests.browser import axe
from tests.browser.hub import Hub
from tests.browser.journey import Journey
from tests.browser.moment import MOMENT
from tests.browser.passwords import end_session, sign_in_here, with_password
from tests.browser.visits import Visits
from tests.factories import HOUR, SOFIA

LAB = "foley-studio"
PURPOSE = "Стъпки по чакъл 👣 <b>"
LANGUAGES = {
    "en": ("Held for you until", "Send request"),
    "bg": ("Задържано за вас до", "Изпращане на заявката"),
}


@pytest.fixture
def slot(hub: Hub) -> dict[str, str]:
    """Two hours of a day on which nobody has the lab yet."""
    lab = Resource.objects.get(slug=LAB)
    start = dt.datetime(2026, 10, 19, 10, tzinfo=SOFIA)
    while Reservation.objects.filter(
        resource=lab, starts_at__lt=start + 8 * HOUR, free_at__gt=start - 2 * HOUR
    ).exists():
        start += dt.timedelta(days=1)
    assert start < MOMENT + dt.timedelta(days=30)
    return when_values(start, start + 2 * HOUR, SOFIA)


def opened(page: Page, slot: dict[str, str]) -> Page:
    page.goto(reserve_url(LAB, slot, people=2))
    return page


def holds() -> list[Reservation]:
    return list(Reservation.objects.of_forms().filter(resource__slug=LAB))


def soon(page: Page, holds: Callable[[], bool]) -> None:
    """What the browser tells the server when it leaves comes a moment later."""
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never comes")


def take(slot: dict[str, str]) -> Reservation:
    """Let another startup reserve that slot, all at once."""
    other = User.objects.get(email="yavor@podlez.example")
    form = WhenForm(slot, zone=SOFIA)
    assert form.is_valid()
    given = form.cleaned_data
    return reservation_reserve(
        actor=other,
        resource_slug=LAB,
        organisation_slug="",
        wish=Wish(given["starts_at"], given["ends_at"], 2, 1),
        purpose="Quicker",
    )


def test_reserve__from_find__two_clicks_and_one_field(
    visit: Visits, slot: dict[str, str]
) -> None:
    journey, page = Journey(), visit("startup")
    page.goto(find_url(slot | {"people": "2"}))
    name = Resource.objects.get(slug=LAB).name
    card = page.locator("li.card", has_text=name)
    journey.click(card.locator("a.button.primary"))
    expect(page.locator(".held")).to_contain_text("Held for you until 11:30")
    journey.fill(page.locator("[name=purpose]"), PURPOSE)
    journey.click(page.locator("button.primary"))
    page.wait_for_url("**/reservations/*/")
    assert journey == Journey(clicks=2, fields=1)
    made = Reservation.objects.get(purpose=PURPOSE)
    assert page.url.endswith(f"/reservations/{made.reference}/")
    assert not holds()
    with page.expect_download() as download:
        page.click("text=Add to calendar")
    assert download.value.suggested_filename == f"{made.reference}.ics"


@pytest.mark.parametrize("language", LANGUAGES)
def test_reserve__held__in_words_and_for_everybody(
    visit: Visits, slot: dict[str, str], language: str
) -> None:
    held, send = LANGUAGES[language]
    page = opened(visit("startup", language=language, device="tiny", dark=True), slot)
    expect(page.locator(".held")).to_contain_text(f"{held} 11:30")
    expect(page.locator("#says")).to_contain_text(f"{held} 11:30")
    expect(page.locator("button.primary")).to_have_text(send)
    assert axe.violations(page, axe.ALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reserve__changed__the_hold_follows(
    visit: Visits, slot: dict[str, str]
) -> None:
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_be_visible()
    page.select_option("[name=from]", "12:00")
    expect(page.locator(".asked")).to_contain_text("12:00–14:00")
    expect(page.locator(".held")).to_be_visible()
    (held,) = holds()
    assert held.starts_at.astimezone(SOFIA).hour == 12
    page.fill("[name=people]", "99")
    page.locator("[name=people]").blur()
    expect(page.locator(".amiss")).to_contain_text("It holds 4 people.")
    assert holds() == [held]


def test_hold__as_time_passes__is_said_prolonged_and_over(
    visit: Visits, slot: dict[str, str]
) -> None:
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_contain_text("(10 min left)")
    Reservation.objects.filter(pk=holds()[0].pk).update(
        created_at=MOMENT - dt.timedelta(minutes=8),
        lapses_at=MOMENT + dt.timedelta(minutes=2),
    )
    page.locator("#asking").dispatch_event("again")
    expect(page.locator("#says")).to_have_text("Your hold ends in 2 minutes.")
    page.click("text=Hold on to it")
    expect(page.locator(".held")).to_contain_text("(12 min left)")
    expect(page.locator(".held")).to_be_focused()
    expect(page.locator("text=Hold on to it")).to_have_count(0)
    page.fill("[name=purpose]", PURPOSE)
    page.evaluate(
        "() => { const now = Date.now(); Date.now = () => now + 12 * 60000; }"
    )
    expect(page.locator("#says")).to_contain_text("not held for you any more")
    assert page.input_value("[name=purpose]") == PURPOSE


def test_reserve__slot_lost_while_typing__keeps_it_all_and_leads_on(
    visit: Visits, slot: dict[str, str]
) -> None:
    visit.expect(409)
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_be_visible()
    page.fill("[name=purpose]", PURPOSE)
    Reservation.objects.filter(pk=holds()[0].pk).update(lapses_at=MOMENT)
    taken = take(slot)
    page.click("button.primary")
    expect(page.locator("[role=alert]").first).to_contain_text("Somebody else has")
    expect(page.locator("[role=alert]").first).to_be_focused()
    expect(page.locator("#standing")).to_contain_text("Somebody else has it until")
    expect(page.locator("#standing h4")).to_have_count(3)
    assert axe.violations(page, axe.ALL) == []
    assert page.input_value("[name=purpose]") == PURPOSE
    for group in (2, 1, 0):
        page.locator(".choices").nth(group).locator("button").first.click()
        expect(page.locator(".held")).to_be_visible()
        assert page.input_value("[name=purpose]") == PURPOSE
        if group:
            opened(page, slot)
            expect(page.locator("#standing h4")).to_have_count(3)
            page.fill("[name=purpose]", PURPOSE)
    page.click("button.primary")
    page.wait_for_url("**/reservations/*/")
    made = Reservation.objects.get(purpose=PURPOSE)
    assert made.resource == taken.resource
    assert (made.ends_at <= taken.starts_at) or (made.starts_at >= taken.free_at)


def test_leaving__lets_go_and_back_says_what_was_sent(
    visit: Visits, slot: dict[str, str]
) -> None:
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_be_visible()
    page.goto("/reservations/")
    soon(page, lambda: not holds())
    page.go_back()
    expect(page.locator(".held")).to_be_visible()
    page.fill("[name=purpose]", PURPOSE)
    page.click("button.primary")
    page.wait_for_url("**/reservations/*/")
    made = Reservation.objects.get(purpose=PURPOSE)
    page.go_back()
    expect(page.locator("#standing")).to_contain_text(made.reference)


def test_cancel__lets_go_and_returns_to_find(
    visit: Visits, slot: dict[str, str]
) -> None:
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.wait_for_url("**/find/**")
    assert f"day={slot['day']}" in page.url
    assert not holds()


def test_reserve__connection_lost__says_so_and_keeps_what_is_typed(
    visit: Visits, slot: dict[str, str]
) -> None:
    visit.expect("no answer", "htmx:afterRequest", "htmx:sendError")
    page = opened(visit("startup"), slot)
    expect(page.locator(".held")).to_be_visible()
    page.fill("[name=purpose]", PURPOSE)
    page.context.set_offline(True)
    page.click("button.primary")
    expect(page.locator("#toasts")).to_contain_text("The connection is lost.")
    assert page.input_value("[name=purpose]") == PURPOSE
    page.context.set_offline(False)
    page.click("button.primary")
    page.wait_for_url("**/reservations/*/")
    assert Reservation.objects.filter(purpose=PURPOSE).count() == 1


def test_reserve__session_over__is_as_typed_after_signing_in(
    visit: Visits, slot: dict[str, str], settings: Settings
) -> None:
    visit.expect(401)
    startup = with_password("startup", settings)
    page = opened(visit(startup), slot)
    expect(page.locator(".held")).to_be_visible()
    page.fill("[name=purpose]", PURPOSE)
    end_session(page)
    page.select_option("[name=from]", "12:00")
    expect(page.locator("#standing")).to_contain_text("You are signed out.")
    assert page.input_value("[name=purpose]") == PURPOSE
    page.click("button.primary")
    page.wait_for_url("**/sign-in/**")
    sign_in_here(page, startup.email)
    page.wait_for_url(f"**/reserve/{LAB}/**")
    expect(page.locator(".notice.warning")).to_contain_text("You were signed out")
    assert page.input_value("[name=purpose]") == PURPOSE
    expect(page.locator("[name=from]")).to_have_value("12:00")
    expect(page.locator(".held")).to_be_visible()
    page.click("button.primary")
    page.wait_for_url("**/reservations/*/")
    made = Reservation.objects.get(purpose=PURPOSE)
    assert made.starts_at.astimezone(SOFIA).hour == 12


def test_reserve__without_javascript__works(
    visit: Visits, slot: dict[str, str]
) -> None:
    visit.expect(409, 400)
    page = opened(visit("startup", javascript=False), slot)
    expect(page.locator("#standing")).to_contain_text("Free at that time.")
    assert not holds()
    taken = take(slot)
    page.fill("[name=purpose]", PURPOSE)
    page.click("button.primary")
    expect(page.locator("#standing")).to_contain_text("Somebody else has it until")
    page.locator(".choices button").first.click()
    expect(page.locator(".held")).to_contain_text("Held for you until 11:30")
    page.click("text=Hold on to it")
    expect(page.locator(".held")).to_contain_text("Held for you until 11:40")
    assert page.input_value("[name=purpose]") == PURPOSE
    page.click("button.primary")
    page.wait_for_url("**/reservations/*/")
    assert Reservation.objects.get(purpose=PURPOSE).resource == taken.resource
