"""Stages, deputies and rules, as those who need them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from booking.models import ApprovalRule, Delegation, Reservation
from booking.models.reservation import Status
from labs.models import User
from tests.browser.pages import in_stages
from tests.browser.visits import Visits


@pytest.mark.parametrize("language", ["en", "bg"])
def test_path__startup_sees_the_steps_then_staff_decide_the_last(
    visit: Visits, language: str
) -> None:
    (reference,) = in_stages()
    page = visit("startup", language=language)
    page.goto(f"/reservations/{reference}/")
    expect(page.locator(".path > li")).to_have_count(2)
    expect(page.locator(".path [aria-current='step']")).to_have_count(1)
    expect(page.locator(".path > .done")).to_contain_text("Martin Gavrailov")
    staff = visit("staff", language=language)
    staff.goto("/approvals/")
    row = staff.locator(f"#request-{reference}")
    expect(row.locator(".path > .done")).to_contain_text("Martin Gavrailov")
    row.press("a")
    expect(staff.locator(f"#request-{reference}[data-decided]")).to_be_visible()
    made = Reservation.objects.get(reference=reference)
    assert made.status == Status.APPROVED
    staff.keyboard.press("u")
    expect(row.locator("[data-step='approve']")).to_be_visible()
    made.refresh_from_db()
    assert (made.status, made.turn) == (Status.PENDING, "hub")


def test_deputy__named_by_the_host_decides_from_the_queue(visit: Visits) -> None:
    page = visit("host")
    page.goto("/approvals/deputies/")
    page.get_by_label("Deputy (e-mail)").fill("asen@krachka.example")
    page.get_by_role("button", name="Name the deputy").click()
    expect(page.locator("#toasts")).to_contain_text("decides for you")
    assert Delegation.objects.filter(deputy__email="asen@krachka.example").count() == 2
    deputy = visit(User.objects.get(email="asen@krachka.example"), language="en")
    deputy.goto("/approvals/")
    row = deputy.locator("[data-queue] > [data-request]").first
    expect(row).to_contain_text("You decide for Kamen Velinov")
    reference = (row.get_attribute("id") or "").removeprefix("request-")
    row.press("a")
    expect(deputy.locator(f"#request-{reference}[data-decided]")).to_be_visible()
    decision = Reservation.objects.get(reference=reference).decisions.get()
    assert decision.on_behalf_of == User.objects.get(email="kamen@krachka.example")


def test_rule__tried_first_then_added(visit: Visits) -> None:
    page = visit("host")
    page.goto("/desk/motion-capture-stage/approval/")
    page.get_by_label("At most so long").select_option("4")
    before = ApprovalRule.objects.count()
    page.get_by_role("button", name="Try it on the last 90 days").click()
    expect(page.locator("[role='status'] h2")).to_contain_text(
        "of the last 90 days it would have approved"
    )
    assert ApprovalRule.objects.count() == before
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator("#toasts")).to_contain_text("The rule holds from now on.")
    assert ApprovalRule.objects.get(at_most_minutes=240).resource is not None


def test_change__people__waits_again_and_says_what_was_before(visit: Visits) -> None:
    (reference,) = in_stages()
    page = visit("startup")
    page.goto(f"/reservations/{reference}/")
    page.get_by_text("Change…").click()
    page.get_by_label("People").last.fill("9")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator(".history")).to_contain_text("People: 6 → 9")
    made = Reservation.objects.get(reference=reference)
    assert (made.people, made.turn) == (9, "host")
