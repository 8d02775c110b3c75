"""The public pages and the screen beside a door, where they need a browser."""

from __future__ import annotations

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, Route, expect

from booking.models import Reservation
from labs.models import Door, Resource, Room
from labs.services.doors import SECRET_BYTES
from tests.browser import moment
from tests.browser.axe import ALL, CONTRAST, violations
from tests.browser.hub import Hub
from tests.browser.visits import DEVICES, Visits

SECRET = "s" * SECRET_BYTES
DOOR = f"/door/{SECRET}/"
STAGE = "motion-capture-stage"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def hang_door(slug: str = STAGE) -> None:
    resource = Resource.objects.get(slug=slug)
    made = {"hash": Door.hash_of(SECRET), "made_at": moment.MOMENT}
    Door.objects.update_or_create(resource=resource, defaults=made)


def tiles(page: Page) -> Any:
    return page.locator("#results .tile")


def overflow(page: Page) -> int:
    root = page.locator("html")
    return int(root.evaluate("html => html.scrollWidth - html.clientWidth"))


def test_catalogue__each_change__shows_what_is_left_and_can_go_back(
    visit: Visits,
) -> None:
    page = visit()
    page.goto("/")
    expect(tiles(page)).to_have_count(24)
    page.get_by_label("Kind").select_option("equipment")
    expect(tiles(page)).to_have_count(8)
    assert "kind=equipment" in page.url
    page.get_by_label("Words").press_sequentially("drone")
    expect(tiles(page)).to_have_count(1)
    expect(page.get_by_label("Words")).to_be_focused()
    page.go_back()
    expect(tiles(page)).not_to_have_count(1)


def test_catalogue__without_javascript__works_by_its_button(visit: Visits) -> None:
    page = visit(javascript=False)
    page.goto("/")
    page.get_by_label("Words").fill("dubbing")
    page.get_by_role("button", name="Show").click()
    expect(tiles(page)).to_have_count(2)
    page.get_by_role("link", name="Dubbing Booth A").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dubbing Booth A")


def test_photos__as_they_come__move_nothing(visit: Visits) -> None:
    page = visit()
    page.goto("/")
    first = tiles(page).first.locator("img")
    box = first.bounding_box()
    page.wait_for_load_state("networkidle")
    assert first.evaluate("image => image.naturalWidth") > 0
    assert first.evaluate("image => image.currentSrc").endswith("-small.webp")
    assert first.bounding_box() == box


def test_resource__to_the_form__is_two_clicks_and_a_sign_in(visit: Visits) -> None:
    page = visit()
    page.goto(f"/resources/{STAGE}/")
    page.get_by_role("link", name="Sign in and reserve").click()
    assert page.url.endswith(f"/sign-in/?next=/reserve/{STAGE}/")
    page = visit("startup")
    page.goto(f"/resources/{STAGE}/")
    page.get_by_role("link", name="Request", exact=True).click()
    assert page.url.endswith(f"/reserve/{STAGE}/")


def test_floor__by_keyboard__leads_to_the_room(visit: Visits) -> None:
    page = visit()
    page.goto("/sites/belopole-yard/")
    room = page.locator(f"svg a[href='/resources/{STAGE}/']")
    room.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/resources/{STAGE}/")


def test_plan__changed__is_drawn_at_once_and_saved_with_the_button(
    visit: Visits,
) -> None:
    page = visit("host")
    page.goto("/sites/belopole-yard/plan/")
    page.get_by_label("From the left, m").first.fill("10")
    page.get_by_label("From the left, m").first.blur()
    expect(page.get_by_role("alert")).to_contain_text("overlap")
    page.get_by_label("From the left, m").first.fill("27")
    page.get_by_label("Width, m").nth(1).fill("21")
    page.get_by_label("Width, m").nth(1).blur()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sites/belopole-yard/")
    room = Room.objects.get(resource__slug=STAGE)
    assert (int(room.x), int(room.width)) == (27, 21)


