"""What is agreed by hand at the desk, and what the startup then sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from booking.models import Agreement, Quota
from tests.browser.pages import stage
from tests.browser.visits import Visits

SEES = {
    "en": {
        "look": "Show it before saving",
        "days": "60 days",
        "save": "Save the agreement",
        "saved": "Saved. What is reserved already stays as it is.",
        "free": "No approval needed: it is yours once you send it.",
        "quota": "Each person, a day: 2 h",
    },
    "bg": {
        "look": "Преглед преди запазване",
        "days": "60 дни",
        "save": "Запазване на споразумението",
        "saved": "Запазено. Вече направените резервации остават, както са.",
        "free": "Не изисква одобрение: времето е ваше",
        "quota": "Всеки човек, на ден: 2 ч.",
    },
}


@pytest.mark.parametrize("language", ["en", "bg"])
def test_agreement__host_looks_and_saves__the_startup_sees_it_before_sending(
    visit: Visits, language: str
) -> None:
    says = SEES[language]
    agreed = Agreement.objects.get(organisation__slug="kadifka-games")
    guest = visit("startup", language=language)
    guest.goto(f"/reserve/{stage()[0]}/")
    expect(guest.locator("#standing")).not_to_contain_text(says["free"])

    page = visit("host", language=language)
    page.goto(f"/desk/agreements/{agreed.pk}/")
    page.locator('input[name="covers"][value="all"]').check()
    page.locator('select[name="horizon_days"]').select_option("60")
    page.get_by_role("button", name=says["look"]).click()
    expect(page.locator(".explained .changed")).to_have_text([says["days"]])
    agreed.refresh_from_db()
    assert (agreed.covers, agreed.horizon_days) == ("tag", 240)
    page.get_by_role("button", name=says["save"]).click()
    expect(page.get_by_role("status").first).to_contain_text(says["saved"])
    agreed.refresh_from_db()
    assert (agreed.covers, agreed.horizon_days) == ("all", 60)

    guest.goto(f"/reserve/{stage()[0]}/")
    expect(guest.locator("#standing")).to_contain_text(says["free"])
    guest.goto("/organisations/kadifka-games/")
    expect(guest.locator("main")).to_contain_text(
        agreed.name_bg if language == "bg" else agreed.name
    )


@pytest.mark.parametrize("language", ["en", "bg"])
def test_quota__added_without_javascript__counts_from_then_on(
    visit: Visits, language: str
) -> None:
    page = visit("host", language=language, javascript=False)
    page.goto(f"/desk/{stage()[0]}/policy/")
    page.locator("#quotas summary").click()
    page.locator('#quotas select[name="per"]').select_option("person")
    page.locator('#quotas select[name="window"]').select_option("day")
    page.locator('#quotas select[name="hours"]').select_option("2")
    page.locator("#quotas form button.primary").click()
    expect(page.locator("#quotas")).to_contain_text(SEES[language]["quota"])
    assert Quota.objects.filter(resource__slug=stage()[0], most_minutes=120).exists()
