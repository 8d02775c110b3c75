"""Staff go against rules that allow it: named one by one, with a reason, on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from booking.rules import BY_CODE, Violation
from config.errors import Forbidden, Invalid
from labs.models import User


@dataclass(slots=True)
class Override:
    """The rules that somebody goes against, and once they were judged what was found.

    Made by `override_of` alone.
    """

    codes: frozenset[str]
    reason: str
    overridden: list[Violation] = field(default_factory=list)

    def rest_of(self, failed: Sequence[Violation]) -> list[Violation]:
        """Return what still stands in the way.

        Raises Invalid (400) for a rule that did not fail: nobody overrides blindly.
        """
        if blind := self.codes - {each.code for each in failed}:
            _refuse(
                _("Nothing is wrong by this rule, so look again: %(rules)s."), blind
            )
        self.overridden = [each for each in failed if each.code in self.codes]
        return [each for each in failed if each.code not in self.codes]

    def changes(self) -> dict[str, Any]:
        """Return what history keeps of it."""
        rows = [
            {"code": each.code, "found": each.found, "needed": each.needed}
            for each in self.overridden
        ]
        return {"overrides": rows}


def override_of(actor: User, codes: Sequence[str], reason: str) -> Override | None:
    """Return the override that was asked for, None where none was.

    Raises Forbidden (403) for anybody but hub staff, Invalid (400) without a reason
    and for a rule that nobody may override.
    """
    if not codes:
        return None
    if not actor.is_hub_staff:
        raise Forbidden(_("Only hub staff may override a rule."))
    if firm := {each for each in codes if not _may_be_overridden(each)}:
        _refuse(_("These rules cannot be overridden: %(rules)s."), firm)
    if not reason.strip():
        text = _("Say why you override a rule; both sides read it.")
        raise Invalid({"override_reason": [text]})
    return Override(frozenset(codes), reason.strip())


def _may_be_overridden(code: str) -> bool:
    return code in BY_CODE and BY_CODE[code].overridable


def _refuse(text: str, codes: set[str] | frozenset[str]) -> None:
    names = [str(BY_CODE[code].name) if code in BY_CODE else code for code in codes]
    raise Invalid({"overrides": [text % {"rules": ", ".join(sorted(names))}]})
