"""Our words for a kind of message, in the language that hub staff write theirs in."""

from __future__ import annotations

import functools
from itertools import takewhile

from django.utils import translation

from notifications.models import Kind
from notifications.texts import kind_words
from notifications.variables import asked_of, values_of
from notifications.wording import Unusable, parsed

#: Texts that may be nothing, so that ours ask for them.
MAY_BE_NOTHING = ("actor", "reason", "organisation")


@functools.cache
def ours(kind: Kind, language: str) -> tuple[str, str]:
    """Return subject and text: our template with each name in place of its value.

    Where it says something else depending on a name, both are there.
    """
    values: dict[str, str | bool] = {
        name: f"{{{{ {name} }}}}" for name in values_of(kind)
    }
    names = [*asked_of(kind), *(name for name in MAY_BE_NOTHING if name in values)]
    with translation.override(language):
        return _unfolded(kind, names, 0, values), _unfolded(kind, names, 1, values)


def _unfolded(
    kind: Kind, names: list[str], part: int, values: dict[str, str | bool]
) -> str:
    if not names:
        return kind_words(kind, values)[part]
    name, *rest = names
    there = values.get(name, True)
    yes = _unfolded(kind, rest, part, {**values, name: there})
    no = _unfolded(kind, rest, part, {**values, name: ""})
    return _either(name, yes, no)


def _either(name: str, yes: str, no: str) -> str:
    """Return both in one; lines that are the same in both stand once, outside."""
    if yes == no:
        return yes
    ours, theirs = _lines(yes), _lines(no)
    start = _same(ours, theirs)
    end = _same(ours[start:][::-1], theirs[start:][::-1])
    middle = ("".join(all_[start : len(all_) - end]) for all_ in (ours, theirs))
    ends = ours[len(ours) - end :]
    short = "".join([*ours[:start], _asked(name, *middle), *ends])
    try:
        parsed(short)
    except Unusable:  # a line that is the same ends what another began
        return _asked(name, yes, no)
    return short


def _same(some: list[str], others: list[str]) -> int:
    """Return how many of them are the same before one is not."""
    pairs = zip(some, others, strict=False)
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _lines(text: str) -> list[str]:
    """Return the lines, each with the break before it."""
    first, *others = text.split("\n")
    return [first, *(f"\n{line}" for line in others)]


def _asked(name: str, yes: str, no: str) -> str:
    otherwise = f"{{% else %}}{no}" if no else ""
    return f"{{% if {name} %}}{yes}{otherwise}{{% endif %}}"
