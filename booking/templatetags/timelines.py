"""A lane's cells as markup, in a third of the time that a template takes for them."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from booking.web.timelines.cells import Cell

register = template.Library()

GRIPS = '<i class="grip"></i><i class="grip end"></i>'


@register.simple_tag
def row_cells(cells: Iterable[Cell], along: str) -> SafeString:
    """Show cells that are as many columns ("col") or rows ("row") long as they last."""
    return SafeString("".join(_cell(cell, along) for cell in cells))


def _cell(cell: Cell, along: str) -> str:
    # What people wrote is escaped; the rest is numbers, slugs and words of our own.
    tag = f'a href="{escape(cell.href)}"' if cell.href else "div"
    word = f" · {escape(cell.word)}" if cell.word else ""
    return (
        f'<td class="{cell.kind}" {along}span="{cell.span}"{_data(cell, along)}>'
        f"<{tag}><b>{escape(cell.text)}</b> <span>{cell.clocks}{word}</span>"
        f"</{tag.partition(' ')[0]}>{GRIPS if cell.version else ''}"
        f"{_present(cell, along) if cell.present else ''}</td>"
    )


def _data(cell: Cell, along: str) -> str:
    found = f' data-at="{cell.at}"'
    if along == "row":
        found += f' data-lane="{cell.lane}"'
    if cell.room != cell.end:
        found += f' data-room="{cell.room}"'
    if cell.version:
        found += f' data-reference="{cell.reference}" data-version="{cell.version}"'
    return found


def _present(cell: Cell, along: str) -> str:
    upright = along == "row"
    box = f"1 {cell.span}" if upright else f"{cell.span} 1"
    path = f"M0 {cell.present}h1" if upright else f"M{cell.present} 0v1"
    return (
        f'<svg class="now" viewBox="0 0 {box}" preserveAspectRatio="none" '
        f'aria-hidden="true"><path d="{path}"/></svg>'
    )
