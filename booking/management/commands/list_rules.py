from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from booking.rule_examples import BROKEN
from booking.rules import RULES, Rule

HEAD = """\
# The rules of a reservation

Written from the code by `make rules`; a change by hand is lost. Reserving, moving and
`POST /api/v1/reservations/check/` judge by all of them, in this order, and every
refusal names all that failed. The sentence is an example of what a person reads. Hub
staff may override a rule where it says so: as a second step, named one by one, with a
reason that the reservation’s history keeps.

| code | name | sentence | found | needed | counts | override |
| --- | --- | --- | --- | --- | --- | --- |
"""


def rules_text() -> str:
    """Return all of docs/rules.md."""
    return HEAD + "".join(f"| {' | '.join(_row(each))} |\n" for each in RULES)


def _row(rule: Rule) -> Iterator[str]:
    example = BROKEN[rule.code]
    yield f"`{rule.code}`"
    yield _in_both(lambda: str(rule.name))
    yield _in_both(lambda: str(rule.judge(example).wrong))
    yield f"`{rule.judge(example).found}`"
    yield f"`{rule.judge(example).needed}`"
    yield rule.measure
    yield "hub staff" if rule.overridable else "nobody"


def _in_both(say: Callable[[], str]) -> str:
    said = []
    for language in ("en", "bg"):
        with translation.override(language):
            said.append(say().replace("\N{NO-BREAK SPACE}", " "))
    return "<br>".join(said)


class Command(BaseCommand):
    help = "Write the list of rules in Markdown, as docs/rules.md has it."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(rules_text(), ending="")
