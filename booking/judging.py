"""What a rule is: its code, its name, whether staff may override it, how it judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from booking.words import length_text

if TYPE_CHECKING:
    from booking.rules import Facts


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found and what it needs; `wrong` says what is, None where it holds.

    Both are values of JSON: a number in the rule's measure, a word, or a list of them.
    """

    found: Any = None
    needed: Any = None
    wrong: StrOrPromise | None = None


#: The rule has nothing to look at here, such as a quota that nobody set.
NOTHING = Finding()


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that failed: what was found, what was needed, may staff override it."""

    code: str
    name: StrOrPromise
    detail: StrOrPromise
    overridable: bool
    found: Any
    needed: Any

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": str(self.name),
            "detail": str(self.detail),
            "overridable": self.overridable,
            "found": self.found,
            "needed": self.needed,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A named rule; called with facts it returns the Violation, or None if it holds."""

    code: str
    name: StrOrPromise
    overridable: bool
    measure: str
    judge: Callable[[Facts], Finding]

    def __call__(self, facts: Facts) -> Violation | None:
        return self.violation(self.judge(facts))

    def violation(self, finding: Finding) -> Violation | None:
        if finding.wrong is None:
            return None
        return Violation(
            self.code,
            self.name,
            finding.wrong,
            self.overridable,
            finding.found,
            finding.needed,
        )

    def said(self, value: Any) -> str:
        """Return a value that was found or needed in words: 45 min, 30 days."""
        if self.measure == "minutes" and isinstance(value, int):
            return length_text(value)
        if self.measure == "days" and isinstance(value, int):
            return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}
        return str(value)


def rule(
    code: str, name: StrOrPromise, *, overridable: bool = False, measure: str = "words"
) -> Callable[[Callable[[Facts], Finding]], Rule]:
    """Make a rule of a pure function; `measure` is what its numbers count."""

    def named(judge: Callable[[Facts], Finding]) -> Rule:
        return Rule(code, name, overridable, measure, judge)

    return named
