"""No page, in no language and no colours, keeps anybody out (WCAG 2.2 A and AA)."""

from __future__ import annotations

import pytest

from tests.browser.axe import ALL, CONTRAST, violations
from tests.browser.pages import Page, case_id, cases
from tests.browser.visits import DEVICES, Visits

# Everything is asked once in each language, once in each scheme, once on each device;
# of the colours, which are all that a scheme changes, every other combination is.
ROUNDS = (("en", "desktop", ("light", "dark")), ("bg", "phone", ("dark", "light")))


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
