"""A host asks, a guest answers with a file, the host reads it; hours for some."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from booking.models import RestrictedHours
from booking.questions import Asked
from booking.selectors.questions import questions_of
from labs.models import Resource
from tests.browser import axe
from tests.browser.pages import rig
from tests.browser.test_terms import CHEMICALS, free, opened
from tests.browser.visits import Visits

__all__ = ["free"]


def test_answers__startup__sends_a_file_and_the_host_reads_it(
    visit: Visits, free: dt.datetime, tmp_path: Path
) -> None:
    sheet = tmp_path / "gum.pdf"
    sheet.write_bytes(b"%PDF-1.7 gum")
    visit.expect(422)
    page = opened(visit("startup"), free, 2)
    page.get_by_label(CHEMICALS).select_option("Spirit gum")
    page.get_by_label("Safety data sheet").set_input_files(sheet)
    # The browser asks for it; without that the server does, and nothing is lost.
    page.evaluate("document.querySelector('#reserve-form').noValidate = true")
    page.locator("#reserve-form .steps .primary").click()
    expect(page.get_by_text("gum.pdf has arrived")).to_be_visible()
    assert axe.violations(page, axe.ALL) == []
    expect(page.get_by_label(CHEMICALS)).to_have_value("Spirit gum")
    page.get_by_label("I accept version 2 of the terms of use").check()
    page.locator("#reserve-form .steps .primary").click()
    expect(page).to_have_url(re.compile("/reservations/[A-Z0-9]{8}/$"))
    read = visit("host")
    read.goto(page.url)
    answers = read.locator("dl.answers")
    expect(answers).to_contain_text("Spirit gum")
    with read.expect_download() as download:
        answers.get_by_text("gum.pdf").click()
    assert download.value.suggested_filename == "gum.pdf"
    assert Path(download.value.path()).read_bytes() == sheet.read_bytes()


def test_desk__host__asks_and_changes_a_question(visit: Visits) -> None:
    lab = Resource.objects.get(slug=rig()[0])
    page = visit("host")
    page.goto(f"/desk/{lab.slug}/questions/")
    new = page.locator("form", has_text="Another question")
    new.get_by_label("Question", exact=True).fill("How many takes?")
    new.get_by_label("Question in Bulgarian").fill("Колко дубъла?")
    new.get_by_label("Answer", exact=True).select_option("number")
    new.get_by_role("button", name="Ask it").click()
    added = page.locator("li", has_text="How many takes?")
    expect(added.locator(".tag").first).to_have_text("Number")
    added.get_by_text("Change").click()
    added.get_by_label("Must be answered").check()
    added.get_by_role("button", name="Save").click()
    expect(added.get_by_text("must be answered").first).to_be_visible()
    expected = Asked(
        "how-many-takes", "number", "How many takes?", "Колко дубъла?", True
    )
    assert questions_of(lab.pk)[-1] == expected
    added.get_by_role("button", name="Remove").click()
    expect(added).to_have_count(0)
    assert axe.violations(page, axe.ALL) == []


@pytest.mark.parametrize("device", ["desktop", "tiny"])
def test_desk__host__keeps_hours_for_some(visit: Visits, device: str) -> None:
    lab = Resource.objects.get(slug=rig()[0])
    page = visit("host", device=device)
    page.goto(f"/desk/{lab.slug}/restricted/")
    before = RestrictedHours.objects.filter(resource=lab).count()
    page.get_by_label("From", exact=True).select_option("09:00")
    page.get_by_label("To", exact=True).select_option("10:00")
    page.get_by_label("Glasovod").check()
    page.get_by_role("button", name="Keep them for these").click()
    row = page.locator("li", has_text="09:00–10:00: only Krachka, Glasovod")
    expect(row).to_be_visible()
    assert axe.violations(page, axe.ALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    guest = visit("startup")
    guest.goto(f"/resources/{lab.slug}/")
    expect(guest.get_by_text("09:00–10:00: only Krachka, Glasovod")).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    assert RestrictedHours.objects.filter(resource=lab).count() == before
