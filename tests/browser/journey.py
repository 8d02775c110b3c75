"""Counts what a person does, for the numbers that the product promises."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator


@dataclass
class Journey:
    """Acts on a page; `assert journey == Journey(changes=1, clicks=2, fields=1)`."""

    clicks: int = 0
    fields: int = 0
    changes: int = 0
    keys: int = 0

    def click(self, what: Locator) -> None:
        """A button, a link, a tick."""
        self.clicks += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        """A field that is typed."""
        self.fields += 1
        what.fill(text)

    def choose(self, what: Locator, option: str) -> None:
        """A change of what is filled in: another option, or another date or time."""
        self.changes += 1
        if what.evaluate("element => element.matches('select')"):
            what.select_option(option)
        else:
            what.fill(option)

    def press(self, what: Locator, key: str) -> None:
        """A key, while the focus is there."""
        self.keys += 1
        what.press(key)