@pytest.mark.parametrize("device", [*DEVICES])
@pytest.mark.parametrize("language", ["en", "bg"])
def test_door__every_screen__is_filled_without_scrolling_sideways(
    visit: Visits, device: str, language: str
) -> None:
    hang_door()
    page = visit(language=language, device=device)
    page.goto(DOOR)
    for status in ("", "approved", "in_use"):
        if status:
            occupy(status)
            page.reload()
        assert overflow(page) == 0
        heading = page.get_by_role("heading", level=1)
        view = DEVICES[device]["viewport"]
        box, size = heading.bounding_box(), page.locator(".door").bounding_box()
        assert box is not None
        assert size is not None
        assert size["height"] >= view["height"]
        letters = float(
            heading.evaluate("h => parseFloat(getComputedStyle(h).fontSize)")
        )
        assert letters >= 0.1 * min(view["width"], view["height"])
    assert page.locator("nav").count() == 0


def occupy(status: str) -> None:
    """Let what is next on the stage be now."""
    ledger = Reservation.objects.filter(
        occupancy__unit__coverage__resource__slug=STAGE, ends_at__gt=moment.MOMENT
    )
    row = ledger.order_by("starts_at")[0]
    row.occupancy.update(during=(moment.MOMENT, row.free_at))
    Reservation.objects.filter(pk=row.pk).update(
        starts_at=moment.MOMENT, status=status, lapses_at=None
    )


@pytest.mark.parametrize("status", ["", "approved", "in_use"])
def test_door__as_it_stands__keeps_nobody_out(visit: Visits, status: str) -> None:
    hang_door()
    if status:
        occupy(status)
    page = visit()
    faults = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.goto(DOOR)
        faults += violations(page, ALL) + violations(page, CONTRAST)
    assert not faults


def test_door__connection_lost__keeps_the_state_and_says_its_time(
    visit: Visits,
) -> None:
    visit.expect("no answer", "htmx:")  # and how htmx says so
    hang_door()
    page = visit()
    cut = hurry(page)
    page.goto(DOOR)
    word = page.get_by_role("heading", level=1).inner_text()
    lost = page.locator(".lost")
    expect(lost).to_be_hidden()
    cut.append("")
    expect(lost).to_have_text("No connection. This is how it was at 11:20.")
    assert page.get_by_role("heading", level=1).inner_text() == word
    cut.clear()
    expect(lost).to_be_hidden()


def hurry(page: Page) -> list[str]:
    """Let the door's page ask each second, not each twenty.

    While there is something in the list that comes back, the cable is cut.
    """
    cut: list[str] = []

    def sooner(route: Route) -> None:
        if cut:
            route.abort("internetdisconnected")
            return
        answer = route.fetch()
        body = answer.text().replace("every 20s", "every 1s")
        route.fulfill(response=answer, body=body)

    page.route(re.compile("/door/"), sooner)
    return cut


def test_door__occupied_meanwhile__shows_it_by_itself(visit: Visits) -> None:
    hang_door()
    page = visit()
    hurry(page)
    page.goto(DOOR)
    occupy("in_use")
    expect(page.get_by_role("heading", level=1)).to_have_text("In use")
    Door.objects.all().delete()
    visit.expect(404)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_door_page__printed__is_a_sheet_with_the_address(visit: Visits) -> None:
    page = visit("host")
    page.goto(f"/resources/{STAGE}/door/")
    page.get_by_role("button", name="Make the address").click()
    shown = page.locator(".address").inner_text()
    assert re.search(r"/door/[\w-]{43}/$", shown)
    assert violations(page, ALL) == []
    page.emulate_media(media="print")
    expect(page.locator(".address")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    expect(page.get_by_role("img", name="QR")).to_be_visible()


def test_front__data_for_search_engines__passes_the_policy(
    visit: Visits, hub: Hub
) -> None:
    page = visit()
    for path in ("/", f"/resources/{STAGE}/", "/sites/belopole-yard/"):
        page.goto(path)  # a breach would be told when the visit ends
        assert page.locator("script[type='application/ld+json']").count() == 1
