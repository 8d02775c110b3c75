"""Find: it follows each change, remembers it in its address, and leads on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.models import Favourite
from tests.browser.visits import Visits

THURSDAY = "/find/?day=2026-10-15&from=14:00&hours=2&people=1"


def names(page: Page) -> list[str]:
    """The resources that are free as wanted."""
    return page.locator("#results > .cards > .found h3").all_inner_texts()


def head(page: Page) -> Locator:
    return page.locator("#results h2").first


def test_change__each__is_followed_by_results_and_address(visit: Visits) -> None:
    page = visit("startup")
    page.goto(THURSDAY)
    everything = names(page)
    page.get_by_label("Kind").select_option("equipment")
    expect(page).to_have_url(re.compile("kind=equipment"))
    equipment = names(page)
    assert equipment
    assert set(equipment) < set(everything)
    page.get_by_label("From").select_option("09:00")
    expect(head(page)).to_contain_text("09:00–11:00")
    page.get_by_label("No approval needed").check()
    expect(page).to_have_url(re.compile("at_once=on"))
    expect(page.locator("#results")).not_to_contain_text("Needs approval")
    expect(page.locator("#told")).to_have_text(re.compile("free"))


def test_back__after_changes__shows_each_as_it_was(visit: Visits) -> None:
    page = visit("startup")
    page.goto(THURSDAY)
    everything = names(page)
    page.get_by_label("Kind").select_option("equipment")
    expect(page).to_have_url(re.compile("kind=equipment"))
    equipment = names(page)
    page.get_by_label("Hours").select_option("4")
    expect(page).to_have_url(re.compile("hours=4"))
    page.go_back()
    expect(page.get_by_label("Hours")).to_have_value("2")
    expect(page.get_by_label("Kind")).to_have_value("equipment")
    assert names(page) == equipment
    page.go_back()
    expect(page.get_by_label("Kind")).to_have_value("")
    assert names(page) == everything
    # What came back still follows.
    page.get_by_label("Kind").select_option("premises")
    expect(page).to_have_url(re.compile("kind=premises"))
    page.reload()
    expect(page.get_by_label("Kind")).to_have_value("premises")


def test_letters__typed__ask_once_and_make_no_pages(visit: Visits) -> None:
    page = visit("startup")
    page.goto("/sign-in/")
    page.goto(THURSDAY)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    words = page.get_by_label("Words")
    words.press_sequentially("studio", delay=30)
    expect(page).to_have_url(re.compile("q=studio"))
    assert len([url for url in asked if "/find/" in url]) == 1
    expect(words).to_be_focused()
    expect(words).to_have_value("studio")
    assert page.evaluate("history.length") == 3, "blank, signing in, Find"


def test_wrong__typed__is_told_and_the_focus_stays(visit: Visits) -> None:
    visit.expect(400)
    page = visit("startup")
    page.goto(THURSDAY)
    people = page.get_by_label("People")
    people.fill("")
    expect(page.get_by_role("alert")).to_contain_text("People")
    expect(people).to_be_focused()
    people.fill("2")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(head(page)).to_be_visible()


def test_without_javascript__one_button__finds(visit: Visits) -> None:
    page = visit("startup", javascript=False)
    page.goto(THURSDAY)
    page.get_by_label("Kind").select_option("equipment")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page).to_have_url(re.compile("kind=equipment"))
    expect(page.get_by_label("Kind")).to_have_value("equipment")
    assert names(page)
    expect(page.get_by_text("Thursday 15 October", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("language", "tomorrow", "said", "typed"),
    [
        ("en", "Tomorrow", "Wednesday 14 October", "Friday 6 November"),
        ("bg", "Утре", "сряда, 14 октомври", "петък, 6 ноември"),
    ],
)
def test_day__clicked_or_typed__is_said_in_words_at_once(
    visit: Visits, language: str, tomorrow: str, said: str, typed: str
) -> None:
    page = visit("startup", language=language)
    page.goto(THURSDAY)
    words = page.locator("output[for=id_day]")
    page.get_by_role("button", name=tomorrow).click()
    expect(words).to_have_text(said, use_inner_text=False)
    expect(page).to_have_url(re.compile("day=2026-10-14"))
    expect(page.get_by_role("button", name=tomorrow)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.locator("#id_day").fill("2026-11-06")
    expect(words).to_have_text(typed)
    expect(page).to_have_url(re.compile("day=2026-11-06"))


def test_nothing_free__a_looser_filter__finds(visit: Visits) -> None:
    page = visit("startup")
    page.goto(f"{THURSDAY}&kind=equipment&q=studio")
    expect(head(page)).to_contain_text("Nothing is free")
    without = page.get_by_role("link", name=re.compile("^Without the words: "))
    number = without.locator("b").inner_text()
    without.click()
    expect(head(page)).to_contain_text(f"{number} ")
    assert len(names(page)) == int(number)


def test_star__clicked__stays_and_filters(visit: Visits) -> None:
    page = visit("startup")
    page.goto(THURSDAY)
    everything = names(page)
    name = everything[-1]
    kept = Favourite.objects.filter(resource__name=name)
    star = page.get_by_role("button", name=f"Favourite {name}")
    star.focus()
    star.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    expect(page).to_have_url(re.compile("day=2026-10-15"))
    assert kept.count() == 1
    page.get_by_label("Only favourites").check()
    expect(page).to_have_url(re.compile("favourites=on"))
    assert name in names(page)
    assert set(names(page)) < set(everything)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert not kept.exists()


def test_star__without_javascript__comes_back_to_the_page(visit: Visits) -> None:
    page = visit("startup", javascript=False)
    page.goto(f"{THURSDAY}&kind=equipment")
    page.locator(".star button").first.click()
    expect(page).to_have_url(re.compile("kind=equipment"))
    star = page.locator(".star button").first
    expect(star).to_have_attribute("aria-pressed", "true")


def test_keyboard__alone__changes_and_goes_on(visit: Visits) -> None:
    page = visit("startup")
    page.goto(THURSDAY)
    page.get_by_label("People").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kind")).to_be_focused()
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("kind=equipment"))
    expect(page.get_by_label("Kind")).to_be_focused()
    for _press in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.found .do')"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/reserve/"))


@pytest.mark.parametrize("javascript", [True, False])
def test_phone__filters__are_one_line_that_opens(
    visit: Visits, javascript: bool
) -> None:
    page = visit("startup", device="phone", javascript=javascript)
    page.goto(f"{THURSDAY}&kind=laboratory")
    line = page.locator(".wishes > summary")
    expect(line).to_contain_text("14:00–16:00 · 1 person · Laboratory")
    expect(page.get_by_label("Kind")).not_to_be_visible()
    line.tap()
    expect(page.get_by_label("Kind")).to_be_visible()
    if javascript:
        page.get_by_label("Kind").select_option("equipment")
        expect(line).to_contain_text("Equipment")
        small = page.locator(
            ":is(main a.button, main button, main select)"
        ).evaluate_all(
            "all => all.filter(e => e.checkVisibility())"
            ".filter(e => e.getBoundingClientRect().height < 43.9)"
            ".map(e => e.outerHTML)"
        )
        assert small == []
    expect(page.locator(".found .strip svg").first).to_be_visible()


def test_desktop__filters__are_there_without_a_click(visit: Visits) -> None:
    page = visit("startup")
    page.goto(THURSDAY)
    expect(page.locator(".wishes > summary")).not_to_be_visible()
    expect(page.get_by_label("Kind")).to_be_visible()
