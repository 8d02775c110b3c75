"""Asks axe what keeps people from using a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ALL: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    # Of level AA in WCAG 2.2, but left out unless asked for by name.
    "rules": {"target-size": {"enabled": True}},
}
CONTRAST: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
NODES = 5


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Return what axe finds in the page, a line for each rule, once nothing is awaited.

    What an answer is about to replace is dimmed for as long as that takes.
    """
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    run = "options => axe.run({resultTypes: ['violations'], ...options})"
    found: dict[str, Any] = page.evaluate(run, options)
    return [_line(each) for each in found["violations"]]


def _line(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    shown = [f"{node['target']} {node['failureSummary']}" for node in nodes[:NODES]]
    lines = [f"{violation['id']}: {violation['help']}, {len(nodes)} times", *shown]
    return "\n    ".join(line.replace("\n", " ") for line in lines)
