"""`make screenshots`: every page, as somebody sees it, into var/screenshots/."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import django
from playwright.sync_api import Page as Shown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from config import embedded  # noqa: E402 - what follows needs Django
from tests.browser.chromium import MISSING, chromium, launched  # noqa: E402
from tests.browser.hub import example_hub  # noqa: E402
from tests.browser.pages import PAGES, Page  # noqa: E402
from tests.browser.visits import Visits  # noqa: E402

FOLDER = Path("var/screenshots")
ROUNDS = (
    ("en", "light", "desktop"),
    ("en", "dark", "desktop"),
    ("en", "light", "phone"),
    ("en", "dark", "phone"),
    ("bg", "light", "desktop"),
    ("bg", "light", "phone"),
)


def take(visits: Visits, page: Page) -> None:
    """Write `<page>-<language>-<scheme>-<device>.png`, each of the full page."""
    visits.expect(page.status)
    for language, scheme, device in ROUNDS:
        who, dark = page.who[0], scheme == "dark"
        shown = visits(who, language=language, dark=dark, device=device)
        shown.goto(page.path())
        _heighten(shown)
        name = f"{page.name}-{language}-{scheme}-{device}.png"
        shown.screenshot(path=FOLDER / name, full_page=True)
        shown.context.close()


def _heighten(shown: Shown) -> None:
    """Bring all of it in sight, so that late pictures come and a bar is at the end."""
    height = shown.evaluate("document.documentElement.scrollHeight")
    shown.set_viewport_size({"width": shown.evaluate("innerWidth"), "height": height})
    shown.wait_for_load_state("networkidle")


def main(names: list[str]) -> int:
    """Take those of the named pages, or all; return the exit status."""
    known = {page.name: page for page in PAGES}
    path, unknown = chromium(), sorted({*names} - {*known})
    if unknown or path is None:
        print(f"No such page: {unknown}. There are: {[*known]}" if path else MISSING)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(embedded.servers(embedded.home(), fast=True))
        hub = stack.enter_context(example_hub())
        address = stack.enter_context(hub.served(FOLDER / "web.log"))
        browser = stack.enter_context(launched(path))
        stack.enter_context(hub.entered())
        for name in names or known:
            visits = Visits(browser, address, hub)
            take(visits, known[name])
            visits.close()
            print(f"  {FOLDER}/{name}-*.png", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
