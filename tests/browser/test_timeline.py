"""The timeline by mouse, by touch, by keys alone and without JavaScript."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.demo.logins import demo_people
from booking.models import Reservation
from booking.weekly import DAYS, WeeklyHours
from labs.models import Organisation, Resource, Site
from tests import factories
from tests.browser.hub import Hub
from tests.browser.visits import Visits
from tests.factories import reserve, tomorrow_at, wish

#: Tomorrow, where the browser's tests always take place.
DAY = "2026-10-14"
QUERY = f"date={DAY}&organisation=krachka"
WORKDAY = (WeeklyHours(DAYS, 9 * 60, 18 * 60),)
#: Where in the window the clock of a lane shows a time.
PLACE = """([lane, clock]) => {
  const node = document.querySelector(`[data-lane="${lane}"]`);
  const table = node.closest("table"), upright = table.dataset.axis === "y";
  const clocks = (node.dataset.clocks ?? table.dataset.clocks).split(" ");
  const part = clocks.indexOf(clock) / (clocks.length - 1);
  const cells = [...(upright
    ? table.querySelectorAll(`td[data-lane="${lane}"]`) : node.querySelectorAll("td"))];
  node.scrollIntoView({ block: "center" });
  const first = cells[0].getBoundingClientRect();
  const last = cells.at(-1).getBoundingClientRect();
  return upright
    ? [first.left + first.width / 2, first.top + part * (last.bottom - first.top) + 2]
    : [first.left + part * (last.right - first.left) + 2, first.bottom - 12];
}"""


@pytest.fixture
def bench(hub: Hub) -> Resource:
    """A resource of the host's, open from nine to six, free for anybody."""
    return factories.open_lab(
        organisation=Organisation.objects.get(slug="krachka"),
        site=Site.objects.get(slug="belopole-yard"),
        name="Bench",
        hours=WORKDAY,
        policy={"start_grid_minutes": 15, "min_duration_minutes": 30},
    )


@pytest.fixture
def made(bench: Resource) -> Reservation:
    """The startup's, tomorrow from ten to twelve."""
    return reserve(bench, demo_people()["startup"], wish(10, 2))


def opened(
    page: Page, path: str = f"/timeline/?date={DAY}&organisation=krachka"
) -> Page:
    page.goto(path)
    expect(page.locator("html.js")).to_be_attached()
    page.wait_for_load_state("networkidle")
    return page


def place(page: Page, lane: str, clock: str) -> tuple[float, float]:
    x, y = page.evaluate(PLACE, [lane, clock])
    return x, y


def drag(page: Page, lane: str, start: str, end: str, *, to: str = "") -> None:
    """From one time of a lane to another, perhaps of another lane."""
    page.mouse.move(*place(page, lane, start))
    page.mouse.down()
    x, y = place(page, to or lane, end)
    page.mouse.move(x - 5, y, steps=3)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


def wanted(page: Page, lab: Resource) -> dict[str, str]:
    """What the form of that resource was opened with."""
    page.wait_for_url(f"**/reserve/{lab.slug}/**")
    query = parse_qs(urlsplit(page.url).query)
    return {name: values[0] for name, values in query.items()}


def cell(page: Page, made: Reservation) -> Locator:
    return page.locator(f'td[data-reference="{made.reference}"]')


def toast(page: Page) -> Locator:
    return page.locator("#toasts")


@pytest.mark.parametrize("zone", ["Europe/Sofia", "America/New_York"])
def test_mouse__dragged_over_a_gap__opens_the_form_with_it(
    visit: Visits, bench: Resource, zone: str
) -> None:
    page = opened(visit("startup", timezone_id=zone))
    drag(page, bench.slug, "13:00", "14:45")
    assert wanted(page, bench) == {"day": DAY, "from": "13:00", "hours": "2"}
    expect(page.locator("main")).to_contain_text("13:00–15:00")


