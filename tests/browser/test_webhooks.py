"""A host's manager adds a webhook, tries it, and sends again what was given up."""

from __future__ import annotations

from playwright.sync_api import expect
from pytest_django import Settings

from notifications.models import Webhook
from notifications.services.sending import deliveries_send_due
from tests.answering import answering
from tests.browser.axe import ALL, violations
from tests.browser.visits import Visits


def test_manager__adds_a_webhook__and_sees_its_ping_arrive(
    visit: Visits, settings: Settings
) -> None:
    host = visit("host")
    visit.expect(400)
    host.goto("/my-organisations/krachka/")
    host.get_by_role("link", name="Webhooks").click()
    host.get_by_role("link", name="Add a webhook").click()
    host.get_by_label("Address of your program").fill("https://127.0.0.1/hook")
    host.get_by_role("button", name="Add it and show its secret").click()
    expect(host.get_by_role("alert")).to_contain_text("private network")
    assert violations(host, ALL) == []

    host.get_by_label("Address of your program").fill("https://example.com/hook")
    host.get_by_label("Asked to move").uncheck()
    host.get_by_role("button", name="Add it and show its secret").click()
    expect(host.locator(".secret")).to_contain_text("atr_whs_")
    assert violations(host, ALL) == []

    webhook = Webhook.objects.get(url="https://example.com/hook")
    assert "move_asked" not in webhook.events
    host.get_by_role("button", name="Send a ping").click()
    expect(host.locator("#log")).to_contain_text("Waiting")
    with answering() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        webhook.url = server.at("/hook", lambda asked: asked.say(200, b"Hello"))
        webhook.save()
        assert deliveries_send_due(seconds=1) == 1
    # The page looks by itself.
    expect(host.locator("#log")).to_contain_text("Delivered")
    host.locator("#log summary").first.click()
    expect(host.locator("#log")).to_contain_text("Hello")
    assert violations(host, ALL) == []


def test_manager__resumes_what_was_paused__and_sends_again(visit: Visits) -> None:
    host = visit("host")
    host.goto("/desk/webhooks/krachka/")
    host.locator("main").get_by_role("link", name="doors.krachka.example").click()
    expect(host.locator("main")).to_contain_text("Its receiver kept failing")
    host.get_by_role("button", name="Resume").click()
    expect(host.locator("#toasts")).to_contain_text("Resumed.")
    host.locator("summary", has_text="Send several again").click()
    host.get_by_label("Planned in the last").select_option("720")
    host.locator("details[open]").get_by_role("button", name="Send again").click()
    expect(host.locator("#toasts")).to_contain_text("4 deliveries are sent again.")
    assert violations(host, ALL) == []
