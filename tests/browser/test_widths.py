"""Every page fits from 320 px to 4K: nobody scrolls sideways to read."""

from __future__ import annotations

import pytest

from tests.browser.pages import Page, case_id, cases
from tests.browser.visits import DEVICES, Visits

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > width)
    .map((element) => element.outerHTML.slice(0, 80));
}"""


@pytest.mark.parametrize(("page", "who"), cases(), ids=case_id)
def test_page__narrow_or_wide__fits(visit: Visits, page: Page, who: str) -> None:
    visit.expect(page.status)
    # Bulgarian is the longer of the two.
    shown = visit(who, language="bg", device="tiny")
    shown.goto(page.path())
    assert shown.evaluate(TOO_WIDE) == []
    shown.set_viewport_size(DEVICES["wide"]["viewport"])
    assert shown.evaluate(TOO_WIDE) == []