def test_mouse__moved__can_be_undone(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("startup"))
    drag(page, bench.slug, "11:00", "15:00")
    expect(toast(page)).to_contain_text("Moved: Bench, Wed 14 Oct, 14:00–16:00.")
    expect(cell(page, made)).to_contain_text("14:00–16:00")
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(14)
    toast(page).get_by_role("button", name="Undo").click()
    expect(cell(page, made)).to_contain_text("10:00–12:00")
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10)


def test_mouse__moved_onto_another__goes_back_and_names_it(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    reserve(bench, demo_people()["stranger"], wish(14, 2))
    visit.expect(409)
    page = opened(visit("host"))
    drag(page, bench.slug, "11:00", "14:00")
    expect(toast(page)).to_contain_text("Not moved: Podlez has Bench 14:00–16:00.")
    expect(cell(page, made)).to_contain_text("10:00–12:00")
    toast(page).get_by_role("button", name="12:00–14:00").click()
    expect(cell(page, made)).to_contain_text("12:00–14:00")


def test_mouse__edge_dragged__resizes(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("startup"))
    page.mouse.move(*place(page, bench.slug, "12:00"))
    box = cell(page, made).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(*place(page, bench.slug, "13:00"), steps=4)
    page.mouse.up()
    expect(toast(page)).to_contain_text("10:00–13:00")
    made.refresh_from_db()
    assert (made.starts_at, made.ends_at) == (tomorrow_at(10), tomorrow_at(13))


def test_mouse__of_somebody_else__has_no_handle_and_stays(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("stranger"))
    assert page.locator(".grip").count() == 0
    drag(page, bench.slug, "11:00", "15:00")
    page.wait_for_timeout(300)
    expect(page.locator(".ghost")).to_have_count(0)
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10)


def test_week__dragged_to_another_day__moves_there(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("startup"), f"/resources/{bench.slug}/week/?date={DAY}")
    drag(page, DAY, "11:00", "11:00", to="2026-10-16")
    expect(toast(page)).to_contain_text("Moved: Bench, Fri 16 Oct, 10:00–12:00.")
    made.refresh_from_db()
    assert made.starts_at == tomorrow_at(10, days=3)
    drag(page, DAY, "13:00", "13:45")
    assert wanted(page, bench) == {"day": DAY, "from": "13:00", "hours": "1"}


