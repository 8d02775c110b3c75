"""The small language in which hub staff word a message: names, and whether one is.

`{{ name }}` puts in a value, `{% if name %}…{% else %}…{% endif %}` asks whether it is
there. There is nothing else, so that a wording can reach nothing: no attribute, no
filter, no other tag.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from django.utils.translation import gettext as _

TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
NAME = re.compile(r"[a-z_]+")
STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
ALLOWED = "{% if … %}, {% else %}, {% endif %}"
#: Deeper than anybody reads.
DEEPEST = 8


class Unusable(Exception):
    """Why a wording cannot be used, in words for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Put:
    name: str


@dataclass(slots=True)
class Ask:
    """What is said where there is such a value, and where not."""

    tag: str
    name: str
    yes: list[Node] = field(default_factory=list)
    no: list[Node] | None = None

    @property
    def open(self) -> list[Node]:
        return self.yes if self.no is None else self.no


Node = Union[str, Put, Ask]  # noqa: UP007 - it names itself before it is there


@functools.lru_cache(maxsize=256)
def parsed(source: str) -> Sequence[Node]:
    """Return the nodes of a wording; raises Unusable."""
    nodes: list[Node] = []
    asks: list[Ask] = []
    for piece in TAG.split(source):
        into = asks[-1].open if asks else nodes
        if not TAG.fullmatch(piece):
            into.append(_plain(piece))
        elif piece.startswith("{{"):
            into.append(Put(_name(piece[2:-2], piece)))
        else:
            _tag(piece, into, asks)
    if asks:
        told = {"tag": asks[-1].tag, "end": "{% endif %}"}
        raise Unusable(_("%(tag)s has no end: %(end)s is missing.") % told)
    return nodes


def _tag(piece: str, into: list[Node], asks: list[Ask]) -> None:
    verb, _space, rest = piece[2:-2].strip().partition(" ")
    if verb == "if":
        if len(asks) == DEEPEST:
            raise Unusable(_("%(tag)s stands too deep in others.") % {"tag": piece})
        ask = Ask(piece, _name(rest, piece))
        into.append(ask)
        asks.append(ask)
    elif verb not in {"else", "endif"} or rest:
        told = {"tag": piece, "allowed": ALLOWED}
        raise Unusable(_("%(tag)s cannot be used: only %(allowed)s can.") % told)
    elif not asks or (verb == "else" and asks[-1].no is not None):
        told = {"tag": piece, "begin": "{% if … %}"}
        raise Unusable(_("%(tag)s has no %(begin)s before it.") % told)
    elif verb == "else":
        asks[-1].no = []
    else:
        asks.pop()


def _plain(text: str) -> str:
    if found := STRAY.search(text):
        raise Unusable(_("%(sign)s stands alone.") % {"sign": found.group()})
    return text


def _name(text: str, piece: str) -> str:
    name = text.strip()
    if not NAME.fullmatch(name):
        said = _("%(tag)s cannot be used: only a name can stand there, nothing more.")
        raise Unusable(said % {"tag": piece})
    return name


def require_known(
    source: str, *, values: Collection[str], asked: Collection[str]
) -> None:
    """Raise Unusable for a wording that is broken, or knows a name that is none.

    `values` can be put in and asked for, `asked` only that.
    """
    for node in _walk(parsed(source)):
        known = values if isinstance(node, Put) else {*values, *asked}
        if node.name in known:
            continue
        if node.name in asked:
            said = _("“%(name)s” is no text: it can only be asked for, with %(if)s.")
            raise Unusable(said % {"name": node.name, "if": "{% if … %}"})
        raise Unusable(_("“%(name)s” is not known here.") % {"name": node.name})


def _walk(nodes: Sequence[Node]) -> Iterator[Put | Ask]:
    for node in nodes:
        if isinstance(node, str):
            continue
        yield node
        if isinstance(node, Ask):
            yield from _walk([*node.yes, *(node.no or [])])


def worded(source: str, values: Mapping[str, object]) -> str:
    """Return the text; raises Unusable where it is broken or a value is missing."""
    return _said(parsed(source), values)


def _said(nodes: Sequence[Node], values: Mapping[str, object]) -> str:
    texts = []
    for node in nodes:
        if isinstance(node, str):
            texts.append(node)
            continue
        if node.name not in values:
            raise Unusable(_("“%(name)s” is not known here.") % {"name": node.name})
        if isinstance(node, Put):
            texts.append(str(values[node.name]))
        else:
            branch = node.yes if values[node.name] else node.no or []
            texts.append(_said(branch, values))
    return "".join(texts)
