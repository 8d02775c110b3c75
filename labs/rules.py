"""What shapes a resource can have: pure functions, for every door and the import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

#: More than any room holds; keeps a slip of the keyboard from making a million rows.
MOST_UNITS = 500
MOST_PARTS = 50
#: So many qualifications a resource can require.
MOST_REQUIRED = 20

Faults = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a resource covers units: `units` of its own, or those of its parts."""

    units: int
    is_pool: bool = False
    covers: tuple[str, ...] = ()

    @classmethod
    def wanted(
        cls, units: int | None, *, is_pool: bool = False, covers: Iterable[str] = ()
    ) -> Shape:
        """Return the shape asked for; units left out are none for a hall, else 1."""
        parts = tuple(dict.fromkeys(covers))
        return cls((0 if parts else 1) if units is None else units, is_pool, parts)


@dataclass(frozen=True, slots=True)
class Part:
    """What matters of a resource that a hall is to cover."""

    organisation: str
    site: str
    is_hall: bool


def shape_faults(shape: Shape, before: Shape | None = None) -> Faults:
    """Return what is wrong with a shape, by field; `before` is what it is now."""
    faults: Faults = {}
    if before is not None and bool(before.covers) != bool(shape.covers):
        # Its units may be reserved, alone or with the hall: nothing to convert them to.
        faults["covers"] = [
            _("A hall keeps its parts.")
            if before.covers
            else _("A resource with units of its own cannot become a hall.")
        ]
    elif shape.covers:
        faults = _hall_faults(shape)
    elif not 1 <= shape.units <= MOST_UNITS:
        faults["units"] = [_("Between 1 and %(most)s units.") % {"most": MOST_UNITS}]
    elif shape.units > 1 and not shape.is_pool:
        faults["units"] = [_("Only a pool has more than one unit.")]
    return faults


def _hall_faults(shape: Shape) -> Faults:
    faults: Faults = {}
    if shape.units:
        faults["units"] = [_("A hall has the units of its parts, none of its own.")]
    if shape.is_pool:
        faults["is_pool"] = [_("A hall is taken as a whole, so it is no pool.")]
    if len(shape.covers) > MOST_PARTS:
        faults["covers"] = [_("At most %(most)s parts.") % {"most": MOST_PARTS}]
    return faults


def part_faults(
    covers: Iterable[str], parts: Mapping[str, Part], *, organisation: str, site: str
) -> list[str]:
    """Return what is wrong with the parts of a hall of this organisation and site.

    Halls are not nested: a hall of halls names the parts of both.
    """
    return [
        fault
        for slug in covers
        if (fault := _part_fault(slug, parts.get(slug), organisation, site))
    ]


def _part_fault(slug: str, part: Part | None, organisation: str, site: str) -> str:
    if part is None:
        return _("There is no resource “%(slug)s”.") % {"slug": slug}
    if part.organisation != organisation or part.site != site:
        text = _("“%(slug)s” is of another organisation or at another site.")
        return text % {"slug": slug}
    if part.is_hall:
        return _("“%(slug)s” is a hall itself; name its parts.") % {"slug": slug}
    return ""
