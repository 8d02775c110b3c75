"""The queue: cleared by keys, undone in time, by two at once."""

from __future__ import annotations

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from booking.models import Reservation
from booking.models.reservation import Status
from booking.words import reason_text
from labs.models import User
from tests.browser.visits import Visits


def rows(page: Page) -> Locator:
    return page.locator("[data-queue] > [data-request]")


def waiting() -> list[Reservation]:
    return list(Reservation.objects.filter(status=Status.PENDING).order_by("starts_at"))


def reference_of(row: Locator) -> str:
    return (row.get_attribute("id") or "").removeprefix("request-")


def status_of(reference: str) -> str:
    return Reservation.objects.get(reference=reference).status


def test_queue__refuse_by_keys__takes_a_listed_reason_in_the_guests_language(
    visit: Visits,
) -> None:
    page = visit("staff")
    page.goto("/approvals/")
    User.objects.update(language="bg")
    row = rows(page).first
    reference = reference_of(row)
    row.press("r")
    expect(row.locator("[name='code']").first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(f"#request-{reference}[data-decided]")).to_be_visible()
    made = Reservation.objects.get(reference=reference)
    assert made.status == Status.DECLINED
    assert made.decline_code == "unavailable"
    with translation.override("bg"):
        said = reason_text(made.decline_code, made.reason)
    assert said == "По това време ни трябва на нас."


def test_queue__refuse_without_a_reason__keeps_the_row_and_says_so(
    visit: Visits,
) -> None:
    visit.expect(400)
    page = visit("host")
    page.goto("/approvals/")
    row = rows(page).first
    reference = reference_of(row)
    row.press("r")
    row.locator("[name='code'][value='other']").check()
    row.locator("[data-step='decline'] form button").click()
    expect(row.locator(".field .errorlist")).to_contain_text("Say why")
    assert status_of(reference) == Status.PENDING


def test_queue__keys_outside_of_rows__do_nothing(visit: Visits) -> None:
    page = visit("staff")
    page.goto("/approvals/")
    before = len(waiting())
    page.locator("h1").click()
    page.keyboard.press("a")
    row = rows(page).first
    row.press("i")
    expect(row.locator("textarea").last).to_be_focused()
    page.keyboard.type("a rx")
    expect(row.locator("textarea").last).to_have_value("a rx")
    page.keyboard.press("Escape")
    expect(row).to_be_focused()
    assert len(waiting()) == before


def test_queue__j_k_x__go_and_tick(visit: Visits) -> None:
    page = visit("staff")
    page.goto("/approvals/")
    first, second = rows(page).nth(0), rows(page).nth(1)
    first.press("j")
    expect(second).to_be_focused()
    second.press("x")
    expect(second.locator("[name='chosen']")).to_be_checked()
    second.press("k")
    expect(first).to_be_focused()
    page.get_by_role("button", name="Approve the ticked").click()
    expect(page.locator("#toasts")).to_contain_text("1 request is approved")


def test_queue__two_staff__the_second_is_told_who_was_first(visit: Visits) -> None:
    visit.expect(409)
    first = User.objects.filter(is_hub_staff=True).exclude(name="Stefania Koleva").get()
    pages = [visit("staff"), visit(first)]
    for page in pages:
        page.goto("/approvals/")
    mine, theirs = (rows(page).first for page in pages)
    reference = reference_of(mine)
    theirs.press("a")
    expect(pages[1].locator(f"#request-{reference}[data-decided]")).to_be_visible()
    mine.press("a")
    told = pages[0].locator(f"#request-{reference}[data-decided]")
    expect(told).to_contain_text("A colleague decided first")
    expect(told).to_contain_text(first.name)
    expect(told.locator("button")).to_have_count(0)


def test_queue__all_without_a_flag__asks_first_then_each_can_be_undone(
    visit: Visits,
) -> None:
    page = visit("staff")
    page.goto("/approvals/")
    total = len(waiting())
    sure = page.locator("details.sure")
    sure.locator("summary").click()
    sure.locator("button").click()
    expect(page.locator("#toasts")).to_contain_text("approved")
    assert len(waiting()) < total
    undo = page.locator("[data-step='take-back'] button")
    approved = undo.count()
    assert approved == total - len(waiting())
    undo.first.click()
    expect(undo).to_have_count(approved - 1)
    assert len(waiting()) == total - approved + 1


def test_queue__without_javascript__decides_and_undoes(visit: Visits) -> None:
    page = visit("host", javascript=False)
    page.goto("/approvals/")
    reference = reference_of(rows(page).first)
    rows(page).first.locator("form[data-step='approve'] button").click()
    assert status_of(reference) == Status.APPROVED
    page.locator("[data-step='take-back'] button").click()
    assert status_of(reference) == Status.PENDING


def test_queue__connection_lost__says_so_and_keeps_the_row(visit: Visits) -> None:
    visit.expect("no answer", "console")
    page = visit("staff")
    page.goto("/approvals/")
    page.route("**/approve/", lambda route: route.abort("internetdisconnected"))
    row = rows(page).first
    row.press("a")
    expect(page.locator("#toasts")).to_contain_text("The connection is lost")
    expect(row).to_be_visible()
    assert status_of(reference_of(row)) == Status.PENDING
