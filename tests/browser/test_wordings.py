"""Hub staff word a message and see it before it is saved; mails in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config.mail import call, code, foot, items, mail_html, rows, said
from notifications.models import Wording
from tests.browser.axe import ALL, violations
from tests.browser.hub import NOBODY
from tests.browser.visits import Visits

URL = "/hub/texts/approved/en/"


def test_staff__preview_follows_what_is_typed__then_it_is_saved_and_taken_back(
    visit: Visits,
) -> None:
    page = visit("staff")
    visit.expect(400)
    page.goto("/hub/texts/")
    page.locator(f'main a[href="{URL}"]').click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("What:")
    page.get_by_label("Text").fill("Come in, {{ organisation }}!")
    expect(preview).to_contain_text("Come in, ")
    page.get_by_label("Text").fill("Come in, {{ price }}!")
    expect(preview).to_contain_text("“price” is not known here.")
    assert violations(page, ALL) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("“price” is not known here.")
    expect(page.get_by_label("Text")).to_have_value("Come in, {{ price }}!")
    page.get_by_label("Text").fill("Come in!")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved")
    expect(page.locator("main")).to_contain_text("Who changed it")
    assert Wording.objects.get().text == "Come in!"
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="See the mail").click()
    expect(opened.value.locator("body")).to_contain_text("Come in!")
    assert violations(opened.value, ALL) == []
    opened.value.close()
    page.get_by_role("button", name="Go back to our words").click()
    expect(page.locator("#toasts")).to_contain_text("It says again what we wrote.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mail__in_light_and_dark__is_readable_and_fits(
    visit: Visits, scheme: str
) -> None:
    page: Page = visit(NOBODY)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 640})
    blocks = [
        said("One\nTwo"),
        code("ABCD-EFGH"),
        items(["A part: Approved", "Another: Pending"]),
        rows([("What", "Звукозаписно студио " * 3), ("", "Times in Sofia (UTC+2)")]),
        call("See it, change it or cancel it:", "http://localhost:8000/x/"),
        foot("Stop these mails:", "http://localhost:8000/y/"),
    ]
    page.set_content(mail_html(subject="Approved", language="en", blocks=blocks))

    assert violations(page, ALL) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320