def test_keys__one_stop__walk_select_and_reserve(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("startup"))
    # The whole grid is one stop of the Tab key.
    stops = "nodes => nodes.filter(node => node.tabIndex >= 0).length"
    assert page.locator(".lanes td, .lanes a").evaluate_all(stops) == 1
    row = page.locator(f'tr[data-lane="{bench.slug}"]')
    row.locator("td a").first.focus()
    said = page.locator("#said")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(row.locator("th a")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(row.locator("td.free a").last).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(said).to_have_text("12:00–13:00, 1 h. Enter reserves, Escape gives up")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("12:15–13:15, 1 h")
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert wanted(page, bench) == {"day": DAY, "from": "12:00", "hours": "0.75"}


def test_keys__alt_and_arrows__move_and_stretch(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = opened(visit("startup"))
    cell(page, made).locator("a").focus()
    for _ in range(4):
        page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#said")).to_contain_text("11:00–13:00, 2 h. Enter moves")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(page.locator("#said")).to_contain_text("10:00–12:15, 2 h 15 min")
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("Moved: Bench")
    # Whoever was at it is at it still, though the grid is a new one.
    expect(cell(page, made).locator("a")).to_be_focused()
    made.refresh_from_db()
    assert (made.starts_at, made.ends_at) == (tomorrow_at(10), tomorrow_at(12, 15))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reservations/{made.reference}/")


class Finger:
    """One on a screen that can be touched."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": x, "y": y} for x, y in points]
        event = {"type": kind, "touchPoints": given}
        self.session.send("Input.dispatchTouchEvent", event)


def test_touch__held_and_dragged__selects(visit: Visits, bench: Resource) -> None:
    page = opened(visit("startup", device="phone"))
    x, y = place(page, bench.slug, "13:00")
    scrolled = page.evaluate("scrollY")
    touch = Finger(page)
    touch("touchStart", (x, y))
    page.wait_for_timeout(500)
    until, _ = place(page, bench.slug, "15:00")
    for part in (0.3, 0.7, 1):
        touch("touchMove", (x + (until - x) * part, y))
    assert page.evaluate("scrollY") == scrolled
    touch("touchEnd")
    found = wanted(page, bench)
    assert (found["from"], found["hours"]) in {("13:00", "2.25"), ("13:00", "2")}


def test_touch__swiped__scrolls_and_selects_nothing(
    visit: Visits, bench: Resource
) -> None:
    page = opened(visit("startup", device="phone"))
    x, y = place(page, bench.slug, "13:00")
    scrolled = page.evaluate("scrollY")
    touch = Finger(page)
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x, y - 20 * step))
    touch("touchEnd")
    page.wait_for_timeout(600)
    assert page.evaluate("scrollY") > scrolled
    expect(page.locator(".ghost")).to_have_count(0)
    assert "/timeline/" in page.url


def test_no_javascript__gaps_and_reservations_are_links(
    visit: Visits, bench: Resource, made: Reservation
) -> None:
    page = visit("startup", javascript=False)
    page.goto(f"/timeline/?date={DAY}")
    row = page.locator(f'tr[data-lane="{bench.slug}"]')
    row.get_by_role("link", name="Startup").or_(
        row.locator(f'a[href="/reservations/{made.reference}/"]')
    ).click()
    expect(page.locator("h1")).to_contain_text("Bench")
    page.go_back()
    row.locator("td.free a").last.click()
    assert wanted(page, bench) == {"day": DAY, "from": "12:00", "hours": "2"}


def test_phone__each_resource_is_a_strip__page_does_not_scroll_sideways(
    visit: Visits, bench: Resource
) -> None:
    page = opened(visit("startup", device="tiny"))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == page.evaluate("innerWidth") == 320
    name = page.locator(f'tr[data-lane="{bench.slug}"] th').bounding_box()
    slot = page.locator(f'tr[data-lane="{bench.slug}"] td.free a').bounding_box()
    assert name
    assert slot
    assert slot["y"] >= name["y"] + name["height"] - 1
    assert slot["height"] >= 44


def test_fresh__polled__shows_what_changed_and_keeps_the_focus(
    visit: Visits, bench: Resource
) -> None:
    page = opened(visit("startup"))
    row = page.locator(f'tr[data-lane="{bench.slug}"]')
    row.locator("td.free a").focus()
    reserve(bench, demo_people()["stranger"], wish(14, 2))
    page.evaluate("document.body.dispatchEvent(new Event('timeline-changed'))")
    expect(row.get_by_text("Taken")).to_be_visible()
    expect(row.locator("td.free a").first).to_be_focused()


def test_fresh__while_selecting__leaves_what_one_is_at(
    visit: Visits, bench: Resource
) -> None:
    page = opened(visit("startup"))
    row = page.locator(f'tr[data-lane="{bench.slug}"]')
    row.locator("td.free a").focus()
    page.keyboard.press("Shift+ArrowRight")
    reserve(bench, demo_people()["stranger"], wish(14, 2))
    with page.expect_response("**/timeline/**"):
        page.evaluate("document.body.dispatchEvent(new Event('timeline-changed'))")
    page.wait_for_timeout(200)
    expect(page.locator(".ghost")).to_be_visible()
    expect(row.get_by_text("Taken")).to_have_count(0)


def test_fresh__connection_lost__says_of_when_it_is(
    visit: Visits, bench: Resource
) -> None:
    visit.expect("no answer", "htmx:")
    page = opened(visit("startup"))
    page.route("**/timeline/**", lambda route: route.abort("connectionrefused"))
    expect(page.locator(".as-of")).to_be_hidden()
    page.evaluate("document.body.dispatchEvent(new Event('timeline-changed'))")
    expect(page.locator(".as-of")).to_contain_text("This is as of 11:20.")
    expect(toast(page)).to_be_empty()
