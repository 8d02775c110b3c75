"""No page, in no language and no colours, keeps anybody out (WCAG 2.2 A and AA)."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.browser.axe import ALL, CONTRAST, violations
from tests.browser.pages import Page, case_id, cases
from tests.browser.visits import DEVICES, Visits

# Everything is asked once in each language, once in each scheme, once on each device;
# of the colours, which are all that a scheme changes, every other combination is.
Scheme = Literal["light", "dark"]
ROUNDS: tuple[tuple[str, str, tuple[Scheme, Scheme]], ...] = (
    ("en", "desktop", ("light", "dark")),
    ("bg", "phone", ("dark", "light")),
)

BARRIERS = """
<input id="nameless"><img src="/static/atrium.svg">
<p id="ink">Black on white can be read, black on black cannot.</p>
"""


@pytest.mark.parametrize(("page", "who"), cases(), ids=case_id)
def test_page__in_both_languages_and_schemes__has_no_violations(
    visit: Visits, page: Page, who: str
) -> None:
    visit.expect(page.status)
    shown = visit(who)
    path = page.path()
    faults = []
    for language, device, schemes in ROUNDS:
        visit.speak(shown, who, language)
        shown.set_viewport_size(DEVICES[device]["viewport"])
        for scheme, options in zip(schemes, (ALL, CONTRAST), strict=True):
            shown.emulate_media(color_scheme=scheme)
            if options is ALL:
                shown.goto(path)
            where = f"{page.name} as {who}, {language}, {scheme}, {device}"
            faults += [f"{where}: {each}" for each in violations(shown, options)]
    assert not faults, "\n".join(faults)


def test_axe__page_that_keeps_people_out__is_told_with_rule_and_node(
    visit: Visits,
) -> None:
    shown = visit("startup")
    shown.goto("/")
    assert violations(shown, ALL) == []
    shown.evaluate("html => document.querySelector('main').innerHTML = html", BARRIERS)
    found = {each.split(":")[0]: each for each in violations(shown, ALL)}
    assert {"label", "image-alt"} <= found.keys()
    assert "['#nameless']" in found["label"]
    shown.evaluate("document.querySelector('#ink').style.color = '#111'")
    assert violations(shown, CONTRAST) == []
    shown.emulate_media(color_scheme="dark")
    assert "color-contrast" in violations(shown, CONTRAST)[0]
